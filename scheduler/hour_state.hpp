// Where an hour stands: what each campaign had so far, today and before; who is how far in sharing
// by weight; where the house loop is. A function of the documents, the hour and what was played;
// kept up play by play while the hour lasts.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "hour_turns.hpp"
#include "play_book.hpp"
#include "segment.hpp"
#include "share_race.hpp"

namespace vitrine {

class HourState {
 public:
  // `schedule` and `book` are borrowed, and `day_turns` belong to the moment's day.
  HourState(const CompiledSchedule& schedule, std::shared_ptr<DayTurns> day_turns,
            const PlayBook& book, const Moment& moment);

  bool is_of(const Moment& moment) const {
    return moment.known == known_ && (!known_ || (moment.day() == day_ && moment.hour() == hour_));
  }
  // A play that the book holds as well, or may still come to hold. False: it is of another hour, so
  // the state has to be made anew.
  bool count(const HistoryPlay& play);
  void count_pending(const HistoryPlay& play);  // of this hour; the book knows nothing of it

  // Whether it has had what its caps grant it of the day and of the hour. Without a clock the hour
  // is the sixty minutes before `boottime`.
  bool day_is_full(std::size_t place) const { return accounts_[place].left_today <= 0; }
  bool hour_is_full(std::size_t place, Micros boottime) const {
    return known_ ? accounts_[place].left_this_hour <= 0 : sixty_minutes_are_full(place, boottime);
  }
  std::int64_t in_flight(std::size_t place, const Flight& flight) const;  // so far
  // Due by the end of the day and not had; nullopt: no quota speaks for it.
  std::optional<std::int64_t> owed(std::size_t place) const {
    if (!has_quota(place)) return std::nullopt;
    return accounts_[place].due - accounts_[place].of_quota;
  }
  std::int64_t today(std::size_t place) const { return accounts_[place].today; }
  std::int64_t this_hour(std::size_t place) const { return accounts_[place].this_hour; }
  // CLOCK_BOOTTIME from which its separation lets it play.
  Micros rested_at(std::size_t place) const { return accounts_[place].rested_at; }

  // By place; empty without numbers or clock.
  const std::vector<HourTurns>& turns(std::uint32_t live_q4);

  // The race of the campaigns that share by weight in a class, and a campaign's place in it.
  const ShareRace& race(CampaignClass klass) const { return races_[group(klass)]; }
  std::size_t runner(std::size_t place) const { return accounts_[place].runner; }

  // The newest play that was on the glass, a ghost never was.
  const std::optional<HistoryPlay>& previous() const { return previous_; }
  // Of the house loop, what comes next; it begins anew each day.
  std::size_t next_in_loop() const;

 private:
  struct Account {
    std::int64_t of_quota = 0;  // since the first day of its numbers
    std::int64_t due = 0;       // from then to the end of this day
    std::int64_t today = 0;
    std::int64_t this_hour = 0;
    std::int64_t left_today = kNoCap;
    std::int64_t left_this_hour = kNoCap;
    Micros rested_at = std::numeric_limits<Micros>::min();
    std::size_t runner = 0;
  };
  static std::size_t group(CampaignClass klass);
  bool has_quota(std::size_t place) const {
    return known_ && schedule_->campaigns()[place].numbers != nullptr;
  }
  void open_account(std::size_t place);
  bool sixty_minutes_are_full(std::size_t place, Micros boottime) const;
  void start_races();
  void follow(const HistoryPlay& play);  // what is not a sum of the book
  std::int64_t amount_of(CreativeId creative) const;

  const CompiledSchedule* schedule_;
  std::shared_ptr<DayTurns> day_turns_;
  const PlayBook* book_;
  bool known_;
  std::int64_t day_;
  std::int32_t hour_;
  std::vector<Account> accounts_;  // by place
  std::array<ShareRace, 3> races_;
  std::optional<HistoryPlay> previous_;
  std::vector<CreativeId> loop_;      // of the house loop, the last two of the day
  std::vector<HistoryPlay> pending_;  // counted, but not in the book
  std::vector<HourTurns> turns_;
  std::uint32_t turns_q4_ = 0;  // what they were made for; 0: not made yet
};

}  // namespace vitrine
