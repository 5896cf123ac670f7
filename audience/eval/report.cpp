#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "base/bytes.hpp"

namespace vitrine {
namespace {

// Every text in here is a word of ours or hex digits, so none needs escaping.
void line(const std::string& text) {
  fmt::print("{}\n", text);
  (void)std::fflush(stdout);
}

const char* word_of(Method method) {
  switch (method) {
    case Method::none:
      return "none";
    case Method::mog2:
      return "mog2";
    case Method::dnn:
      return "dnn";
    case Method::face:
      return "face";
  }
  return "none";
}

struct QualityWords {
  const char* quality;
  const char* counts;  // what its boxes are
};

QualityWords words_of(Quality quality) {
  switch (quality) {
    case Quality::none:
      return {"none", "nothing"};
    case Quality::flow:
      return {"flow", "objects"};
    case Quality::people:
      return {"people", "people"};
  }
  return {"none", "nothing"};
}

const char* word_of(int direction) {
  return direction > 0 ? "in" : "out";
}

double ms_a_frame(double cpu_seconds, std::int64_t frames) {
  return 1000 * cpu_seconds / static_cast<double>(std::max<std::int64_t>(frames, 1));
}

}  // namespace

void Report::crossing(const ClipCrossing& crossing) const {
  const char* direction = word_of(crossing.direction);
  line(json_ ? fmt::format(R"({{"type":"crossing","t":{:.2f},"direction":"{}"}})", crossing.seconds,
                           direction)
             : fmt::format("crossing {:8.2f} s {}", crossing.seconds, direction));
}

void Report::visit(const ClipVisit& visit) const {
  line(json_ ? fmt::format(R"({{"type":"visit","enter":{:.2f},"leave":{:.2f},"dwell":{:.2f}}})",
                           visit.enter, visit.leave, visit.dwell())
             : fmt::format("visit    {:8.2f} s to {:.2f} s, {:.2f} s", visit.enter, visit.leave,
                           visit.dwell()));
}

void Report::summary(const ClipResult& result, const Detector& detector,
                     const std::optional<Match>& matched) const {
  const auto in =
      std::count_if(result.crossings.begin(), result.crossings.end(),
                    [](const ClipCrossing& crossing) { return crossing.direction > 0; });
  const auto out = static_cast<std::ptrdiff_t>(result.crossings.size()) - in;
  double dwell = 0;
  for (const ClipVisit& visit : result.visits) dwell += visit.dwell();
  const auto [quality, counts] = words_of(detector.quality());
  const Hash256 model = detector.model();
  const std::string hash = model == Hash256{} ? "" : to_hex(model);
  const double cpu_ms = ms_a_frame(result.cpu_seconds, result.frames);
  const double decode_ms = ms_a_frame(result.decode_seconds, result.frames);
  if (json_) {
    const std::string truth =
        matched ? fmt::format(R"(,"hits":{},"missed":{},"false":{})", matched->hits,
                              matched->missed, matched->false_alarms)
                : "";
    line(fmt::format(
        R"({{"type":"summary","method":"{}","quality":"{}","counts":"{}","model":{},"in":{},)"
        R"("out":{},"visits":{},"dwell":{:.2f},"person_seconds":{:.2f},"frames":{},)"
        R"("seconds":{:.2f},"fps":{:.2f},"coverage":{:.3f},"cpu_ms":{:.3f},"decode_ms":{:.3f}{}}})",
        word_of(detector.method()), quality, counts,
        hash.empty() ? "null" : fmt::format("\"{}\"", hash), in, out, result.visits.size(), dwell,
        static_cast<double>(result.person_ms) / 1000, result.frames, result.seconds, result.fps,
        static_cast<double>(result.coverage_permille) / 1000, cpu_ms, decode_ms, truth));
    return;
  }
  line(fmt::format("{} counts {}, quality {}{}: in {}, out {}, {} visits of {:.1f} s together",
                   word_of(detector.method()), counts, quality,
                   hash.empty() ? "" : ", model " + hash, in, out, result.visits.size(), dwell));
  line(
      fmt::format("{:.1f} person-seconds, {} frames of {:.1f} s at {:.1f} a second, coverage {} "
                  "permille; {:.2f} ms a frame, decoding {:.2f}",
                  static_cast<double>(result.person_ms) / 1000, result.frames, result.seconds,
                  result.fps, result.coverage_permille, cpu_ms, decode_ms));
  if (matched) {
    line(fmt::format("of {} true crossings {} found, {} missed; {} false",
                     matched->hits + matched->missed, matched->hits, matched->missed,
                     matched->false_alarms));
  }
}

void Report::summary(const MotRun& result, const std::string& tracker,
                     const std::optional<MotScore>& score) const {
  std::set<int> ids;
  std::size_t boxes = 0;
  for (const auto& [frame, rows] : result.tracks) {
    boxes += rows.size();
    for (const MotBox& row : rows) ids.insert(row.id);
  }
  if (json_) {
    const std::string truth =
        score ? fmt::format(R"(,"truths":{},"fp":{},"fn":{},"ids":{},"mota":{:.4f},"idf1":{:.4f})",
                            score->truths, score->false_positives, score->misses, score->switches,
                            score->mota(), score->idf1())
              : "";
    line(fmt::format(R"({{"type":"summary","tracker":"{}","frames":{},"tracks":{},"boxes":{},)"
                     R"("tracker_us":{:.2f}{}}})",
                     tracker, result.frames, ids.size(), boxes, result.tracker_us, truth));
    return;
  }
  line(fmt::format("tracker {}: {} frames, {} tracks with {} boxes, {:.1f} us a frame", tracker,
                   result.frames, ids.size(), boxes, result.tracker_us));
  if (score) {
    line(fmt::format("FP {} FN {} IDs {} of {}: MOTA {:.1f}, IDF1 {:.1f}", score->false_positives,
                     score->misses, score->switches, score->truths, 100 * score->mota(),
                     100 * score->idf1()));
  }
}

}  // namespace vitrine
