// A programme that follows a script and remembers all it was told, an output that remembers every
// flip, and a rig that runs a presenter over both on a clock that no test waits for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "manual_clock.hpp"
#include "player/presenter.hpp"

namespace vitrine::testing {

struct ScriptItem {
  fs::path file;
  Micros length = 0;
  bool nothing = false;  // next() answers nullopt once
  Micros whole = 0;      // what `length` cuts
  CutCause cut_cause = CutCause::none;
  std::shared_ptr<const FileBlocks> blocks = nullptr;
  bool muted = false;
  std::shared_ptr<Scene> scene = nullptr;
};

class ScriptedProgramme final : public Programme {
 public:
  explicit ScriptedProgramme(std::vector<ScriptItem> script) : script_(std::move(script)) {}

  std::optional<PlannedItem> next(Micros seam) override;
  Urgency urgency() override { return when_urgent && when_urgent() ? urgent_as : Urgency::none; }
  bool dark(Micros at) override { return when_dark && when_dark(at); }
  void starting(const PlannedItem& item) override { say("starting", item); }
  void shown(const PlannedItem& item, const PlayFigures& figures) override;
  void progress(const PlannedItem& item, const PlayFigures& figures) override;
  void ended(const PlannedItem& item, const PlayFigures& figures) override;

  std::uint64_t tickets() const { return tickets_; }  // handed out; on the presenting thread

  // Blocks a test's opener until the item has ended.
  void await_end(std::uint64_t ticket);

  std::function<void()> on_asked;
  std::function<bool(Micros)> when_dark;
  std::function<bool()> when_urgent;
  Urgency urgent_as = Urgency::anew;
  std::function<void()> on_exhausted;           // the script is through and everything has ended
  std::function<void(std::uint64_t)> on_shown;  // on the presenting thread
  std::vector<std::string> said;                // "starting 1", "shown 1", "ended 1"
  std::vector<std::pair<std::uint64_t, PlayFigures>> ends;
  std::map<std::uint64_t, int> progressed;
  std::vector<Micros> asked_for;  // the seams

 private:
  void say(const std::string& what, const PlannedItem& item) {
    said.push_back(what + " " + std::to_string(item.ticket));
  }
  std::vector<ScriptItem> script_;
  std::size_t at_ = 0;
  std::uint64_t tickets_ = 0;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::uint64_t last_ended_ = 0;
};

class RecordingOutput final : public Output {
 public:
  RecordingOutput(const Clock& clock, std::int64_t refresh_mhz);
  int width() const override { return inner_->width(); }
  int height() const override { return inner_->height(); }
  Micros vblank_period() const override { return inner_->vblank_period(); }
  std::uint32_t display_bits() const override { return inner_->display_bits(); }
  Micros vblank_at_or_after(Micros at) const override { return inner_->vblank_at_or_after(at); }
  Result<Flip> flip(const Picture& picture, Micros target) override;
  Status power(bool on) override;

  // Blocks until so many flips have been made.
  void await_flips(std::size_t count);

  struct Shown {
    Flip flip;
    std::uint64_t picture = 0;  // a hash of its luma
  };
  std::vector<Shown> flips;  // for the presenting thread, and for the test after run()
  std::vector<std::pair<Micros, bool>> switched;  // when, and whether on
  bool switches = true;                           // false: it cannot be switched off
  std::size_t fail_at = SIZE_MAX;                 // the flip of this index fails once

 private:
  const Clock& clock_;
  std::unique_ptr<Output> inner_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::size_t count_ = 0, tries_ = 0;
};

// Runs `script` to its end, then stops.
struct Rig {
  explicit Rig(std::vector<ScriptItem> script, std::int64_t refresh_mhz = 60'000);
  void run();
  const PlayFigures& end(std::size_t index) const { return programme.ends.at(index).second; }
  std::size_t pictures() const;  // distinct pictures in a row

  ManualClock clock;
  ScriptedProgramme programme;
  RecordingOutput output;
  PresenterOptions options;
  Presenter* running = nullptr;
};

}  // namespace vitrine::testing
