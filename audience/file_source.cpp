#include "audience/file_source.hpp"

#include <optional>

#include "clip_reader.hpp"

namespace vitrine {
namespace {

// Later than this a picture is passed over: the newest counts.
constexpr Micros kLate = 250 * kMillisecond;
// Further behind than this, catching up would only make it worse: the clip goes on from now, and
// the gap is blind time.
constexpr Micros kHopeless = 2 * kSecond;

class FileSource final : public FrameSource {
 public:
  FileSource(fs::path path, const Clock& clock, const FileSourceOptions& options, ClipReader reader)
      : path_(std::move(path)), clock_(clock), options_(options), reader_(std::move(reader)) {
    anchor_ = clock_.boottime();
    next_due_ = anchor_;
  }

  Result<bool> next(Frame& frame, Micros until) override {
    for (;;) {
      if (!waiting_) {
        if (auto found = find_next(); !found) return std::move(found).error();
      }
      const Micros due = anchor_ + reader_->offset();
      if (due > until) {
        clock_.sleep_until(until);
        return false;
      }
      clock_.sleep_until(due);
      const Micros now = clock_.boottime();
      if (now < due) return false;  // a signal came: let the caller look about
      if (now - due > kHopeless) {
        anchor_ += now - due;
        continue;
      }
      waiting_ = false;
      next_due_ = std::max(next_due_ + kSecond / options_.most_fps, due);
      if (now - due > kLate) continue;
      reader_->copy(frame);
      frame.at = due;
      frame.restarted = restarted_;
      restarted_ = false;
      return true;
    }
  }

 private:
  // Makes the next picture to hand out wait in the reader.
  Status find_next() {
    // At most one clip length without a picture due, then the slots begin anew with the next round.
    for (;;) {
      auto more = reader_->advance();
      if (!more) return std::move(more).error();
      if (!*more) {
        if (auto begun = begin_again(); !begun) return begun;
        continue;
      }
      // A millisecond of grace: stamps are rounded.
      if (anchor_ + reader_->offset() + kMillisecond >= next_due_) break;
    }
    waiting_ = true;
    return ok();
  }

  Status begin_again() {
    if (!options_.loop) return fail(ErrorCode::exhausted, "end of " + path_.string());
    // The last picture stands for its own time, then the first follows as if filmed next. Opened
    // anew rather than sought: it works for every format, and a file that was replaced or removed
    // is noticed.
    anchor_ += reader_->offset() + reader_->frame_time();
    auto again = ClipReader::open(path_);
    if (!again) return std::move(again).error();
    reader_.emplace(std::move(*again));
    next_due_ = anchor_;
    restarted_ = true;
    return ok();
  }

  fs::path path_;
  const Clock& clock_;
  FileSourceOptions options_;
  std::optional<ClipReader> reader_;
  Micros anchor_ = 0;     // when the clip's first picture was due
  Micros next_due_ = 0;   // pictures due before this are passed over
  bool waiting_ = false;  // one is decoded and not yet handed out
  bool restarted_ = false;
};

}  // namespace

Result<std::unique_ptr<FrameSource>> open_file_source(const fs::path& path, const Clock& clock,
                                                      const FileSourceOptions& options) {
  auto reader = ClipReader::open(path);
  if (!reader) return std::move(reader).error();
  return std::unique_ptr<FrameSource>(
      std::make_unique<FileSource>(path, clock, options, std::move(*reader)));
}

}  // namespace vitrine
