// The schedule: what a person signs, usually for a group of screens (docs/contracts.md,
// "Schedule"). Plain values; the JSON form and its schema live in protocol/codec and
// protocol/schema.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace vitrine {

enum class CampaignClass { guaranteed, share, remnant, house };
enum class Currency { avg, ots };
enum class FlightPhase { prepare, warm_up, launch, burst };
enum class BillVerdict { full, three_quarters, two_seconds };
enum class SovBasis { time, plays };
// Within a run of paid plays, which house plays set apart from the next.
enum class SlotPosition { any, first, last };
// What becomes of a play when its daypart ends: shown to its end, or cut there.
enum class DaypartEnd { finish, cut };
enum class LandingType { none, follow, coupon, order, page };
enum class QrPlace { bottom_right, bottom_left, top_right, top_left };

// Half-open [from, until) in local minutes of the day. until <= from runs over midnight and belongs
// to the day it starts on. `weekdays` bit 0 = Monday.
struct Daypart {
  std::uint8_t weekdays = 0x7f;
  std::uint16_t from_minute = 0;
  std::uint16_t until_minute = 1440;
  std::vector<std::int64_t> except_days;  // days since 1970 on which it does not hold
  std::vector<std::int64_t> extra_days;   // days on which it holds whatever the weekday
};

struct WeightedCreative {
  CreativeId creative = 0;
  std::uint32_t weight = 1;  // >= 1, relative within the phase
};

// Days are local calendar days of the screen, both inclusive.
struct Flight {
  FlightPhase phase = FlightPhase::launch;
  std::int64_t first_day = 0;
  std::int64_t last_day = 0;
  std::vector<WeightedCreative> creatives;
};

struct CampaignRules {
  std::uint32_t separation_s = 0;  // least time between two plays of the campaign, start to start
  std::uint32_t hourly_cap = 0;    // 0 = none
  std::uint32_t daily_cap = 0;     // 0 = none
  std::vector<std::string> exclude_categories;  // competitors: never next to one of these
  SlotPosition position = SlotPosition::any;
  DaypartEnd daypart_end = DaypartEnd::finish;
};

struct QrTemplate {
  std::string url;  // holds {token}
  LandingType landing = LandingType::none;
  std::vector<std::string> targets;  // the only addresses the redirect may answer with
  // The corner of the main zone where the code stands, and its side in permille of the shorter side
  // of the output. It can be scanned from some ten times its side away.
  QrPlace place = QrPlace::bottom_right;
  std::uint32_t size_permille = 250;
};

struct Campaign {
  CampaignId id = 0;
  std::string label;
  AdvertiserId advertiser = 0;
  std::string category;
  CampaignClass klass = CampaignClass::share;
  Currency currency = Currency::avg;
  std::vector<std::uint8_t> target_groups;  // 0..9
  std::uint32_t max_plays_day = 0;          // per screen; bounds the numbers document; 0 = none
  BillVerdict bill_verdict = BillVerdict::full;
  std::uint32_t weight = 1;  // share of voice when no numbers document applies
  std::vector<Flight> flights;
  std::vector<Daypart> dayparts;  // empty = always
  CampaignRules rules;
  std::optional<QrTemplate> qr;
};

struct Variant {
  VariantId id = 0;
  std::vector<std::uint8_t> groups;  // shown where these groups dominate; empty = everybody
  Hash256 content{};
};

struct Creative {
  CreativeId id = 0;
  std::string label;
  std::uint32_t length_ms = 0;  // stills must state it; for video 0 = the file's own length
  bool muted = false;
  std::vector<Variant> variants;  // the first is the default
};

struct ContentItem {
  Hash256 sha256{};
  std::uint64_t size = 0;
  std::string media_type;
  std::string path;  // below an origin of the signed settings
};

// Fractions of the output in permille; a zero-sized zone is absent.
struct Zone {
  std::uint16_t x = 0, y = 0, width = 0, height = 0;
};
struct Layout {
  Zone main{0, 0, 1000, 1000};
  Zone ticker;
  Zone corner;
  std::string ticker_text;
  CreativeId corner_creative = 0;
};

// One decision unit for several screens: a cycle computed beforehand, followed by the clock alone.
struct SyncGroup {
  std::string name;
  std::uint32_t cycle_ms = 0;
  std::vector<CreativeId> cycle;
};

struct Schedule {
  std::string label;
  SovBasis sov_basis = SovBasis::plays;
  std::vector<Campaign> campaigns;
  std::vector<Creative> creatives;
  std::vector<ContentItem> content;
  std::vector<CreativeId> house;  // the loop that fills what nobody bought
  Layout layout;
  std::optional<SyncGroup> sync;

  const Campaign* campaign(CampaignId id) const;
  const Creative* creative(CreativeId id) const;
  const ContentItem* find_content(const Hash256& sha256) const;
};

}  // namespace vitrine
