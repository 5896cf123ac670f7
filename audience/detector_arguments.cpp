#include "detector_arguments.hpp"

namespace vitrine {

void add_detector_arguments(cli::App& app, DetectorOptions& options) {
  app.add_option("--detector", options.name, "mog2, or dnn with a model")->capture_default_str();
  app.add_option("--model", options.model,
                 "the network of dnn: CFG,WEIGHTS of Darknet, or FILE.onnx");
  app.add_option("--model-sha256", options.model_sha256,
                 "what the ONNX file, or `cat CFG WEIGHTS`, must hash to; else refused");
  app.add_option("--input-width", options.input_width,
                 "pixels to which dnn brings the picture, a multiple of 32")
      ->capture_default_str();
}

}  // namespace vitrine
