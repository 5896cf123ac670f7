// The books of a link that is paid by the byte (settings, `metered`): how many bytes of creatives
// may still come now. Counted are the bytes of bodies as they arrive, without the protocols around
// them (some 3 % more). One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/zone_table.hpp"
#include "platform/clock.hpp"
#include "platform/file.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

class MeteredLink {
 public:
  using LocalNow = std::function<std::optional<LocalTime>()>;  // nullopt: no clock
  // `file` keeps the count over restarts; it is written when a MiB more has come, and within a
  // minute: a kill -9 forgets no more than that.
  MeteredLink(fs::path file, const Clock& clock, LocalNow local_now);

  // `received`: bytes since this process started. Returns what may come now:
  // Allowance::kUnlimited without `rules`.
  std::uint64_t tick(const std::optional<Metered>& rules, std::uint64_t received);

  // Why nothing comes, in words that end a sentence; empty while something may.
  std::string reason(std::uint64_t to_come) const;

 private:
  void turn_day(const std::optional<LocalTime>& now);
  void save();
  // "01:00", or with its day when that is not within 24 hours.
  std::string next_opening(const LocalTime& now) const;

  fs::path file_;
  const Clock& clock_;
  LocalNow local_now_;
  std::optional<Metered> rules_;
  // What the file holds. A day without a clock is 24 hours of CLOCK_BOOTTIME from `since`.
  std::int64_t day_ = -1;
  Micros since_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t seen_ = 0;   // of `received`
  std::uint64_t saved_ = 0;  // of bytes_
  Micros saved_at_ = 0;
  bool open_ = true;  // by the hours
};

}  // namespace vitrine
