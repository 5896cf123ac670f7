#include "field_note_sender.hpp"

#include <charconv>

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr Micros kLookForNotesEvery = 5 * kSecond;
constexpr Micros kNotesAgainAfter = kMinute;

std::uint64_t last_sent(const StatePaths& paths) {
  std::uint64_t number = 0;
  const auto text = read_text(paths.notes_sent(), 64);
  if (text) (void)std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

void FieldNoteSender::tick(const StatePaths& paths, Micros now) {
  if (now < next_) return;
  next_ = now + kLookForNotesEvery;
  if (!sent_) sent_ = last_sent(paths);
  for (const FieldNote& note : field_notes_after(paths, *sent_)) {
    if (!notify_(note.code, note.text)) {
      next_ = now + kNotesAgainAfter;
      return;
    }
    sent_ = note.number;
    if (auto kept = write_atomic(paths.notes_sent(), std::to_string(*sent_) + "\n"); !kept)
      log_warn("{}; note {} will be sent again after a restart", kept.error().message, *sent_);
  }
}

}  // namespace vitrine
