// The network's way from files to boxes, with a network that the test sets by hand.
#include "audience/dnn.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "hand_set_network.hpp"
#include "platform/crypto.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::HandSetNetwork;
using vitrine::testing::TempDirectory;
using vitrine::testing::write_network;

namespace {

// 4:3, so that the network's input is 320 x 256: 16 rows of the frame are 17 of the input.
constexpr int kWidth = 640, kHeight = 480;

Frame dark_frame(bool coloured = false) {
  Frame frame;
  frame.width = kWidth;
  frame.height = kHeight;
  frame.full_range = true;
  frame.luma.assign(static_cast<std::size_t>(kWidth) * kHeight, 0);
  if (coloured) frame.cb.assign(frame.luma.size() / 4, 128);
  frame.cr = frame.cb;
  return frame;
}

void paint(Frame& frame, const Box& box, std::uint8_t luma) {
  for (int y = static_cast<int>(box.y); y < box.y + box.height; ++y) {
    const auto row = frame.luma.begin() + y * frame.width + static_cast<int>(box.x);
    std::fill_n(row, static_cast<int>(box.width), luma);
  }
}

// 20 x 64 pixels of the input.
const Box kUpright{304, 180, 40, 120};

std::unique_ptr<Detector> open(const DnnOptions& options) {
  auto detector = make_dnn_detector(options);
  REQUIRE_MESSAGE(detector.ok(), detector.error().message);
  return std::move(*detector);
}

std::string refused(const DnnOptions& options) {
  auto detector = make_dnn_detector(options);
  REQUIRE_FALSE(detector.ok());
  CHECK(detector.error().message.find('\n') == std::string::npos);
  return detector.error().message;
}

bool says(const std::string& message, const std::string& what) {
  CAPTURE(message);
  return message.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("a network finds a bright rectangle, where it is and as large as it is") {
  const TempDirectory dir;
  const auto detector = open({.model = write_network(dir.path())});
  Frame frame = dark_frame();
  CHECK(detector->detect(frame).usable);
  CHECK(detector->detect(frame).boxes.empty());
  paint(frame, kUpright, 255);
  const Detections found = detector->detect(frame);
  REQUIRE(found.boxes.size() == 1);
  const Box& box = found.boxes[0];
  // A cell is 16 pixels of the frame.
  CHECK(std::abs(box.x - kUpright.x) < 16);
  CHECK(std::abs(box.y - kUpright.y) < 16);
  CHECK(box.width == doctest::Approx(kUpright.width));
  CHECK(box.height == doctest::Approx(kUpright.height));
  CHECK(box.score > 0.99F);
  CHECK(detector->quality() == Quality::people);
  CHECK(detector->method() == Method::dnn);
  CHECK(detector->period() == 200 * kMillisecond);
}

TEST_CASE("two rectangles are two boxes, and each is told once") {
  const TempDirectory dir;
  const auto detector = open({.model = write_network(dir.path())});
  Frame frame = dark_frame();
  paint(frame, kUpright, 255);
  paint(frame, {96, 100, 40, 120}, 255);
  CHECK(detector->detect(frame).boxes.size() == 2);
}

TEST_CASE("what is less sure is told with its score, what is not sure at all is not told") {
  const TempDirectory dir;
  const auto detector = open({.model = write_network(dir.path())});
  for (const auto& [luma, least, most] :
       {std::tuple{190, 0.6, 1.0}, std::tuple{178, 0.4, 0.6}, std::tuple{165, 0.0, 0.0}}) {
    CAPTURE(luma);
    Frame frame = dark_frame();
    paint(frame, kUpright, static_cast<std::uint8_t>(luma));
    const Detections found = detector->detect(frame);
    REQUIRE(found.boxes.size() == (most > 0 ? 1 : 0));
    if (most == 0) continue;
    CHECK(static_cast<double>(found.boxes[0].score) >= least);
    CHECK(static_cast<double>(found.boxes[0].score) <= most);
  }
}

TEST_CASE("who is too small in the picture is not told") {
  const TempDirectory dir;
  DnnOptions options{.model = write_network(dir.path())};
  Frame frame = dark_frame();
  paint(frame, kUpright, 255);
  options.least_height = 0.2;
  CHECK(open(options)->detect(frame).boxes.size() == 1);
  options.least_height = 0.3;
  CHECK(open(options)->detect(frame).boxes.empty());
}

TEST_CASE("a box that reaches beyond the picture ends at its edge") {
  const TempDirectory dir;
  const auto detector = open({.model = write_network(dir.path())});
  Frame frame = dark_frame();
  paint(frame, {0, 180, 16, 120}, 255);
  const Detections found = detector->detect(frame);
  REQUIRE(found.boxes.size() == 1);
  CHECK(found.boxes[0].x == 0);
  CHECK(found.boxes[0].width == doctest::Approx(28));  // 40 around the first cell's middle
}

TEST_CASE(
    "red is red: the planes come in the order of the network, and a grey source has all three") {
  const TempDirectory dir;
  for (const int channel : {0, 1, 2}) {
    CAPTURE(channel);
    const auto detector = open({.model = write_network(dir.path(), {.only_channel = channel})});
    Frame grey = dark_frame();
    paint(grey, kUpright, 255);
    CHECK(detector->detect(grey).boxes.size() == 1);
    // BT.601 of pure red, green, blue.
    for (const auto& [colour, y, cb, cr] :
         {std::tuple{0, 76, 85, 255}, std::tuple{1, 150, 44, 21}, std::tuple{2, 29, 255, 107}}) {
      Frame frame = dark_frame(true);
      paint(frame, kUpright, static_cast<std::uint8_t>(y));
      const auto left = static_cast<int>(kUpright.x) / 2, top = static_cast<int>(kUpright.y) / 2;
      for (int row = top; row < top + static_cast<int>(kUpright.height) / 2; ++row) {
        for (int column = left; column < left + static_cast<int>(kUpright.width) / 2; ++column) {
          const auto at = static_cast<std::size_t>(row * kWidth / 2 + column);
          frame.cb[at] = static_cast<std::uint8_t>(cb);
          frame.cr[at] = static_cast<std::uint8_t>(cr);
        }
      }
      CAPTURE(colour);
      CHECK(detector->detect(frame).boxes.size() == (colour == channel ? 1 : 0));
    }
  }
}

TEST_CASE("pictures of another aspect are looked at in another size of input") {
  const TempDirectory dir;
  const auto detector = open({.model = write_network(dir.path())});
  for (const auto& [width, height] :
       {std::pair{768, 432}, std::pair{360, 640}, std::pair{641, 481}}) {
    CAPTURE(width);
    Frame frame;
    frame.width = width;
    frame.height = height;
    frame.full_range = true;
    frame.luma.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
    // The network's boxes are 20 of 320 wide and 64 of its own height.
    const double scale = width / 320.0;
    const Box box{width / 2.0, height / 4.0, 24 * scale, 80 * scale};
    paint(frame, box, 255);
    const Detections found = detector->detect(frame);
    REQUIRE_FALSE(found.boxes.empty());
    CHECK(found.boxes[0].width == doctest::Approx(20 * scale));
    CHECK(found.boxes[0].x > box.x - 10 * scale);
    CHECK(found.boxes[0].x < box.x + box.width);
  }
}

TEST_CASE("the model's hash is told, and another than the expected one is refused") {
  const TempDirectory dir;
  DnnOptions options{.model = write_network(dir.path())};
  const Hash256 hash = testing::hash_of({});
  CHECK(open(options)->model() == hash);
  options.expected = hash;
  CHECK(open(options)->model() == hash);
  options.expected->front() ^= 1;
  const std::string message = refused(options);
  CHECK(says(message, "hand-set.weights"));
  CHECK(says(message, to_hex(hash)));
}

TEST_CASE("other anchors in the description are another model, though the weights are the same") {
  const TempDirectory dir;
  DnnOptions options{.model = write_network(dir.path()), .expected = testing::hash_of({})};
  REQUIRE(write_atomic(options.model.description, testing::description_of({.box_width = 24})).ok());
  CHECK(says(refused(options), "SHA-256"));
}

TEST_CASE("weights that are cut off, or too many for the description, are refused") {
  const TempDirectory dir;
  const ModelFiles files = write_network(dir.path());
  const Bytes whole = testing::weights_of({});
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{20}, whole.size() / 2,
                                 whole.size() - 4, whole.size() + 4}) {
    CAPTURE(size);
    Bytes bytes = whole;
    bytes.resize(size);
    REQUIRE(write_atomic(files.weights, bytes).ok());
    CHECK(says(refused({.model = files}), "hand-set.weights"));
  }
}

TEST_CASE("a description that is none, and files that are not there, are refused in one line") {
  const TempDirectory dir;
  const ModelFiles files = write_network(dir.path());
  for (const std::string text :
       {"", "nonsense", "[net]\nwidth=320\n[telepathy]\n", "[net\nwidth", "[net]\n[yolo]\nmask=0\n",
        "[net]\n[convolutional]\nfilters=-3\nsize=8\n"}) {
    CAPTURE(text);
    REQUIRE(write_atomic(files.description, text).ok());
    CHECK(says(refused({.model = files}), "hand-set"));
  }
  REQUIRE(remove_file(files.description).ok());
  CHECK(says(refused({.model = files}), "hand-set.cfg"));
  REQUIRE(remove_file(files.weights).ok());
  CHECK(says(refused({.model = files}), "hand-set.weights"));
}

TEST_CASE("a network that answers with something else than boxes is refused") {
  const TempDirectory dir;
  const ModelFiles files = write_network(dir.path());
  // Without its last layer it answers with six planes.
  std::string text = testing::description_of({});
  text.resize(text.find("[yolo]"));
  REQUIRE(write_atomic(files.description, text).ok());
  CHECK(says(refused({.model = files}), "1x6x32x40"));
}

TEST_CASE("an ONNX file that is none is refused") {
  const TempDirectory dir;
  for (const std::string text : {"", "not a protobuf at all"}) {
    REQUIRE(write_atomic(dir / "some.onnx", text).ok());
    CHECK(says(refused({.model = {{}, dir / "some.onnx"}}), "some.onnx"));
  }
}

TEST_CASE("a model is named by two files of Darknet or one of ONNX") {
  const auto darknet = parse_model("a/b.cfg,c/d.weights");
  REQUIRE(darknet.ok());
  CHECK(darknet->description == "a/b.cfg");
  CHECK(darknet->weights == "c/d.weights");
  const auto onnx = parse_model("e.onnx");
  REQUIRE(onnx.ok());
  CHECK(onnx->description.empty());
  CHECK(onnx->weights == "e.onnx");
  for (const char* text : {"", "a.cfg", ",b", "a,", "a.weights"})
    CHECK_FALSE(parse_model(text).ok());
}

TEST_CASE("an input that is no multiple of 32 is refused") {
  const TempDirectory dir;
  DnnOptions options{.model = write_network(dir.path())};
  for (const int width : {0, 31, 300, 4096}) {
    options.input_width = width;
    CHECK(says(refused(options), "multiple of 32"));
  }
}
