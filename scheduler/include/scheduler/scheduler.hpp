// The scheduler of one screen: what decide() says, asked again and again. It keeps the documents
// compiled and the history counted, so that a decision costs microseconds; its answers depend on
// nothing else than decide()'s do, so after a restart they go on as if there had been none.
#pragma once

#include <memory>

#include "scheduler/standing.hpp"

namespace vitrine {

// One thread.
class Scheduler {
 public:
  explicit Scheduler(ZoneTable zone);
  ~Scheduler();
  Scheduler(Scheduler&&) noexcept;
  Scheduler& operator=(Scheduler&&) noexcept;

  // In force from the next decision on. The documents stay the caller's and must live and not
  // change while they are in use.
  void use(const Documents& documents);
  void use(ContentState content);
  // What was played before, in place of all that is remembered; then play by play, in the order of
  // their first flips.
  void remember(const History& history);
  void count(const HistoryPlay& play);

  // Only after use(documents).
  Decision decide(const Question& question);
  // Whether a slot that begins then belongs to the takeover.
  bool taken_over(const SeamTime& at);
  // Why everything else was kept out of that slot: before anything else is used or counted.
  std::vector<Rejection> why_not(const Question& question, const Decision& decision);
  // Where everybody stood in that slot: likewise.
  Standings standings(const Question& question);

 private:
  class Room;
  std::unique_ptr<Room> room_;
};

}  // namespace vitrine
