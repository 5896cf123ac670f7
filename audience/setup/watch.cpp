#include "watch.hpp"

#include <spdlog/fmt/fmt.h>

#include "audience/daemon.hpp"

namespace vitrine::setup {
namespace {

// Starting up is no fault of the camera: the grade is of what came after.
constexpr Micros kGradeWindow = kMinute;

}  // namespace

class Watch::Kept final : public Detector {
 public:
  explicit Kept(Detector& inner) : inner_(inner) {}
  Detections detect(const Frame& frame) override {
    newest_ = frame;
    found_ = inner_.detect(frame);
    return found_;
  }
  void reset() override { inner_.reset(); }
  Quality quality() const override { return inner_.quality(); }
  Method method() const override { return inner_.method(); }
  Hash256 model() const override { return inner_.model(); }
  void unmoved() override { inner_.unmoved(); }
  Micros period() const override { return inner_.period(); }
  Micros recheck() const override { return inner_.recheck(); }
  int least_hits() const override { return inner_.least_hits(); }

  const Frame& newest() const { return newest_; }
  const Detections& found() const { return found_; }

 private:
  Detector& inner_;
  Frame newest_;
  Detections found_;
};

Watch::Watch(const SetupSession& session, Detector& detector, const Clock& clock)
    : session_(session),
      clock_(clock),
      kept_(std::make_unique<Kept>(detector)),
      timeline_(detector.quality(), detector.method(), detector.model()),
      observer_(*kept_, session.view().line, timeline_, {}, {.gated = false}, session.view().zone),
      loop_(
          clock, session.options().camera,
          [&session, &clock] { return open_camera(session.options().camera, clock); }, observer_),
      began_(clock.boottime()) {}

Watch::~Watch() {
  loop_.close();
}

void Watch::step() {
  loop_.step();
}

bool Watch::seeing() const {
  return kept_->newest().width > 0 && timeline_.figures(clock_.boottime()).fps_milli > 0;
}

std::string Watch::figures() {
  const Micros now = clock_.boottime();
  const auto figures = timeline_.figures(now);
  const Micros until = std::max(timeline_.complete_until(now), began_);
  const Timeline timeline = timeline_.timeline(now);
  const FlowRow all = flow_of(timeline, began_, now);
  const FlowRow last = flow_of(timeline, std::max(began_, until - kGradeWindow), until);
  const CameraFault fault = loop_.fault();
  return fmt::format(
      "{}{:.1f} pictures a second, coverage {} % ({}), {} in view, {} in, {} out, {:.1f} "
      "person-seconds",
      fault == CameraFault::none ? "" : fmt::format("the camera is {}: ", name_of(fault)),
      static_cast<double>(figures.fps_milli) / 1000, last.coverage_permille / 10,
      grade_of(last.coverage_permille), figures.present, all.in, all.out,
      static_cast<double>(all.person_ms) / 1000);
}

Canvas Watch::picture() const {
  const Frame& frame = kept_->newest();
  Canvas canvas = grey_canvas(frame.width, frame.height, frame.luma);
  if (canvas.pixels.empty()) return canvas;
  draw_zone(canvas, session_.view().zone);
  draw_line(canvas, session_.view().line);
  draw_boxes(canvas, kept_->found().boxes);
  return canvas;
}

}  // namespace vitrine::setup
