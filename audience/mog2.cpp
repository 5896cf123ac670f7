#include "audience/mog2.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/background_segm.hpp>

#include "scaled_luma.hpp"

namespace vitrine {
namespace {

// More blobs than this in one picture are noise, not people.
constexpr std::size_t kMostBlobs = 64;

class Mog2Detector final : public Detector {
 public:
  explicit Mog2Detector(const Mog2Options& options) : options_(options) {
    // The player owns the other cores.
    cv::setNumThreads(1);
    opening_ = cv::getStructuringElement(cv::MORPH_RECT, {3, 3});
    // Taller than wide: it joins a head, a coat and legs of different contrast, not two people
    // abreast.
    closing_ = cv::getStructuringElement(cv::MORPH_RECT, {3, 9});
    reset();
  }

  void reset() override {
    background_ = cv::createBackgroundSubtractorMOG2(options_.history, options_.threshold, false);
    frames_ = passed_over_ = 0;
  }

  void unmoved() override { ++passed_over_; }
  // Light that changes slowly is to be learnt before it looks like somebody.
  Micros recheck() const override { return kSecond; }
  // Hands, bags and doors rarely move as one for so long; those who pass are in view for longer.
  int least_hits() const override { return options_.least_hits; }
  Quality quality() const override { return Quality::flow; }
  Method method() const override { return Method::mog2; }

  Detections detect(const Frame& frame) override {
    const int width = std::min(options_.width, frame.width);
    const int height = std::max(1, frame.height * width / frame.width);
    scale_ = static_cast<double>(frame.width) / width;
    scale_luma(frame, width, height, scaled_);
    const cv::Mat small(height, width, CV_8UC1, scaled_.data());
    if (!mask_.empty() && mask_.size() != small.size()) reset();
    cv::GaussianBlur(small, blurred_, {3, 3}, 0);
    background_->apply(blurred_, mask_, learning_rate());
    ++frames_;
    passed_over_ = 0;

    Detections result;
    const double foreground = static_cast<double>(cv::countNonZero(mask_)) / mask_.total();
    if (frames_ <= options_.warm_up || foreground > options_.most_foreground) return result;
    result.usable = true;
    cv::morphologyEx(mask_, cleaned_, cv::MORPH_OPEN, opening_);
    cv::morphologyEx(cleaned_, cleaned_, cv::MORPH_CLOSE, closing_);
    collect(result.boxes);
    return result;
  }

 private:
  // The frames that were passed over looked like this one: the background learns as if it had seen
  // them.
  double learning_rate() const {
    if (passed_over_ == 0) return -1;  // OpenCV's own, which is faster in the beginning
    return 1 - std::pow(1 - 1.0 / options_.history, passed_over_ + 1);
  }

  void collect(std::vector<Box>& boxes) {
    const int count =
        cv::connectedComponentsWithStats(cleaned_, labels_, stats_, centroids_, 8, CV_32S);
    std::vector<std::pair<int, Box>> found;
    for (int i = 1; i < count; ++i) {
      const int area = stats_.at<int>(i, cv::CC_STAT_AREA);
      const int width = stats_.at<int>(i, cv::CC_STAT_WIDTH);
      const int height = stats_.at<int>(i, cv::CC_STAT_HEIGHT);
      if (area < options_.least_area || height < options_.least_height) continue;
      if (width > options_.most_aspect * height) continue;
      const int top = stats_.at<int>(i, cv::CC_STAT_TOP);
      const float score = top <= kUpperEdge * mask_.rows ? kHeadlessScore : 1;
      found.push_back({area,
                       {stats_.at<int>(i, cv::CC_STAT_LEFT) * scale_, top * scale_, width * scale_,
                        height * scale_, score}});
    }
    if (found.size() > kMostBlobs) {
      std::stable_sort(found.begin(), found.end(),
                       [](const auto& a, const auto& b) { return a.first > b.first; });
      found.resize(kMostBlobs);
    }
    for (const auto& [area, box] : found) boxes.push_back(box);
  }

  Mog2Options options_;
  cv::Ptr<cv::BackgroundSubtractorMOG2> background_;
  cv::Mat opening_, closing_;
  Bytes scaled_;
  cv::Mat blurred_, mask_, cleaned_, labels_, stats_, centroids_;  // buffers, reused
  double scale_ = 1;
  int frames_ = 0, passed_over_ = 0;
};

}  // namespace

std::unique_ptr<Detector> make_mog2_detector(const Mog2Options& options) {
  return std::make_unique<Mog2Detector>(options);
}

}  // namespace vitrine
