#include "scheduler/input_record.hpp"

namespace vitrine {
namespace {

// Of a present file; 0 = not known, kAbsent = it may not be shown.
std::int64_t length_of(const ContentState& content, const Hash256& hash) {
  if (!content.eligible.contains(hash)) return kAbsent;
  const auto found = content.length_ms.find(hash);
  return found == content.length_ms.end() ? 0 : std::int64_t{found->second};
}

// A row that says what is known already.
bool says_nothing(const RecordedInputs& before, const InputRow& row) {
  const ContentState& content = before.content;
  switch (row.kind) {
    case InputKind::content_present:
      return length_of(content, row.content) == row.value &&
             !content.quarantined.contains(row.content);
    case InputKind::content_absent:
      return !content.eligible.contains(row.content);
    case InputKind::quarantined:
      return content.quarantined.contains(row.content);
    case InputKind::generation:
      return column_value(before.generation) == row.value;
    case InputKind::takeover:
      return column_value(before.takeover) == row.value;
    case InputKind::clock_trust:
      return column_value(before.clock.trust) == row.value;
    case InputKind::clock_offset:
      return before.clock.utc_minus_boottime == row.value;
    case InputKind::pending:
      return before.pending == row.value;
    case InputKind::restated:
    case InputKind::tzdata:
    case InputKind::display_hours:
      return false;
  }
  return false;
}

std::string row_text(const InputRow& row) {
  return "input row " + std::to_string(row.seq) + " (before decision " +
         std::to_string(row.decision_seq) + ")";
}

}  // namespace

void RecordedInputs::take(const InputRow& row) {
  switch (row.kind) {
    case InputKind::restated:
      *this = {};
      break;
    case InputKind::content_present:
      content.eligible.insert(row.content);
      content.quarantined.erase(row.content);
      content.length_ms.erase(row.content);
      if (row.value > 0) content.length_ms[row.content] = static_cast<std::uint32_t>(row.value);
      break;
    case InputKind::content_absent:
      content.eligible.erase(row.content);
      content.length_ms.erase(row.content);
      break;
    case InputKind::quarantined:
      content.quarantined.insert(row.content);
      break;
    case InputKind::clock_trust:
      set_column(clock.trust, row.value);
      break;
    case InputKind::clock_offset:
      clock.utc_minus_boottime = row.value;
      break;
    case InputKind::generation:
      generation = static_cast<std::uint64_t>(row.value);
      break;
    case InputKind::takeover:
      takeover = static_cast<std::uint64_t>(row.value);
      break;
    case InputKind::pending:
      pending = row.value;
      break;
    case InputKind::display_hours:
    case InputKind::tzdata:
      break;
  }
}

std::vector<Contradiction> contradictions(const std::vector<InputRow>& inputs) {
  std::vector<Contradiction> found;
  RecordedInputs said;
  std::int64_t tzdata = kAbsent;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const InputRow& row = inputs[i];
    const InputRow* before = i == 0 ? nullptr : &inputs[i - 1];
    const auto note = [&](const std::string& what) {
      found.push_back({row.decision_seq, row_text(row) + " " + what});
    };
    const bool anew = row.kind == InputKind::restated;
    const bool after_anew = before != nullptr && before->kind == InputKind::restated;
    if (before == nullptr) {
      if (!anew) note("is the first, and does not say everything");
    } else {
      if (row.seq != before->seq + 1)
        note("follows row " + std::to_string(before->seq) + ": rows between them are gone");
      if (row.decision_seq < before->decision_seq) note("goes back to an earlier decision");
      const bool started = anew && row.value != 0;
      if (!started && row.boot != before->boot)
        note("is of another boot than the one before, but no player started");
    }
    if (after_anew != (row.kind == InputKind::tzdata))
      note(after_anew ? "follows a restatement, which goes on with the time zones' version"
                      : "states the time zones' version, but nothing was stated anew");
    if (row.kind == InputKind::tzdata) {
      const bool same_player = after_anew && before->value == 0;
      if (same_player && tzdata != kAbsent && tzdata != row.value)
        note("has another version of the time zones than the same player had before");
      tzdata = row.value;
    }
    if (says_nothing(said, row)) note("says what was known already: an earlier row is gone");
    said.take(row);
  }
  return found;
}

}  // namespace vitrine
