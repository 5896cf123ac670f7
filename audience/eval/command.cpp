#include "command.hpp"

#include "clip.hpp"
#include "mot_run.hpp"
#include "mot_score.hpp"
#include "report.hpp"
#include "truth.hpp"

namespace vitrine {
namespace {

Status evaluate_clip(const EvaluationOptions& options, const std::string& line,
                     const std::string& zone, const MakeDetector& make_detector) {
  ClipOptions clip;
  clip.fast = options.fast;
  clip.most_fps = options.fps > 0 ? options.fps : kClipFps;
  auto parsed_line = parse_line(line);
  if (!parsed_line) return std::move(parsed_line).error();
  clip.line = *parsed_line;
  auto parsed_zone = parse_zone(zone);
  if (!parsed_zone) return std::move(parsed_zone).error();
  clip.zone = *parsed_zone;
  std::optional<Truth> truth;
  if (!options.truth.empty()) {
    auto read = read_truth(options.truth);
    if (!read) return std::move(read).error();
    truth = *read;
    clip.line = truth->line;
  }
  auto detector = make_detector();
  if (!detector) return std::move(detector).error();
  const Report report(options.json);
  clip.on_crossing = [&report](const ClipCrossing& crossing) { report.crossing(crossing); };
  clip.on_visit = [&report](const ClipVisit& visit) { report.visit(visit); };
  auto result = measure_clip(options.source, **detector, clip);
  if (!result) return std::move(result).error();
  std::optional<Match> matched;
  if (truth) matched = match(truth->crossings, result->crossings);
  report.summary(*result, **detector, matched);
  return ok();
}

Status evaluate_detections(const EvaluationOptions& options) {
  auto detections = read_mot(options.detections);
  if (!detections) return std::move(detections).error();
  std::optional<MotFrames> truth;
  if (!options.truth.empty()) {
    auto read = read_mot(options.truth);
    if (!read) return std::move(read).error();
    truth = std::move(*read);
  }
  const Micros frame = kSecond / (options.fps > 0 ? options.fps : kDetectionsFps);
  const MotRun result = options.tracker == "sort"
                            ? sort_detections(*detections, frame, options.max_age)
                            : track_detections(*detections, {}, frame);
  if (!options.mot.empty()) {
    if (auto written = write_mot(options.mot, result.tracks); !written) return written;
  }
  std::optional<MotScore> score;
  if (truth) score = score_tracks(*truth, result.tracks);
  Report(options.json).summary(result, options.tracker, score);
  return ok();
}

}  // namespace

void add_evaluation_options(cli::App& app, EvaluationOptions& options) {
  const std::string group = "Evaluation (no counting: prints figures and ends)";
  app.add_option("--source", options.source, "clip to measure; a camera is refused")->group(group);
  auto* detections =
      app.add_option("--detections", options.detections, "boxes to track, in MOTChallenge's format")
          ->group(group);
  app.add_option("--tracker", options.tracker, "of --detections: default, or sort as published")
      ->check(cli::one_of({"default", "sort"}))
      ->group(group);
  app.add_option("--max-age", options.max_age, "of --tracker sort: frames unseen")
      ->check(cli::range(1, 1000))
      ->capture_default_str()
      ->group(group);
  app.add_option("--mot", options.mot, "where their tracks go")->needs(detections)->group(group);
  app.add_option("--truth", options.truth,
                 "crossings with their line (JSON) of the clip, or boxes with their owners")
      ->group(group);
  app.add_option("--fps", options.fps,
                 "frames a second: looked at, at most (10); of --detections (25)")
      ->check(cli::range(1, 1000))
      ->group(group);
  app.add_flag("--fast", options.fast, "as fast as the clip decodes")->group(group);
  app.add_flag("--json", options.json, "a JSON object a line")->group(group);
}

Status evaluate(const EvaluationOptions& options, const std::string& line, const std::string& zone,
                const MakeDetector& make_detector) {
  if (!options.source.empty() && !options.detections.empty()) {
    return fail(ErrorCode::invalid, "either --source or --detections, not both");
  }
  return options.source.empty() ? evaluate_detections(options)
                                : evaluate_clip(options, line, zone, make_detector);
}

}  // namespace vitrine
