// What is in force on a screen and what was on its glass, and what the rules say of it: each of
// them one plain question, answered from the documents and the plays alone.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "scheduler/decide.hpp"
#include "screen_calendar.hpp"

namespace vitrine::testing {

// One excludes the other's category.
bool compete(const Campaign& one, const Campaign& other);
// Too near to a control arm's campaign to take its slot.
bool related(const Campaign& one, const Campaign& other);
bool lists(const Flight& flight, CreativeId creative);
// A cap of 0 is none.
bool reached(std::int64_t plays, std::uint32_t cap);

class ScreenState {
 public:
  explicit ScreenState(const ZoneTable& zone) : zone_(zone) {}
  // Borrowed until the next call.
  void use(const Documents& documents, const ContentState& content);
  void set_time(std::int64_t utc_ms, const ScreenTime& now) {
    now_ms_ = utc_ms;
    now_ = now;
  }
  // A play or a ghost that begins now; 0 = nobody's.
  void remember(CampaignId campaign);
  void remember_shown(CampaignId campaign, CreativeId creative);

  const Documents& documents() const { return documents_; }
  const ScreenTime& now() const { return now_; }
  std::int64_t now_ms() const { return now_ms_; }
  // What was on the glass last, however long ago.
  CampaignId before_campaign() const { return before_campaign_; }
  CreativeId before_creative() const { return before_creative_; }

  bool usable(const Hash256& content) const;
  std::int64_t file_ms(const Hash256& content) const;          // as measured; 10 s where nobody did
  const Variant* variant_now(const Creative& creative) const;  // nullptr: cannot be shown
  bool showable(CreativeId creative, CreativeId but) const;
  bool takeover_holds() const;
  bool takeover_can_be_shown() const;

  const CampaignNumbers* numbers_of(CampaignId campaign) const;
  bool is_control(const Campaign& campaign) const;
  std::vector<const Flight*> flights_now(const Campaign& campaign) const;
  std::int64_t due_by_tonight(const CampaignNumbers& numbers, std::int64_t day) const;
  std::int64_t plays_since(CampaignId campaign, std::int64_t day) const;
  std::int64_t plays_in_hour(CampaignId campaign) const;
  bool separated(const Campaign& campaign) const;
  bool beside_competitor(const Campaign& campaign) const;
  // First and last in a run of paid plays, which house plays and takeovers set apart.
  bool in_position(const Campaign& campaign) const;
  // Its plays are not cut within the second that every play needs.
  bool has_a_second(const Campaign& campaign) const;
  bool open_at(const Campaign& campaign, std::int64_t utc_ms) const;
  // True without numbers; with some, those that do not name a guaranteed campaign owe it nothing.
  bool has_quota_left(const Campaign& campaign) const;
  // Every rule but the quota's lets it show something other than `but`.
  bool could_show(const Campaign& campaign, CreativeId but = 0) const;
  // A control arm of those that could take the slot would leave it to none of `campaigns`.
  bool a_ghost_bars(const std::vector<const Campaign*>& campaigns) const;
  // On the whole of today nothing stood in its way; see there.
  bool quota_must_be_met(const Campaign& campaign, const CampaignNumbers& numbers) const;

 private:
  bool paid(const Campaign* campaign) const {
    return campaign != nullptr && campaign->klass != CampaignClass::house;
  }
  bool house_can_follow() const;
  bool has_something(const Campaign& campaign, CreativeId but) const;

  const ZoneTable& zone_;
  Documents documents_;
  const ContentState* content_ = nullptr;
  ScreenTime now_;
  std::int64_t now_ms_ = 0;
  std::map<CampaignId, std::int64_t> last_start_ms_;
  std::map<std::pair<CampaignId, std::int64_t>, std::int64_t> plays_on_;  // campaign, day
  std::map<std::pair<CampaignId, std::int64_t>, std::int64_t> plays_at_;  // campaign, 24 day + hour
  CampaignId before_campaign_ = 0;
  CreativeId before_creative_ = 0;
};

}  // namespace vitrine::testing
