#include "evaluate.hpp"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "audience/file_source.hpp"
#include "audience/observer.hpp"

namespace vitrine {
namespace {

constexpr Micros kStart = kHour;

// Time that passes only while somebody waits for it.
class ClipClock final : public Clock {
 public:
  Micros boottime() const override { return now_; }
  Micros monotonic() const override { return now_; }
  Micros realtime() const override { return now_; }
  BootId boot_id() const override { return {}; }
  void sleep_until(Micros deadline) const override { now_ = std::max(now_, deadline); }

 private:
  mutable Micros now_ = kStart;
};

double thread_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

// What became complete since the last call, so that clips of any length fit the timeline's ten
// minutes.
class Collector {
 public:
  Collector(PresenceTimeline& timeline, ClipResult& result)
      : timeline_(timeline), result_(result) {}

  void take(Micros until) {
    if (until <= from_) return;
    const Timeline timeline = timeline_.timeline(until);
    const ExposureRow row = expose(timeline, 0, 0, from_, until);
    result_.person_ms += row.person_ms;
    covered_ms_ += row.coverage_permille * ((until - from_) / kMillisecond) / 1000;
    for (const Crossing& crossing : timeline.crossings) {
      if (crossing.at < from_ || crossing.at >= until) continue;
      result_.crossings.push_back(
          {static_cast<double>(crossing.at - kStart) / kSecond, crossing.direction});
    }
    from_ = until;
    const Micros all = from_ - kStart;
    result_.seconds = static_cast<double>(all) / kSecond;
    result_.coverage_permille = covered_ms_ * kSecond / std::max<Micros>(all, 1);
  }

 private:
  PresenceTimeline& timeline_;
  ClipResult& result_;
  Micros from_ = kStart;
  std::int64_t covered_ms_ = 0;
};

}  // namespace

Result<ClipResult> measure_clip(const fs::path& clip, Detector& detector, const Line& line,
                                const TrackerOptions& tracking, int most_fps) {
  const ClipClock clock;
  const double started = thread_seconds();
  auto source = open_file_source(clip, clock, {.loop = false, .most_fps = most_fps});
  if (!source) return std::move(source).error();
  PresenceTimeline timeline(detector.quality(), detector.method(), detector.model());
  Observer observer(detector, line, timeline, tracking);
  ClipResult result;
  Collector collector(timeline, result);
  Frame frame;
  for (;;) {
    auto got = (*source)->next(frame, clock.boottime() + kMinute);
    if (!got) {
      if (got.error().code != ErrorCode::exhausted) return std::move(got).error();
      break;
    }
    if (!*got) continue;
    observer.see(frame);
    ++result.frames;
    if (result.frames % 100 == 0) collector.take(timeline.complete_until(clock.boottime()));
  }
  observer.lost();
  collector.take(clock.boottime() + 1);
  result.cpu_seconds = thread_seconds() - started;
  return result;
}

Result<Truth> read_truth(const fs::path& path) {
  auto text = read_text(path);
  if (!text) return std::move(text).error();
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  const auto wrong = [&path](const char* what) {
    return fail(ErrorCode::invalid, path.string() + ": " + what);
  };
  if (!json.is_object()) return wrong("not a JSON object");
  const auto numbers = [&json](const char* key, std::size_t count) {
    std::vector<double> values;
    const auto found = json.find(key);
    if (found == json.end() || !found->is_array() || found->size() != count) return values;
    for (const auto& value : *found) values.push_back(value.is_number() ? value.get<double>() : 0);
    return values;
  };
  const auto size = numbers("size", 2);
  const auto line = numbers("line", 4);
  if (size.empty() || line.empty() || size[0] <= 0 || size[1] <= 0) return wrong("no size or line");
  const auto permille = [](double value, double whole) {
    return static_cast<int>(std::lround(1000 * value / whole));
  };
  Truth truth;
  truth.line = {permille(line[0], size[0]), permille(line[1], size[1]), permille(line[2], size[0]),
                permille(line[3], size[1])};
  const auto crossings = json.find("crossings");
  if (crossings == json.end() || !crossings->is_array()) return wrong("no crossings");
  for (const auto& entry : *crossings) {
    if (!entry.is_object() || !entry.contains("t") || !entry["t"].is_number() ||
        !entry.contains("dir") || !entry["dir"].is_string()) {
      return wrong("a crossing without t or dir");
    }
    TimedCrossing crossing{entry["t"].get<double>(), entry["dir"] == "LR" ? 1 : -1};
    const auto tolerance = entry.find("tol");
    if (tolerance != entry.end() && tolerance->is_number()) {
      crossing.tolerance = std::max(crossing.tolerance, tolerance->get<double>());
    }
    truth.crossings.push_back(crossing);
  }
  return truth;
}

Match match(const std::vector<TimedCrossing>& truth, const std::vector<TimedCrossing>& found) {
  struct Pair {
    double apart;
    std::size_t truth, found;
  };
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    for (std::size_t j = 0; j < found.size(); ++j) {
      const double apart = std::abs(truth[i].seconds - found[j].seconds);
      if (truth[i].direction == found[j].direction && apart <= truth[i].tolerance) {
        pairs.push_back({apart, i, j});
      }
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.apart < b.apart; });
  std::vector<bool> truth_taken(truth.size()), found_taken(found.size());
  Match result;
  for (const Pair& pair : pairs) {
    if (truth_taken[pair.truth] || found_taken[pair.found]) continue;
    truth_taken[pair.truth] = found_taken[pair.found] = true;
    ++result.hits;
  }
  result.missed = static_cast<int>(truth.size()) - result.hits;
  result.false_alarms = static_cast<int>(found.size()) - result.hits;
  return result;
}

}  // namespace vitrine
