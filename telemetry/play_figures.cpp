#include "play_figures.hpp"

#include <algorithm>

namespace vitrine {
namespace {

// A screen plays one every 15 s as a rule; a backlog must not fill the memory.
constexpr std::size_t kMostPlays = 4000;

}  // namespace

void PlayFigures::take(const std::vector<PlayRow>& rows, BootId boot, Micros now) {
  for (const PlayRow& row : rows) {
    due_ += std::max<std::int64_t>(0, row.frames_due);
    dropped_ += std::max<std::int64_t>(0, row.frames_dropped);
    if (row.boot != boot || now - row.planned_start_us > kHour) continue;
    Play play{row.planned_start_us, row.frames_due, row.frames_dropped, kAbsent};
    if (row.first_flip_us != kAbsent) play.late = row.first_flip_us - row.planned_start_us;
    hour_.push_back(play);
  }
  forget(now);
}

void PlayFigures::forget(Micros now) {
  while (!hour_.empty() && (now - hour_.front().at > kHour || hour_.size() > kMostPlays))
    hour_.pop_front();
}

void PlayFigures::add(Micros now, Figures& to) {
  forget(now);
  to.emplace_back("frames_due", due_);
  to.emplace_back("frames_dropped", dropped_);
  std::int64_t due = 0, dropped = 0;
  std::vector<Micros> late;
  for (const Play& play : hour_) {
    due += play.due;
    dropped += play.dropped;
    if (play.late != kAbsent) late.push_back(play.late);
  }
  if (due > 0) to.emplace_back("frames_dropped_ppm", dropped * 1'000'000 / due);
  if (late.empty()) return;
  std::sort(late.begin(), late.end());
  to.emplace_back("lateness_p50_ms", late[(late.size() - 1) / 2] / kMillisecond);
  to.emplace_back("lateness_p99_ms", late[(late.size() - 1) * 99 / 100] / kMillisecond);
}

}  // namespace vitrine
