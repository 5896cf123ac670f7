// An output without glass: vblanks are computed from the clock, and what was handed over is kept
// (docs/glass.md).

#include <algorithm>
#include <cstring>

#include "base/math.hpp"
#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "player/output.hpp"

namespace vitrine {
namespace {

constexpr int kRowStep = 20;
constexpr Micros kLatestEvery = 500 * kMillisecond;
// Vblanks are counted from CLOCK_BOOTTIME 0, so their numbers rise over restarts of the player too.
constexpr std::int64_t kPerMilliHertz = 1000 * kSecond;

// Writes the record of one output. One flip, one write(2).
class GlassRecorder {
 public:
  static Result<std::unique_ptr<GlassRecorder>> create(const fs::path& directory, Micros now,
                                                       int width, int height) {
    if (auto made = make_directories(directory); !made) return std::move(made).error();
    const fs::path path = directory / ("glass-" + std::to_string(now) + ".rec");
    auto file = open_append(path, 0644);
    if (!file) return std::move(file).error();
    auto recorder = std::unique_ptr<GlassRecorder>(
        new GlassRecorder(directory, path, std::move(*file), width, height));
    Bytes header;
    const auto magic = as_bytes("VTGLASS1");
    header.insert(header.end(), magic.begin(), magic.end());
    for (const int value : {width, height, kRowStep, recorder->rows_}) {
      append_le32(header, static_cast<std::uint32_t>(value));
    }
    if (auto put = write_all(recorder->file_.get(), header, path); !put) {
      return std::move(put).error();
    }
    const std::string size = std::to_string(width) + " " + std::to_string(height) + "\n";
    if (auto put = replace_volatile(directory / "latest.txt", size); !put) {
      return std::move(put).error();
    }
    return recorder;
  }

  Status record(const Picture& picture, const Flip& flip) {
    record_.clear();
    append_le64(record_, flip.at);
    append_le64(record_, static_cast<std::int64_t>(flip.sequence));
    rows_now_.resize(static_cast<std::size_t>(rows_) * picture.width);
    for (int row = 0; row < rows_; ++row) {
      std::memcpy(rows_now_.data() + static_cast<std::size_t>(row) * picture.width,
                  picture.luma + static_cast<std::ptrdiff_t>(row) * kRowStep * picture.luma_stride,
                  picture.width);
    }
    const bool same = rows_now_ == rows_before_;
    append_le32(record_, same ? 1 : 0);
    if (same) {
      const Hash256 hash = sha256(rows_now_);
      append_le32(record_, 8);
      record_.insert(record_.end(), hash.begin(), hash.begin() + 8);
    } else {
      append_le32(record_, static_cast<std::uint32_t>(rows_now_.size()));
      record_.insert(record_.end(), rows_now_.begin(), rows_now_.end());
    }
    if (auto put = write_all(file_.get(), record_, path_); !put) return put;
    rows_now_.swap(rows_before_);
    if (latest_at_ == kAbsent || flip.at - latest_at_ >= kLatestEvery) {
      latest_at_ = flip.at;
      keep_latest(picture);
    }
    return ok();
  }

 private:
  GlassRecorder(fs::path directory, fs::path path, FileDescriptor file, int, int height)
      : directory_(std::move(directory)),
        path_(std::move(path)),
        file_(std::move(file)),
        rows_((height + kRowStep - 1) / kRowStep) {}

  // For people to look at; the record above is the evidence, so a failure here is told and no more.
  void keep_latest(const Picture& picture) {
    whole_.clear();
    for (int row = 0; row < picture.height; ++row) {
      const std::uint8_t* from =
          picture.luma + static_cast<std::ptrdiff_t>(row) * picture.luma_stride;
      whole_.append(reinterpret_cast<const char*>(from), picture.width);
    }
    for (int row = 0; row < picture.height / 2; ++row) {
      const std::uint8_t* from =
          picture.chroma + static_cast<std::ptrdiff_t>(row) * picture.chroma_stride;
      whole_.append(reinterpret_cast<const char*>(from), picture.width);
    }
    if (auto put = replace_volatile(directory_ / "latest.nv12", whole_); !put) {
      log_warn("cannot keep the latest picture: {}; going on without it", put.error().message);
    }
  }

  fs::path directory_, path_;
  FileDescriptor file_;
  int rows_;
  Bytes record_, rows_now_, rows_before_;
  std::string whole_;
  Micros latest_at_ = kAbsent;
};

class HeadlessOutput final : public Output {
 public:
  HeadlessOutput(const Clock& clock, const HeadlessOptions& options,
                 std::unique_ptr<GlassRecorder> recorder)
      : clock_(clock), options_(options), recorder_(std::move(recorder)) {}

  int width() const override { return options_.width; }
  int height() const override { return options_.height; }
  Micros vblank_period() const override { return kPerMilliHertz / options_.refresh_mhz; }
  std::uint32_t display_bits() const override { return 0; }  // there is no display to speak of
  Micros vblank_at_or_after(Micros at) const override { return time_of(number_at_or_after(at)); }

  Result<Flip> flip(const Picture& picture, Micros target) override {
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
  std::unique_ptr<GlassRecorder> recorder_;
  std::int64_t last_ = -1;
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
  std::unique_ptr<GlassRecorder> recorder;
  if (!options.keep.empty()) {
    auto created =
        GlassRecorder::create(options.keep, clock.boottime(), options.width, options.height);
    if (!created) return std::move(created).error().context("headless output");
    recorder = std::move(*created);
  }
  return std::unique_ptr<Output>(
      std::make_unique<HeadlessOutput>(clock, options, std::move(recorder)));
}

}  // namespace vitrine
