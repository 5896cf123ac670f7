// People found by a network that the operator brings: OpenCV's dnn module, one thread, quality
// `people`. Nothing of it is in the product but the code that runs it.
//
// A model is read here when it answers with rows of [centre x, centre y, width, height, object,
// score of class 0, other classes...], the first four as shares of the picture and the score
// already times `object`: what OpenCV makes of Darknet's [yolo] and [region] layers. An ONNX file
// must answer with such rows itself, rows x columns or 1 x rows x columns, and take planes of red,
// green and blue of 0..1 in any size that is a multiple of 32. Class 0 is the person (the only one,
// or COCO's first).
#pragma once

#include <optional>

#include "audience/detector.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct ModelFiles {
  fs::path description;  // Darknet's .cfg; empty = `weights` is one ONNX file
  fs::path weights;
};
// "CFG,WEIGHTS" or "FILE.onnx"
Result<ModelFiles> parse_model(const std::string& text);

struct DnnOptions {
  ModelFiles model;
  // SHA-256 of the ONNX file, or of Darknet's description and weights one after the other, as by
  // `cat A.cfg A.weights | sha256sum`: anchors and sizes are in the description, and change counts.
  std::optional<Hash256> expected;
  // Pixels, a multiple of 32; the height follows the frame's aspect, rounded to 32.
  int input_width = 320;
  Micros period = 200 * kMillisecond;  // between two looks
  // Boxes of less are not told at all. Those below kSureScore only keep a track alive.
  float least_score = 0.25F;
  // Share of the frame's height. A body of a tenth is 25 rows of a 320 x 256 input: the network was
  // taught with hardly a smaller one, and what it says of them is guessed.
  double least_height = 0.1;
  // Of what the picture's upper edge cuts off (kUpperEdge). Sleeved arms and pillars reach 0.975,
  // people who stand right under the camera mostly 0.99. Below this such a box is not sure; it only
  // goes on with a track that began in full view.
  float sure_without_head = 0.99F;
  double most_overlap = 0.45;  // of two boxes that overlap more (IoU), the weaker one goes
};

// The bytes that were hashed are the bytes that run. Errors name the file: it cannot be read, its
// hash is another than expected (`denied`), weights and description do not belong together, or its
// answer has another shape. A frame at which the network fails is blind, and logged once.
Result<std::unique_ptr<Detector>> make_dnn_detector(const DnnOptions& options);

}  // namespace vitrine
