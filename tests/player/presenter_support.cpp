#include "presenter_support.hpp"

#include <doctest/doctest.h>

namespace vitrine::testing {

std::optional<PlannedItem> ScriptedProgramme::next(Micros seam) {
  asked_for.push_back(seam);
  if (on_asked) on_asked();
  if (at_ >= script_.size()) {
    if (ends.size() >= tickets_ && on_exhausted) on_exhausted();
    return std::nullopt;
  }
  const ScriptItem& item = script_[at_++];
  if (item.nothing) return std::nullopt;
  ++tickets_;
  PlannedItem planned{tickets_,    item.file,  item.file.filename().string(),
                      item.length, item.whole, item.cut_cause,
                      item.blocks};
  planned.muted = item.muted;
  planned.scene = item.scene;
  return planned;
}

void ScriptedProgramme::shown(const PlannedItem& item, const PlayFigures& figures) {
  say("shown", item);
  CHECK(figures.shown);
  CHECK(figures.first_flip == figures.last_flip);
  if (on_shown) on_shown(item.ticket);
}

void ScriptedProgramme::progress(const PlannedItem& item, const PlayFigures& figures) {
  ++progressed[item.ticket];
  CHECK(figures.last_flip > figures.first_flip);
}

void ScriptedProgramme::ended(const PlannedItem& item, const PlayFigures& figures) {
  say("ended", item);
  ends.emplace_back(item.ticket, figures);
  const std::lock_guard lock(mutex_);
  last_ended_ = item.ticket;
  ended_.notify_all();
}

void ScriptedProgramme::await_end(std::uint64_t ticket) {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return last_ended_ >= ticket; });
}

RecordingOutput::RecordingOutput(const Clock& clock, std::int64_t refresh_mhz)
    : clock_(clock),
      inner_(
          *make_headless_output(clock, {.width = 160, .height = 90, .refresh_mhz = refresh_mhz})) {}

Result<Flip> RecordingOutput::flip(const Picture& picture, Micros target) {
  if (tries_++ == fail_at) return fail(ErrorCode::unavailable, "the cable is out");
  auto flip = inner_->flip(picture, target);
  if (!flip) return flip;
  std::uint64_t hash = 1469598103934665603u;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      hash = (hash ^ picture.y[y * picture.y_stride + x]) * 1099511628211u;
    }
  }
  flips.push_back({*flip, hash});
  const std::lock_guard lock(mutex_);
  count_ = flips.size();
  more_.notify_all();
  return flip;
}

Status RecordingOutput::power(bool on) {
  if (!on && !switches) return Output::power(on);
  switched.emplace_back(clock_.boottime(), on);
  return inner_->power(on);
}

void RecordingOutput::await_flips(std::size_t count) {
  std::unique_lock lock(mutex_);
  more_.wait(lock, [&] { return count_ >= count; });
}

Rig::Rig(std::vector<ScriptItem> script, std::int64_t refresh_mhz)
    : programme(std::move(script)), output(clock, refresh_mhz) {
  programme.on_exhausted = [this] { running->request_stop(); };
}

void Rig::run() {
  Presenter presenter(clock, output, programme, options);
  running = &presenter;
  presenter.run();
  running = nullptr;
}

std::size_t Rig::pictures() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < output.flips.size(); ++i) {
    count += i == 0 || output.flips[i].picture != output.flips[i - 1].picture;
  }
  return count;
}

}  // namespace vitrine::testing
