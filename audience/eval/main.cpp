// vitrine-audience-eval: what the pipeline makes of a clip, as fast as it decodes, and how that
// compares with a truth.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "audience/mog2.hpp"
#include "evaluate.hpp"

using namespace vitrine;

int main(int argc, char** argv) {
  CLI::App app(
      "Measures a clip: crossings in and out, person-seconds, and hits and misses against a truth");
  std::string camera, truth_file, line_text;
  int fps = 10;
  bool list = false;
  Mog2Options mog2;
  TrackerOptions tracking;
  app.add_option("--camera", camera, "clip to measure")->required();
  app.add_option("--truth", truth_file, "JSON with line and crossings; its line is used");
  app.add_option("--line", line_text, "x0,y0,x1,y1 in permille of the frame");
  app.add_option("--fps", fps, "frames a second looked at, at most")->check(CLI::Range(1, 60));
  app.add_flag("--list", list, "print every crossing");
  app.add_option("--history", mog2.history, "mog2: frames of background history");
  app.add_option("--threshold", mog2.threshold, "mog2: squared distance from the background");
  app.add_option("--least-area", mog2.least_area, "mog2: smallest blob, pixels at 320 wide");
  app.add_option("--least-height", mog2.least_height, "mog2: lowest blob, pixels at 320 wide");
  app.add_option("--most-aspect", mog2.most_aspect, "mog2: widest blob, width / height");
  app.add_option("--iou", tracking.least_iou, "tracker: least overlap");
  app.add_option("--hits", tracking.least_hits, "tracker: detections that make a track");
  CLI11_PARSE(app, argc, argv);

  const auto stop = [](const Error& error) {
    fmt::print(stderr, "{}\n", error.message);
    return 1;
  };
  Truth truth;
  if (!truth_file.empty()) {
    auto read = read_truth(truth_file);
    if (!read) return stop(read.error());
    truth = *read;
  }
  if (!line_text.empty()) {
    auto line = parse_line(line_text);
    if (!line) return stop(line.error());
    truth.line = *line;
  }
  const auto detector = make_mog2_detector(mog2);
  auto result = measure_clip(camera, *detector, truth.line, tracking, fps);
  if (!result) return stop(result.error());

  int in = 0, out = 0;
  for (const TimedCrossing& crossing : result->crossings) {
    ++(crossing.direction > 0 ? in : out);
    if (list)
      fmt::print("crossing {:8.2f} s {}\n", crossing.seconds,
                 crossing.direction > 0 ? "in" : "out");
  }
  fmt::print(
      "in {} out {} person-seconds {:.1f} frames {} seconds {:.1f} coverage {} permille cpu {:.2f} "
      "ms/frame\n",
      in, out, static_cast<double>(result->person_ms) / 1000, result->frames, result->seconds,
      result->coverage_permille,
      1000 * result->cpu_seconds / static_cast<double>(std::max<std::int64_t>(result->frames, 1)));
  if (!truth_file.empty()) {
    const Match matched = match(truth.crossings, result->crossings);
    fmt::print("of {} true crossings {} found, {} missed, {} false\n", truth.crossings.size(),
               matched.hits, matched.missed, matched.false_alarms);
  }
  return 0;
}
