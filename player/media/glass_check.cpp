#include "glass_check.hpp"

#include "platform/crypto.hpp"
#include "platform/log.hpp"

namespace vitrine {
namespace {

// Two of the first, and the second, are less than the minute within which it is to be found.
constexpr Micros kOfAnotherAfter = 20 * kSecond;
constexpr Micros kEvery = 55 * kSecond;
constexpr Micros kInDoubtAfter = 5 * kSecond;
constexpr int kGoodAgain = 2;
constexpr int kRowsBetween = 32;
constexpr Micros kOpenAnewEvery = kHour;

constexpr const char* kBelied = "the glass does not show what is handed to it";

// Enough to tell one picture from another.
Hash256 print_of(const Picture& picture) {
  Sha256 hash;
  for (int row = 0; row < picture.height; row += kRowsBetween) {
    hash.add({picture.y + static_cast<std::ptrdiff_t>(row) * picture.y_stride,
              static_cast<std::size_t>(picture.width)});
  }
  return hash.finish();
}

}  // namespace

void GlassCheck::before(const Picture& picture, Micros now) {
  checking_ = false;
  if (now < may_be_at_) return;
  const Hash256 print = print_of(picture);
  if (now < must_be_at_ && print == checked_) return;
  checking_ = true;
  checked_ = print;
  output_.check_next();
}

Status GlassCheck::after(Micros now) {
  if (!checking_) return ok();
  checking_ = false;
  may_be_at_ = now + (belied_ ? kInDoubtAfter : kOfAnotherAfter);
  must_be_at_ = now + kEvery;
  const auto shows = output_.shows_what_was_handed();
  if (!shows) {
    if (shows.error().message != unreadable_)
      log_warn("cannot read the glass back: {}", shows.error().message);
    unreadable_ = shows.error().message;
    return ok();
  }
  unreadable_.clear();
  if (!*shows) return ok();
  if (**shows) {
    // Once may be the picture that is stuck.
    if (!belied_ || ++good_in_a_row_ < kGoodAgain) return ok();
    log_info("the glass shows what is handed to it again");
    if (trouble_) trouble_({});
    belied_ = false;
    return ok();
  }
  good_in_a_row_ = 0;
  if (!belied_) {
    log_error("{}; nothing counts as presented until it does", kBelied);
    if (trouble_) trouble_(kBelied);
  }
  belied_ = true;
  if (opened_anew_ != kAbsent && now - opened_anew_ < kOpenAnewEvery) return ok();
  opened_anew_ = now;
  may_be_at_ = must_be_at_ = 0;  // the first flip of what is opened anew
  output_.open_anew();
  return fail(ErrorCode::unavailable, kBelied);
}

}  // namespace vitrine
