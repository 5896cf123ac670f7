#include "operator/rollout.hpp"

#include <doctest/doctest.h>

using namespace vitrine;
using namespace vitrine::op;

namespace {

using Lines = std::vector<std::string>;
const Audience kGroup{Audience::Kind::group, "demo"};

Reported reported(const std::string& kind, std::uint64_t version, ApplyState state,
                  const std::string& error = "") {
  Reported all;
  all.documents.push_back({kind, "group/demo", version, state, error});
  return all;
}

}  // namespace

TEST_CASE("each change of a screen is one line, and a repetition none") {
  Rollout rollout(DocumentKind::schedule, kGroup, 41);
  CHECK(rollout.heard("lobby-1", reported("schedule", 41, ApplyState::received)) ==
        Lines{"lobby-1: schedule 41 received"});
  CHECK(rollout.heard("lobby-1", reported("schedule", 41, ApplyState::received)).empty());
  CHECK_FALSE(rollout.finished());
  CHECK(rollout.heard("lobby-1", reported("schedule", 41, ApplyState::confirmed)) ==
        Lines{"lobby-1: schedule 41 confirmed"});
  CHECK(rollout.finished());
  CHECK_FALSE(rollout.refused());
  CHECK(rollout.summary() == "schedule 41: 1 of 1 screens confirmed");
}

TEST_CASE("nothing heard is not finished") {
  CHECK_FALSE(Rollout(DocumentKind::schedule, kGroup, 41).finished());
}

TEST_CASE("a screen that still has the version before is waited for") {
  Rollout rollout(DocumentKind::schedule, kGroup, 41);
  CHECK(rollout.heard("lobby-2", reported("schedule", 40, ApplyState::confirmed)).empty());
  (void)rollout.heard("lobby-1", reported("schedule", 41, ApplyState::confirmed));
  CHECK_FALSE(rollout.finished());
  CHECK(rollout.summary() == "schedule 41: 1 of 2 screens confirmed, 1 silent (lobby-2)");
}

TEST_CASE("a refusal ends the wait and carries the screen's own line") {
  Rollout rollout(DocumentKind::schedule, kGroup, 41);
  CHECK(rollout.heard("lobby-1", reported("schedule", 41, ApplyState::refused,
                                          "sha256 differs; keeping 40")) ==
        Lines{"lobby-1: schedule 41 refused: sha256 differs; keeping 40"});
  CHECK(rollout.finished());
  CHECK(rollout.refused());
}

TEST_CASE("other kinds and audiences are not ours") {
  Rollout rollout(DocumentKind::schedule, kGroup, 41);
  CHECK(rollout.heard("lobby-1", reported("settings", 41, ApplyState::confirmed)).empty());
  auto other = reported("schedule", 41, ApplyState::confirmed);
  other.documents[0].audience = "screen/lobby-1";
  CHECK(rollout.heard("lobby-1", other).empty());
  CHECK_FALSE(rollout.finished());
}

TEST_CASE("a newer version on the screen ends the wait for this one") {
  Rollout rollout(DocumentKind::schedule, kGroup, 41);
  CHECK(rollout.heard("lobby-1", reported("schedule", 42, ApplyState::received)) ==
        Lines{"lobby-1: schedule 41 replaced by version 42"});
  CHECK(rollout.finished());
}

TEST_CASE("a newer version that the screen refused takes no place") {
  Rollout rollout(DocumentKind::schedule, kGroup, 41);
  auto both = reported("schedule", 41, ApplyState::active);
  both.documents.push_back({"schedule", "group/demo", 42, ApplyState::refused, "wrong signature"});
  CHECK(rollout.heard("lobby-1", both) == Lines{"lobby-1: schedule 41 active"});
  CHECK(rollout.heard("lobby-1", both).empty());
  CHECK_FALSE(rollout.finished());
}

TEST_CASE("settings on a screen without a schedule have come as far as they can") {
  Rollout rollout(DocumentKind::settings, kGroup, 1);
  (void)rollout.heard("lobby-1", reported("settings", 1, ApplyState::verified));
  CHECK(rollout.finished());

  Rollout with_schedule(DocumentKind::settings, kGroup, 1);
  auto later = reported("settings", 1, ApplyState::verified);
  later.generation_offered = 3;
  (void)with_schedule.heard("lobby-1", later);
  CHECK_FALSE(with_schedule.finished());
}

TEST_CASE("a rejected creative of this document is told once for each screen") {
  Rollout rollout(DocumentKind::schedule, kGroup, 41, {"aa"});
  auto report = reported("schedule", 41, ApplyState::content);
  report.rejected_creatives = {{"aa", false, "no frames"}, {"bb", false, "not ours"}};
  CHECK(rollout.heard("lobby-1", report) ==
        Lines{"lobby-1: schedule 41 content", "lobby-1: content aa rejected: no frames"});
  CHECK(rollout.heard("lobby-1", report).empty());
}

TEST_CASE("a screen of the registry is waited for though it says nothing, and counted by its end") {
  Rollout rollout(DocumentKind::schedule, kGroup, 41);
  for (const char* screen : {"lobby-1", "lobby-2", "lobby-3", "lobby-4"}) rollout.expect(screen);
  (void)rollout.heard("lobby-1", reported("schedule", 41, ApplyState::confirmed));
  (void)rollout.heard("lobby-2", reported("schedule", 41, ApplyState::refused, "sha256 differs"));
  (void)rollout.heard("lobby-3", reported("schedule", 41, ApplyState::content));
  CHECK_FALSE(rollout.finished());
  CHECK(
      rollout.summary() ==
      "schedule 41: 1 of 4 screens confirmed, 1 refused (lobby-2: sha256 differs), 1 on their way "
      "(lobby-3: content), 1 silent (lobby-4)");
  CHECK(rollout.bar(8) == "[##------] 1 of 4 confirmed, 1 refused");
}

TEST_CASE("a takeover has come as far as it tells when it is offered") {
  Rollout rollout(DocumentKind::takeover, kGroup, 2);
  (void)rollout.heard("lobby-1", reported("takeover", 2, ApplyState::offered));
  CHECK(rollout.finished());
}
