#include "clip.hpp"

#include <algorithm>
#include <optional>

#include "audience/file_source.hpp"
#include "audience/observer.hpp"

namespace vitrine {
namespace {

constexpr Micros kStart = kHour;
constexpr std::int64_t kFramesTogether = 10;

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
  return static_cast<double>(thread_processor_ns()) * 1e-9;
}

// What became complete since the last call, so that clips of any length fit the timeline's ten
// minutes.
class Collector {
 public:
  Collector(PresenceTimeline& timeline, const ClipOptions& options, Micros start,
            ClipResult& result)
      : timeline_(timeline), options_(options), start_(start), from_(start), result_(result) {}

  void take(Micros until) {
    if (until <= from_) return;
    const Timeline timeline = timeline_.timeline(until);
    result_.person_ms += expose(timeline, 0, 0, from_, until).person_ms;
    for (const CoveredSpan& span : timeline.covered) {
      covered_ += std::max<Micros>(0, std::min(span.until, until) - std::max(span.from, from_));
    }
    for (const Crossing& crossing : timeline.crossings) {
      if (crossing.at < from_ || crossing.at >= until) continue;
      result_.crossings.push_back({seconds(crossing.at), crossing.direction});
      if (options_.on_crossing) options_.on_crossing(result_.crossings.back());
    }
    for (const PresenceInterval& stay : timeline.presence) {
      if (stay.until < from_ || stay.until >= until) continue;
      result_.visits.push_back({seconds(stay.from), seconds(stay.until)});
      if (options_.on_visit) options_.on_visit(result_.visits.back());
    }
    from_ = until;
    result_.seconds = seconds(from_);
    result_.coverage_permille = covered_ * 1000 / std::max<Micros>(from_ - start_, 1);
  }

 private:
  double seconds(Micros at) const { return static_cast<double>(at - start_) / kSecond; }

  PresenceTimeline& timeline_;
  const ClipOptions& options_;
  Micros start_, from_;
  ClipResult& result_;
  Micros covered_ = 0;
};

}  // namespace

Result<ClipResult> measure_clip(const fs::path& named, Detector& detector,
                                const ClipOptions& options) {
  std::error_code unknown;
  if (fs::exists(named, unknown) && !fs::is_regular_file(named, unknown)) {
    return fail(ErrorCode::invalid,
                named.string() +
                    " is no file: only clips are measured one by one, of a camera "
                    "nothing but sums leaves this program");
  }
  const ClipClock clip_clock;
  const SystemClock system_clock;
  const Clock& clock = options.fast ? static_cast<const Clock&>(clip_clock) : system_clock;
  auto source = open_file_source(named, clock, {.loop = false, .most_fps = options.most_fps});
  if (!source) return std::move(source).error();
  PresenceTimeline timeline(detector.quality(), detector.method(), detector.model());
  Observer observer(detector, options.line, timeline, options.tracking, {}, options.zone);
  ClipResult result;
  std::optional<Collector> collector;
  Frame frame;
  Micros first = 0;
  double spent = thread_seconds();
  for (;;) {
    auto got = (*source)->next(frame, clock.boottime() + kMinute);
    const double decoded = thread_seconds();
    result.decode_seconds += decoded - spent;
    spent = decoded;
    if (!got) {
      if (got.error().code != ErrorCode::exhausted) return std::move(got).error();
      break;
    }
    if (!*got) continue;
    if (!collector) {
      first = frame.at;
      collector.emplace(timeline, options, first, result);
    }
    observer.see(frame);
    spent = thread_seconds();
    result.cpu_seconds += spent - decoded;
    ++result.frames;
    if (result.frames % kFramesTogether == 0) {
      collector->take(timeline.complete_until(clock.boottime()));
      spent = thread_seconds();
    }
  }
  observer.lost();
  if (collector) collector->take(std::max(clock.boottime(), frame.at) + 1);
  if (frame.at > first) {
    result.fps =
        static_cast<double>(result.frames - 1) * kSecond / static_cast<double>(frame.at - first);
  }
  return result;
}

}  // namespace vitrine
