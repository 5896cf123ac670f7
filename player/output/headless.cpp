// An output without glass: vblanks are computed from the clock, and what was handed over is kept
// (docs/glass.md).

#include <algorithm>

#include "base/math.hpp"
#include "glass_record.hpp"
#include "player/output.hpp"
#include "protocol/play.hpp"

namespace vitrine {
namespace {

// Vblanks are counted from CLOCK_BOOTTIME 0, so their numbers rise over restarts of the player too.
constexpr std::int64_t kPerMilliHertz = 1000 * kSecond;

class HeadlessOutput final : public Output {
 public:
  HeadlessOutput(const Clock& clock, const HeadlessOptions& options,
                 std::unique_ptr<GlassRecord> recorder)
      : clock_(clock), options_(options), recorder_(std::move(recorder)) {}

  int width() const override { return options_.width; }
  int height() const override { return options_.height; }
  Micros vblank_period() const override { return kPerMilliHertz / options_.refresh_mhz; }
  // There is no display to speak of.
  std::uint32_t display_bits() const override { return on_ ? 0 : kDisplayKnownDark; }
  Micros vblank_at_or_after(Micros at) const override { return time_of(number_at_or_after(at)); }

  Result<Flip> flip(const Picture& picture, Micros target) override {
    if (!on_) return fail(ErrorCode::internal, "a picture handed to a panel that is off");
    if (picture.width != options_.width || picture.height != options_.height) {
      return fail(ErrorCode::internal, "picture of " + std::to_string(picture.width) + "x" +
                                           std::to_string(picture.height) +
                                           " handed to an output of another size");
    }
    // Real glass takes one picture a vblank and none in the past.
    const std::int64_t number =
        std::max(number_at_or_after(std::max(target, clock_.boottime())), last_ + 1);
    const Micros at = time_of(number);
    while (clock_.boottime() < at) clock_.sleep_until(at);
    const Flip flip{at, static_cast<std::uint64_t>(number)};
    if (recorder_) {
      if (auto kept = recorder_->record(picture, flip); !kept) return std::move(kept).error();
    }
    last_ = number;
    return flip;
  }

  // Off is a black picture in the record, and none after it.
  Status power(bool on) override {
    if (on == on_) return ok();
    if (!on) {
      const PictureBuffer black(options_.width, options_.height);
      if (auto shown = flip(black.view(), clock_.boottime()); !shown)
        return std::move(shown).error();
    }
    on_ = on;
    return ok();
  }

  Result<std::optional<bool>> shows_what_was_handed() override {
    if (!recorder_) return std::optional<bool>();
    auto kept = recorder_->keeps_what_came_last();
    if (!kept) return std::move(kept).error();
    return std::optional<bool>(*kept);
  }

 private:
  std::int64_t number_at_or_after(Micros at) const {
    std::int64_t number = floor_div(at * options_.refresh_mhz, kPerMilliHertz);
    while (time_of(number) < at) ++number;
    return number;
  }
  Micros time_of(std::int64_t number) const {
    return floor_div(number * kPerMilliHertz, options_.refresh_mhz);
  }

  const Clock& clock_;
  HeadlessOptions options_;
  std::unique_ptr<GlassRecord> recorder_;
  std::int64_t last_ = -1;
  bool on_ = true;
};

}  // namespace

Result<std::unique_ptr<Output>> make_headless_output(const Clock& clock,
                                                     const HeadlessOptions& options) {
  if (options.width < 16 || options.height < 16 || options.width % 2 != 0 ||
      options.height % 2 != 0 || options.width > 8192 || options.height > 8192) {
    return fail(ErrorCode::invalid, "headless output: size " + std::to_string(options.width) + "x" +
                                        std::to_string(options.height) +
                                        " is not even and within 16..8192");
  }
  if (options.refresh_mhz < 1'000 || options.refresh_mhz > 240'000) {
    return fail(ErrorCode::invalid, "headless output: refresh of " +
                                        std::to_string(options.refresh_mhz) +
                                        " mHz is not within 1000..240000");
  }
  std::unique_ptr<GlassRecord> recorder;
  if (!options.keep.empty()) {
    auto created =
        GlassRecord::create(options.keep, clock.boottime(), options.width, options.height);
    if (!created) return std::move(created).error().context("headless output");
    recorder = std::move(*created);
  }
  return std::unique_ptr<Output>(
      std::make_unique<HeadlessOutput>(clock, options, std::move(recorder)));
}

}  // namespace vitrine
