#include "audience/dnn.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/dnn.hpp>

#include "audience/tracker.hpp"
#include "network_input.hpp"
#include "platform/crypto.hpp"
#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr int kGrid = 32;
constexpr int kWidestInput = 2048;
constexpr std::size_t kMostModelBytes = 256 * 1024 * 1024;
// Columns of a row: four of the box, one of the object, then a score a class.
constexpr int kPersonColumn = 5;
// More are never there at once, and the slowest step is quadratic in them.
constexpr std::size_t kMostBoxes = 128;

// OpenCV prints what it throws; one line of ours says it.
int keep_quiet(int, const char*, const char*, const char*, int, void*) {
  return 0;
}

// The only border over which exceptions come.
template <class Act>
Status guarded(Act&& act) {
  std::string why;
  try {
    act();
    return ok();
  } catch (const cv::Exception& thrown) {
    why = thrown.err;
  } catch (const std::exception& thrown) {
    why = thrown.what();
  }
  std::replace(why.begin(), why.end(), '\n', ' ');
  return fail(ErrorCode::invalid, why);
}

int rounded_to_grid(double pixels) {
  return std::max(kGrid, static_cast<int>(std::lround(pixels / kGrid)) * kGrid);
}

class DnnDetector final : public Detector {
 public:
  DnnDetector(const DnnOptions& options, const Hash256& model, cv::dnn::Net net)
      : options_(options), model_(model), net_(std::move(net)) {
    // The player owns the other cores.
    cv::setNumThreads(1);
    net_.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net_.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    outputs_ = net_.getUnconnectedOutLayersNames();
  }

  // A grey picture through the whole of it: what does not run or answers otherwise is found out
  // here, not at the first passer-by.
  Status try_out() {
    shape_input(4, 3);
    input_ = 0.5;
    if (auto ran = guarded([this] { forward(); }); !ran) {
      return std::move(ran).error().context("it does not run");
    }
    for (const cv::Mat& answer : answers_) {
      if (auto fits = fits_layout(answer); !fits) return fits;
    }
    if (answers_.empty()) return fail(ErrorCode::invalid, "it answers nothing");
    return ok();
  }

  void reset() override {}
  Micros period() const override { return options_.period; }
  Quality quality() const override { return Quality::people; }
  Method method() const override { return Method::dnn; }
  Hash256 model() const override { return model_; }

  Detections detect(const Frame& frame) override {
    shape_input(frame.width, frame.height);
    scaler_.fill(frame, input_.size[3], input_.size[2], input_.ptr<float>());
    Detections result;
    if (auto ran = guarded([this] { forward(); }); !ran) {
      if (!std::exchange(said_, true)) {
        log_error("the network fails at pictures of {}x{}: {}; such time counts as blind",
                  frame.width, frame.height, ran.error().message);
      }
      return result;
    }
    result.usable = true;
    found_.clear();
    for (const cv::Mat& answer : answers_) collect(answer, frame);
    keep_strongest(result.boxes);
    return result;
  }

 private:
  void shape_input(int frame_width, int frame_height) {
    const int height = std::min(
        kWidestInput, rounded_to_grid(options_.input_width * double(frame_height) / frame_width));
    if (!input_.empty() && input_.size[2] == height) return;
    input_.create(std::vector<int>{1, 3, height, options_.input_width}, CV_32F);
  }

  void forward() {
    net_.setInput(input_);
    net_.forward(answers_, outputs_);
  }

  static int columns(const cv::Mat& answer) { return answer.size[answer.dims - 1]; }

  static Status fits_layout(const cv::Mat& answer) {
    const auto wrong = [&answer](const std::string& what) {
      std::string shape;
      for (int i = 0; i < answer.dims; ++i) {
        shape += (i == 0 ? "" : "x") + std::to_string(answer.size[i]);
      }
      return fail(ErrorCode::invalid, "its answer of " + shape + " " + what);
    };
    const bool rows = answer.dims == 2 || (answer.dims == 3 && answer.size[0] == 1);
    if (!rows || columns(answer) <= kPersonColumn || answer.depth() != CV_32F) {
      return wrong("is no list of boxes with scores");
    }
    const float* row = answer.ptr<float>();
    for (std::size_t i = 0; i < answer.total(); i += static_cast<std::size_t>(columns(answer))) {
      for (const float centre : {row[i], row[i + 1]}) {
        // Not the other way round: a number that is none must not pass.
        if (!(centre >= -1 && centre <= 2))
          return wrong("has centres that are no shares of the picture");
      }
    }
    return ok();
  }

  void collect(const cv::Mat& answer, const Frame& frame) {
    const auto width = static_cast<std::size_t>(columns(answer));
    const float* row = answer.ptr<float>();
    const double wide = frame.width, high = frame.height;
    for (const float* end = row + answer.total(); row != end; row += width) {
      float score = row[kPersonColumn];
      if (!(score >= options_.least_score)) continue;
      const double left = std::clamp(double(row[0] - row[2] / 2), 0.0, 1.0);
      const double right = std::clamp(double(row[0] + row[2] / 2), 0.0, 1.0);
      const double top = std::clamp(double(row[1] - row[3] / 2), 0.0, 1.0);
      const double bottom = std::clamp(double(row[1] + row[3] / 2), 0.0, 1.0);
      if (!(bottom - top >= options_.least_height) || !(right > left)) continue;
      if (top <= kUpperEdge && score < options_.sure_without_head)
        score = std::min(score, kHeadlessScore);
      found_.push_back(
          {left * wide, top * high, (right - left) * wide, (bottom - top) * high, score});
    }
  }

  // The network has done so within each of its layers, not across them.
  void keep_strongest(std::vector<Box>& boxes) {
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Box& a, const Box& b) { return a.score > b.score; });
    if (found_.size() > kMostBoxes) found_.resize(kMostBoxes);
    for (const Box& box : found_) {
      const bool hidden = std::any_of(boxes.begin(), boxes.end(), [&](const Box& stronger) {
        return intersection_over_union(box, stronger) > options_.most_overlap;
      });
      if (!hidden) boxes.push_back(box);
    }
  }

  DnnOptions options_;
  Hash256 model_;
  cv::dnn::Net net_;
  std::vector<std::string> outputs_;
  NetworkInput scaler_;
  cv::Mat input_;                 // 1 x 3 x height x width
  std::vector<cv::Mat> answers_;  // buffers, reused
  std::vector<Box> found_;
  bool said_ = false;
};

// What Darknet's file must hold for this description. OpenCV reads a shorter one to its end and
// goes on with what happened to be in memory.
std::size_t darknet_bytes(const cv::dnn::Net& net, ByteView weights) {
  std::size_t numbers = 0;
  for (const std::string& name : net.getLayerNames()) {
    const auto layer = const_cast<cv::dnn::Net&>(net).getLayer(name);
    if (layer->type == "Region") continue;  // its anchors are in the description
    for (const cv::Mat& blob : layer->blobs) numbers += blob.total();
  }
  const bool long_count = 10 * read_le32(weights.data()) + read_le32(weights.data() + 4) >= 2;
  return (long_count ? 20 : 16) + numbers * sizeof(float);
}

Status read_darknet(const fs::path& path, const Bytes& description, const Bytes& weights,
                    cv::dnn::Net& net) {
  if (weights.size() < 16) return fail(ErrorCode::invalid, "the weights are cut off");
  if (auto read = guarded([&] { net = cv::dnn::readNetFromDarknet(description, weights); });
      !read) {
    return std::move(read).error().context(path.string() + " describes no network for them");
  }
  const std::size_t wanted = darknet_bytes(net, weights);
  if (weights.size() == wanted) return ok();
  return fail(ErrorCode::invalid, "its " + std::to_string(weights.size()) + " bytes are not the " +
                                      std::to_string(wanted) + " that " + path.string() +
                                      " describes: cut off, or not of one model");
}

Status read_onnx(const Bytes& weights, cv::dnn::Net& net) {
  if (weights.empty()) return fail(ErrorCode::invalid, "it is empty");
  return guarded([&] { net = cv::dnn::readNetFromONNX(weights); });
}

}  // namespace

Result<ModelFiles> parse_model(const std::string& text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos) {
    if (text.ends_with(".onnx")) return ModelFiles{{}, text};
  } else if (comma > 0 && comma + 1 < text.size()) {
    return ModelFiles{text.substr(0, comma), text.substr(comma + 1)};
  }
  return fail(ErrorCode::invalid,
              "model \"" + text + "\" is neither CFG,WEIGHTS of Darknet nor one .onnx file");
}

Result<std::unique_ptr<Detector>> make_dnn_detector(const DnnOptions& options) {
  const std::string named = "cannot use model " + options.model.weights.string();
  if (options.input_width < kGrid || options.input_width > kWidestInput ||
      options.input_width % kGrid != 0) {
    return fail(ErrorCode::invalid, named + ": input width " + std::to_string(options.input_width) +
                                        " is no multiple of 32 up to " +
                                        std::to_string(kWidestInput));
  }
  auto weights = read_file(options.model.weights, kMostModelBytes);
  if (!weights) return std::move(weights).error().context("cannot use model");
  const fs::path& description_path = options.model.description;
  Bytes description;
  if (!description_path.empty()) {
    auto read = read_file(description_path);
    if (!read) return std::move(read).error().context("cannot use model");
    description = std::move(*read);
  }
  Sha256 both;
  both.add(description);
  both.add(*weights);
  const Hash256 hash = both.finish();
  if (options.expected && hash != *options.expected) {
    return fail(ErrorCode::denied, named + ": its SHA-256 is " + to_hex(hash) + ", expected was " +
                                       to_hex(*options.expected));
  }
  cv::redirectError(keep_quiet);
  cv::dnn::Net net;
  auto read = description_path.empty() ? read_onnx(*weights, net)
                                       : read_darknet(description_path, description, *weights, net);
  if (!read) return std::move(read).error().context(named);
  auto detector = std::make_unique<DnnDetector>(options, hash, std::move(net));
  if (auto tried = detector->try_out(); !tried) return std::move(tried).error().context(named);
  return std::unique_ptr<Detector>(std::move(detector));
}

}  // namespace vitrine
