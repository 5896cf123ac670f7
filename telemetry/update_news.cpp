#include "update_news.hpp"

#include <charconv>

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr Micros kLookForNewsEvery = 5 * kSecond;
constexpr Micros kNewsAgainAfter = kMinute;

std::uint64_t told_before(const StatePaths& paths) {
  std::uint64_t number = 0;
  const auto text = read_text(paths.update_told(), 64);
  if (text) (void)std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

void UpdateNews::tick(const StatePaths& paths, Micros now) {
  if (now < next_) return;
  next_ = now + kLookForNewsEvery;
  if (!told_) told_ = told_before(paths);
  const auto state = read_update_state(paths);
  // Another number, not a higher one: the state of a reinstalled machine begins anew.
  if (!state || state->code.empty() || state->told == *told_) return;
  if (!notify_(state->code, state->news)) {
    next_ = now + kNewsAgainAfter;
    return;
  }
  told_ = state->told;
  if (auto kept = write_atomic(paths.update_told(), std::to_string(*told_) + "\n"); !kept)
    log_warn("{}; \"{}\" will be said again after a restart", kept.error().message, state->news);
}

}  // namespace vitrine
