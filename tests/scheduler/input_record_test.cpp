#include "scheduler/input_record.hpp"

#include <doctest/doctest.h>

#include "world.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// What a player writes that starts, plays on into a new day, loses a file and starts again.
struct Rows {
  std::vector<InputRow> rows;

  Rows() {
    say(1, InputKind::restated, 1);
    say(1, InputKind::tzdata, 202'502);
    say(1, InputKind::generation, 3);
    say(1, InputKind::clock_trust, 2);
    say(1, InputKind::clock_offset, 5'000);
    say(1, InputKind::content_present, 7'000, content_of(1));
    say(1, InputKind::content_present, 0, content_of(2));
    say(40, InputKind::content_absent, 0, content_of(1));
    say(41, InputKind::pending, 1);
    say(42, InputKind::pending, 0);
    say(50, InputKind::restated, 0);
    say(50, InputKind::tzdata, 202'502);
    say(50, InputKind::generation, 3);
    say(50, InputKind::content_present, 0, content_of(2));
    say(50, InputKind::quarantined, 0, content_of(2));
    say(60, InputKind::content_present, 0, content_of(2));  // let out again
    boot.low = 9;
    say(70, InputKind::restated, 1);
    say(70, InputKind::tzdata, 202'503);
  }
  void say(std::uint64_t decision, InputKind kind, std::int64_t value, const Hash256& hash = {}) {
    rows.push_back({rows.size() + 1, decision, boot, 0, kind, value, hash});
  }
  // With one row gone and the others closed up.
  std::vector<InputRow> without(std::size_t at) const {
    auto left = rows;
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
    for (std::size_t i = 0; i < left.size(); ++i) left[i].seq = i + 1;
    return left;
  }
  BootId boot{1, 1};
};

RecordedInputs after(const std::vector<InputRow>& rows, std::size_t count) {
  RecordedInputs inputs;
  for (std::size_t i = 0; i < count; ++i) inputs.take(rows[i]);
  return inputs;
}

}  // namespace

TEST_CASE("input rows add up to what a decision was made from") {
  const Rows all;
  const RecordedInputs first = after(all.rows, 7);
  CHECK(first.generation == 3);
  CHECK(first.clock == KnownClock{ClockTrust::trusted, 5'000});
  CHECK(first.content.eligible == std::set<Hash256>{content_of(1), content_of(2)});
  CHECK(first.content.length_ms == std::map<Hash256, std::uint32_t>{{content_of(1), 7'000}});
  // A file that goes takes its length with it, as it does in the player.
  const RecordedInputs gone = after(all.rows, 9);
  CHECK(gone.content.eligible == std::set<Hash256>{content_of(2)});
  CHECK(gone.content.length_ms.empty());
  CHECK(gone.pending == 1);
  const RecordedInputs anew = after(all.rows, 15);
  CHECK(anew.clock == KnownClock{});
  CHECK(anew.pending == 0);
  CHECK(anew.content.quarantined == std::set<Hash256>{content_of(2)});
  CHECK(after(all.rows, 16).content.quarantined.empty());
}

TEST_CASE("a record as a player writes it contradicts itself nowhere") {
  const auto found = contradictions(Rows().rows);
  CHECK_MESSAGE(found.empty(), found.front().text);
}

TEST_CASE("rows that are gone, or that no player writes, are found") {
  const Rows all;
  const auto first = [](const std::vector<InputRow>& rows) {
    const auto found = contradictions(rows);
    return found.empty() ? std::string() : found.front().text;
  };
  auto rows = all.rows;
  rows.erase(rows.begin() + 4);
  CHECK(first(rows) == "input row 6 (before decision 1) follows row 4: rows between them are gone");
  CHECK(first(all.without(0)).ends_with("is the first, and does not say everything"));
  CHECK(first(all.without(1)).find("the time zones' version") != std::string::npos);
  CHECK(first(all.without(10)).ends_with("but nothing was stated anew"));
  // Before an item was on its way, none was; and a file that is there cannot come.
  CHECK(first(all.without(8)).ends_with("says what was known already: an earlier row is gone"));
  rows = all.without(7);
  rows.insert(rows.begin() + 7, rows[5]);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].seq = i + 1;
  CHECK(first(rows).find("says what was known already") != std::string::npos);
  rows = all.rows;
  rows[16].value = 0;  // no player started, yet the boot is another
  CHECK(first(rows).find("is of another boot") != std::string::npos);
  rows = all.rows;
  rows[11].value = 202'501;
  CHECK(first(rows).find("another version of the time zones") != std::string::npos);
  rows = all.rows;
  rows[9].decision_seq = 39;
  CHECK(first(rows).find("goes back to an earlier decision") != std::string::npos);
}
