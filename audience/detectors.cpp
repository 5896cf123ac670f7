#include "audience/detectors.hpp"

#include "audience/dnn.hpp"
#include "audience/mog2.hpp"

namespace vitrine {

Result<std::unique_ptr<Detector>> make_detector(const DetectorOptions& options) {
  if (options.name == "mog2") {
    if (!options.model.empty()) {
      return fail(ErrorCode::invalid, "a model is given, and detector mog2 has none; dnn has");
    }
    return make_mog2_detector();
  }
  if (options.name != "dnn") {
    return fail(ErrorCode::invalid,
                "unknown detector \"" + options.name + "\"; there are mog2 and dnn");
  }
  auto model = parse_model(options.model);
  if (!model) return std::move(model).error().context("detector dnn");
  DnnOptions dnn{.model = *model, .input_width = options.input_width};
  if (!options.model_sha256.empty()) {
    dnn.expected = hash_from_hex(options.model_sha256);
    if (!dnn.expected) {
      return fail(ErrorCode::invalid,
                  "\"" + options.model_sha256 + "\" is no SHA-256: 64 hexadecimal digits");
    }
  }
  return make_dnn_detector(dnn);
}

}  // namespace vitrine
