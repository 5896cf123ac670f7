// The way of an ONNX file, with a network that the test writes byte by byte (onnx.proto3 of ONNX
// 1.x, in protobuf's wire format).
#include <doctest/doctest.h>

#include <bit>
#include <string>

#include "audience/dnn.hpp"
#include "platform/crypto.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::TempDirectory;

namespace {

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
  return bytes += static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) {
  return varint(static_cast<unsigned>(field) << 3) + varint(value);
}
std::string bytes(int field, const std::string& value) {
  return varint(static_cast<unsigned>(field) << 3 | 2) + varint(value.size()) + value;
}

std::string floats(std::initializer_list<float> values) {
  std::string packed;
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) packed += static_cast<char>(bits >> shift & 255);
  }
  return packed;
}

constexpr int kFloat = 1;  // TensorProto.DataType

std::string tensor(const std::string& name, std::initializer_list<int> shape,
                   std::initializer_list<float> values) {
  std::string text;
  for (const int size : shape) text += number(1, static_cast<unsigned>(size));
  return text + number(2, kFloat) + bytes(8, name) + bytes(9, floats(values));
}

std::string value_info(const std::string& name, std::initializer_list<int> shape) {
  std::string dimensions;
  for (const int size : shape) dimensions += bytes(1, number(1, static_cast<unsigned>(size)));
  return bytes(1, name) + bytes(2, bytes(1, number(1, kFloat) + bytes(2, dimensions)));
}

std::string node(const std::string& type, std::initializer_list<std::string> inputs,
                 const std::string& output, const std::string& attributes = "") {
  std::string text;
  for (const std::string& input : inputs) text += bytes(1, input);
  return text + bytes(2, output) + bytes(3, output) + bytes(4, type) + attributes;
}

std::string integers(const std::string& name, std::initializer_list<int> values) {
  std::string text = bytes(1, name);
  for (const int value : values) text += number(8, static_cast<unsigned>(value));
  return bytes(5, text + number(20, 7));  // INTS
}

// Answers with one row: a box of a fifth by three fifths in the middle, whose score is the
// brightest red of the picture.
std::string bright_red(const std::string& last = "Flatten") {
  const std::string graph =
      bytes(1, node("GlobalMaxPool", {"picture"}, "brightest")) +
      bytes(1, node("Conv", {"brightest", "weights", "bias"}, "row",
                    integers("kernel_shape", {1, 1}))) +
      bytes(1, node(last, {"row"}, "boxes")) + bytes(2, "bright red") +
      bytes(5, tensor("weights", {6, 3, 1, 1},
                      {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0})) +
      bytes(5, tensor("bias", {6}, {0.5F, 0.5F, 0.2F, 0.6F, 1, 0})) +
      bytes(11, value_info("picture", {1, 3, 256, 320})) + bytes(12, value_info("boxes", {1, 6}));
  return number(1, 7) + bytes(7, graph) + bytes(8, number(2, 11));  // IR 7, operators 11
}

Frame grey_frame(std::uint8_t luma) {
  Frame frame;
  frame.width = 640;
  frame.height = 480;
  frame.full_range = true;
  frame.luma.assign(640 * 480, luma);
  return frame;
}

}  // namespace

TEST_CASE("a network of an ONNX file is run, and its rows are boxes of the frame") {
  const TempDirectory dir;
  const fs::path file = dir / "bright.onnx";
  REQUIRE(write_atomic(file, bright_red()).ok());
  const Hash256 hash = sha256(as_bytes(bright_red()));
  const auto detector = make_dnn_detector({.model = {{}, file}, .expected = hash});
  REQUIRE_MESSAGE(detector.ok(), detector.error().message);
  CHECK((*detector)->model() == hash);
  const Detections dark = (*detector)->detect(grey_frame(0));
  CHECK(dark.usable);
  CHECK(dark.boxes.empty());
  const Detections found = (*detector)->detect(grey_frame(230));
  REQUIRE(found.boxes.size() == 1);
  CHECK(found.boxes[0].x == doctest::Approx(256));
  CHECK(found.boxes[0].y == doctest::Approx(96));
  CHECK(found.boxes[0].width == doctest::Approx(128));
  CHECK(found.boxes[0].height == doctest::Approx(288));
  CHECK(found.boxes[0].score == doctest::Approx(230.0 / 255).epsilon(0.01));
}

TEST_CASE(
    "an ONNX file that another one took the place of, is cut off or answers otherwise is refused") {
  const TempDirectory dir;
  const fs::path file = dir / "bright.onnx";
  const auto why = [&](const std::string& content, std::optional<Hash256> expected = {}) {
    REQUIRE(write_atomic(file, content).ok());
    const auto detector = make_dnn_detector({.model = {{}, file}, .expected = expected});
    return detector ? std::string("taken") : detector.error().message;
  };
  const std::string whole = bright_red();
  CHECK(why(whole, sha256(as_bytes(std::string("another")))).find("SHA-256") != std::string::npos);
  CHECK(why(bright_red("Relu")).find("no list of boxes") != std::string::npos);
  for (const std::size_t kept : {whole.size() - 1, whole.size() / 2, whole.size() / 4}) {
    CAPTURE(kept);
    CHECK(why(whole.substr(0, kept)).find("bright.onnx") != std::string::npos);
  }
}
