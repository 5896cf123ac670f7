#include "metered_link.hpp"

#include <algorithm>
#include <cstdio>

#include "content_room.hpp"
#include "download.hpp"
#include "platform/config.hpp"
#include "platform/log.hpp"
#include "protocol/daypart.hpp"

namespace vitrine {
namespace {

constexpr std::uint64_t kSaveBytes = 1 << 20;
constexpr Micros kSaveEvery = kMinute;

}  // namespace

MeteredLink::MeteredLink(fs::path file, const Clock& clock, LocalNow local_now)
    : file_(std::move(file)), clock_(clock), local_now_(std::move(local_now)) {
  since_ = saved_at_ = clock_.boottime();
  auto kept = Config::read(file_);
  if (!kept) {
    if (kept.error().code != ErrorCode::not_found)
      log_warn("{}; the bytes of this day are counted from 0", kept.error().message);
    return;
  }
  day_ = kept->integer_or("day", -1);
  bytes_ = saved_ =
      static_cast<std::uint64_t>(std::max<std::int64_t>(kept->integer_or("bytes", 0), 0));
  // The window of a day without a clock goes on within a boot; after another one it begins anew,
  // with what was counted.
  const BootId boot{kept->integer_or("boot_high", 0), kept->integer_or("boot_low", 0)};
  if (boot == clock_.boot_id()) since_ = kept->integer_or("since", since_);
}

std::uint64_t MeteredLink::tick(const std::optional<Metered>& rules, std::uint64_t received) {
  const std::uint64_t came = received - seen_;
  seen_ = received;
  rules_ = rules;
  if (!rules_) return Allowance::kUnlimited;
  const auto now = local_now_();
  turn_day(now);
  bytes_ += came;
  if (bytes_ >= saved_ + kSaveBytes ||
      (bytes_ != saved_ && clock_.boottime() - saved_at_ >= kSaveEvery)) {
    save();
  }
  // Without a clock nobody knows the hour: the count alone bounds what comes.
  open_ = !now || !daypart_days(rules_->hours, *now).empty();
  if (!open_ || bytes_ >= rules_->bytes_day) return 0;
  return rules_->bytes_day - bytes_;
}

void MeteredLink::turn_day(const std::optional<LocalTime>& now) {
  bool over = false;
  if (now) {
    over = day_ >= 0 && now->day > day_;
    day_ = now->day;  // also when the clock went back: what came stays counted
    if (over) since_ = clock_.boottime();
  } else {
    over = clock_.boottime() - since_ >= kDay;
    if (over) {
      since_ = clock_.boottime();
      day_ = -1;
    }
  }
  if (!over) return;
  bytes_ = 0;
  save();
}

void MeteredLink::save() {
  saved_ = bytes_;
  saved_at_ = clock_.boottime();
  const BootId boot = clock_.boot_id();
  const std::string text = "day = " + std::to_string(day_) + "\nbytes = " + std::to_string(bytes_) +
                           "\nboot_high = " + std::to_string(boot.high) +
                           "\nboot_low = " + std::to_string(boot.low) +
                           "\nsince = " + std::to_string(since_) + "\n";
  if (auto written = write_atomic(file_, text); !written)
    log_warn("{}; a restart counts the metered bytes from what was written last",
             written.error().message);
}

std::string MeteredLink::next_opening(const LocalTime& now) const {
  constexpr std::int64_t kMinutes = 24 * 60;
  const bool used_up = bytes_ >= rules_->bytes_day;
  for (std::int64_t ahead = 1; ahead <= 8 * kMinutes; ++ahead) {
    const std::int64_t minute = now.second / 60 + ahead;
    LocalTime then;
    then.day = now.day + minute / kMinutes;
    then.second = static_cast<std::int32_t>(minute % kMinutes * 60);
    if (used_up && then.day == now.day) continue;
    if (daypart_days(rules_->hours, then).empty()) continue;
    char text[48];
    const CivilDate date = civil_from_days(then.day);
    const int hour = then.second / 3600, rest = then.second / 60 % 60;
    if (ahead <= kMinutes) {
      std::snprintf(text, sizeof text, "%02d:%02d", hour, rest);
    } else {
      std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d", date.year, date.month, date.day,
                    hour, rest);
    }
    return text;
  }
  return "no hour that comes";
}

std::string MeteredLink::reason(std::uint64_t to_come) const {
  if (!rules_ || (open_ && bytes_ < rules_->bytes_day)) return "";
  const auto now = local_now_();
  const std::string from = now ? next_opening(*now) : "the end of 24 hours";
  const std::string all = bytes_text(rules_->bytes_day);
  const bool used_up = bytes_ >= rules_->bytes_day;
  return bytes_text(to_come) + " to come, the metered link allows " + all + " a day" +
         (used_up ? ", which are used up, and more from " : " from ") + from;
}

}  // namespace vitrine
