// The detectors by their names, as an operator gives them.
#pragma once

#include <string>

#include "audience/detector.hpp"
#include "base/result.hpp"

namespace vitrine {

struct DetectorOptions {
  std::string name = "mog2";  // or "dnn"
  // Of dnn: CFG,WEIGHTS of Darknet or FILE.onnx; the SHA-256 that the weights must have, as hex, or
  // nothing; the width of the network's input in pixels.
  std::string model, model_sha256;
  int input_width = 320;
};

// Errors: an unknown name, a model that is missing or not wanted, and those of dnn.hpp.
Result<std::unique_ptr<Detector>> make_detector(const DetectorOptions& options);

}  // namespace vitrine
