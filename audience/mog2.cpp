#include "audience/mog2.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/background_segm.hpp>

namespace vitrine {
namespace {

// More blobs than this in one picture are noise, not people.
constexpr std::size_t kMostBoxes = 64;

class Mog2Detector final : public Detector {
 public:
  explicit Mog2Detector(const Mog2Options& options) : options_(options) {
    // The player owns the other cores.
    cv::setNumThreads(1);
    opening_ = cv::getStructuringElement(cv::MORPH_RECT, {3, 3});
    // Taller than wide: it joins a head, a coat and legs of different contrast, not two people
    // abreast.
    closing_ = cv::getStructuringElement(cv::MORPH_RECT, {5, 11});
    reset();
  }

  void reset() override {
    background_ = cv::createBackgroundSubtractorMOG2(options_.history, options_.threshold, false);
    frames_ = 0;
  }

  Quality quality() const override { return Quality::flow; }
  Method method() const override { return Method::mog2; }

  Detections detect(const Frame& frame) override {
    // OpenCV only reads from it, but has no type for that.
    const cv::Mat whole(frame.height, frame.width, CV_8UC1,
                        const_cast<std::uint8_t*>(frame.luma.data()));  // NOLINT
    scale_ = std::max(1.0, static_cast<double>(frame.width) / options_.width);
    if (scale_ > 1) {
      const int height = std::max(1, static_cast<int>(frame.height / scale_ + 0.5));
      cv::resize(whole, small_, {options_.width, height}, 0, 0, cv::INTER_AREA);
    } else {
      small_ = whole;
    }
    if (!mask_.empty() && mask_.size() != small_.size()) reset();
    cv::GaussianBlur(small_, blurred_, {3, 3}, 0);
    background_->apply(blurred_, mask_);
    ++frames_;

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
      found.push_back(
          {area,
           {stats_.at<int>(i, cv::CC_STAT_LEFT) * scale_,
            stats_.at<int>(i, cv::CC_STAT_TOP) * scale_, width * scale_, height * scale_}});
    }
    if (found.size() > kMostBoxes) {
      std::stable_sort(found.begin(), found.end(),
                       [](const auto& a, const auto& b) { return a.first > b.first; });
      found.resize(kMostBoxes);
    }
    for (const auto& [area, box] : found) boxes.push_back(box);
  }

  Mog2Options options_;
  cv::Ptr<cv::BackgroundSubtractorMOG2> background_;
  cv::Mat opening_, closing_;
  cv::Mat small_, blurred_, mask_, cleaned_, labels_, stats_, centroids_;  // buffers, reused
  double scale_ = 1;
  int frames_ = 0;
};

}  // namespace

std::unique_ptr<Detector> make_mog2_detector(const Mog2Options& options) {
  return std::make_unique<Mog2Detector>(options);
}

}  // namespace vitrine
