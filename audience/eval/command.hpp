// What vitrine-audience does instead of counting when it is given a clip or a file of boxes: the
// measurement itself is measured, and the figures are printed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "audience/detector.hpp"
#include "base/result.hpp"
#include "platform/command_line.hpp"

namespace vitrine {

struct EvaluationOptions {
  std::string source;      // a clip
  std::string detections;  // or boxes in MOTChallenge's format
  std::string tracker = "default";
  int max_age = 1;    // frames for which SORT keeps who is unseen
  std::string mot;    // where the tracks of `detections` go
  std::string truth;  // crossings as JSON for a clip; boxes for `detections`
  int fps = 0;        // 0 = as below
  bool fast = false;
  bool json = false;

  bool asked() const { return !source.empty() || !detections.empty(); }
};
inline constexpr int kClipFps = 10;        // looked at, at most
inline constexpr int kDetectionsFps = 25;  // of the file

void add_evaluation_options(cli::App& app, EvaluationOptions& options);

// With --json an object a line: {"type":"crossing","t","direction"}, {"type":"visit","enter",
// "leave","dwell"}, all in seconds from the first frame, and last {"type":"summary",...}. Without
// it, sentences. `make_detector` is called for clips only.
using MakeDetector = std::function<Result<std::unique_ptr<Detector>>()>;
Status evaluate(const EvaluationOptions& options, const std::string& line, const std::string& zone,
                const MakeDetector& make_detector);

}  // namespace vitrine
