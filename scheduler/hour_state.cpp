#include "hour_state.hpp"

#include <algorithm>

#include "protocol/quota.hpp"

namespace vitrine {
namespace {

// The flight that a local day belongs to; the morning after its last day may still be its night.
const Flight* flight_or_its_night(const Campaign& campaign, std::int64_t day) {
  for (const Flight& flight : campaign.flights) {
    if (flight.first_day <= day && day <= flight.last_day + 1) return &flight;
  }
  return nullptr;
}

}  // namespace

HourState::HourState(const CompiledSchedule& schedule, std::shared_ptr<DayTurns> day_turns,
                     const PlayBook& book, const Moment& moment)
    : schedule_(&schedule),
      day_turns_(std::move(day_turns)),
      book_(&book),
      known_(moment.known),
      day_(moment.day()),
      hour_(moment.known ? moment.hour() : 0),
      accounts_(schedule.campaigns().size()) {
  for (std::size_t place = 0; place < accounts_.size(); ++place) open_account(place);
  start_races();
  book.for_each_recent([this](const HistoryPlay& play) { follow(play); });
}

void HourState::open_account(std::size_t place) {
  const CompiledCampaign& campaign = schedule_->campaigns()[place];
  Account& account = accounts_[place];
  const bool quota = has_quota(place);
  if (quota) {
    const CampaignNumbers& numbers = *campaign.numbers;
    account.due = quota_due(numbers.goal_milli, numbers.phase, day_ - numbers.first_day);
  }
  for (const PlayBook::DaySum& sum : book_->days_of(campaign.campaign->id)) {
    if (sum.day == day_) account.today += sum.plays;
    if (quota && sum.day >= campaign.numbers->first_day) account.of_quota += sum.plays;
  }
  account.left_today = campaign.daily_cap - account.today;
  account.left_this_hour = campaign.hourly_cap;
}

std::size_t HourState::group(CampaignClass klass) {
  if (klass == CampaignClass::remnant) return 1;
  return klass == CampaignClass::house ? 2 : 0;
}

void HourState::start_races() {
  const bool by_time = schedule_->schedule().sov_basis == SovBasis::time;
  std::array<std::vector<ShareMember>, 3> members;
  for (std::size_t place = 0; place < accounts_.size(); ++place) {
    if (has_quota(place)) continue;
    const CompiledCampaign& compiled = schedule_->campaigns()[place];
    const Campaign& campaign = *compiled.campaign;
    auto& race = members[group(campaign.klass)];
    accounts_[place].runner = race.size();
    ShareMember member{campaign.id, campaign.weight, 1, 0};
    for (const CompiledFlight& flight : compiled.flights) {
      if (!by_time || flight.flight->first_day > day_ || flight.flight->last_day + 1 < day_)
        continue;
      for (const FlightCreative& entry : flight.creatives) {
        member.turn = std::max(member.turn, entry.creative->length_ms());
      }
    }
    if (const Flight* flight = known_ ? flight_or_its_night(campaign, day_) : nullptr) {
      for (const PlayBook::DaySum& sum : book_->days_of(campaign.id)) {
        if (flight->first_day <= sum.day && sum.day < day_)
          member.before += sum.plays * amount_of(sum.creative);
      }
    }
    race.push_back(member);
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    races_[i] = ShareRace(std::move(members[i]), by_time);
  }
}

std::int64_t HourState::amount_of(CreativeId id) const {
  if (schedule_->schedule().sov_basis != SovBasis::time) return 1;
  const CompiledCreative* creative = schedule_->creative(id);
  return creative == nullptr ? kNominalLengthMs : creative->length_ms();
}

void HourState::follow(const HistoryPlay& play) {
  const bool today = play.local_day == day_;
  if (!play.ghost) previous_ = play;
  if (play.campaign == 0) {
    const auto& loop = schedule_->schedule().house;
    if (!today || play.ghost || std::find(loop.begin(), loop.end(), play.creative) == loop.end())
      return;
    if (loop_.size() == 2) loop_.erase(loop_.begin());
    loop_.push_back(play.creative);
    return;
  }
  const int found = schedule_->place_of(play.campaign);
  if (found < 0) return;
  const auto place = static_cast<std::size_t>(found);
  Account& account = accounts_[place];
  const CompiledCampaign& campaign = schedule_->campaigns()[place];
  if (campaign.separation > 0)
    account.rested_at = std::max(account.rested_at, play.started + campaign.separation);
  if (!today) return;
  if (play.local_hour == hour_) {
    ++account.this_hour;
    --account.left_this_hour;
  }
  if (!has_quota(place)) {
    races_[group(campaign.campaign->klass)].turn(account.runner, amount_of(play.creative));
  }
}

bool HourState::count(const HistoryPlay& play) {
  if (play.local_day != day_ || (known_ && play.local_hour != hour_)) return false;
  follow(play);
  const int found = schedule_->place_of(play.campaign);
  if (found < 0) return true;
  const auto place = static_cast<std::size_t>(found);
  ++accounts_[place].today;
  --accounts_[place].left_today;
  if (!has_quota(place)) return true;
  if (play.local_day >= schedule_->campaigns()[place].numbers->first_day)
    ++accounts_[place].of_quota;
  if (turns_q4_ != 0) {
    ++turns_[place].had;
    turns_[place].set_window();
  }
  return true;
}

void HourState::count_pending(const HistoryPlay& play) {
  pending_.push_back(play);
  count(play);
}

bool HourState::sixty_minutes_are_full(std::size_t place, Micros boottime) const {
  const std::int64_t cap = schedule_->campaigns()[place].hourly_cap;
  if (cap == kNoCap) return false;
  const CampaignId id = schedule_->campaigns()[place].campaign->id;
  std::int64_t plays = 0;
  const auto count = [&](const HistoryPlay& play) {
    plays += play.campaign == id && boottime - play.started < kHour ? 1 : 0;
  };
  book_->for_each_recent(count);
  std::for_each(pending_.begin(), pending_.end(), count);
  return plays >= cap;
}

std::int64_t HourState::in_flight(std::size_t place, const Flight& flight) const {
  const CampaignId id = schedule_->campaigns()[place].campaign->id;
  return book_->plays_since(id, flight.first_day) +
         std::count_if(pending_.begin(), pending_.end(), [&](const HistoryPlay& play) {
           return play.campaign == id && play.local_day >= flight.first_day;
         });
}

const std::vector<HourTurns>& HourState::turns(std::uint32_t live_q4) {
  if (!known_ || schedule_->documents().numbers == nullptr) return turns_;
  if (turns_q4_ == live_q4) return turns_;
  std::vector<HourAccount> accounts;
  accounts.reserve(accounts_.size());
  for (const Account& account : accounts_) {
    accounts.push_back({account.due - (account.of_quota - account.this_hour),
                        account.today - account.this_hour, account.this_hour});
  }
  turns_ = day_turns_->turns(hour_, accounts, live_q4);
  turns_q4_ = live_q4;
  return turns_;
}

// Where a creative stands in the loop more than once, the one before it tells which of them it was.
std::size_t HourState::next_in_loop() const {
  const auto& loop = schedule_->schedule().house;
  if (loop_.empty() || loop.empty()) return 0;
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < loop.size(); ++i) {
    if (loop[i] != loop_.back()) continue;
    if (!found) found = i;
    const CreativeId before = loop[(i + loop.size() - 1) % loop.size()];
    if (loop_.size() > 1 && before == loop_.front()) {
      found = i;
      break;
    }
  }
  return found ? (*found + 1) % loop.size() : 0;
}

}  // namespace vitrine
