// A glass that stops following is found within a minute, whatever its flips say.
#include "glass_check.hpp"

#include <doctest/doctest.h>

#include "clips.hpp"
#include "manual_clock.hpp"
#include "player/presenter.hpp"
#include "presenter_support.hpp"
#include "random.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// A display whose driver says yes to every flip and from some moment on shows the same old picture.
class StuckOutput final : public Output {
 public:
  explicit StuckOutput(const Clock& clock)
      : inner_(*make_headless_output(clock, {.width = 160, .height = 90})) {}
  int width() const override { return inner_->width(); }
  int height() const override { return inner_->height(); }
  Micros vblank_period() const override { return inner_->vblank_period(); }
  std::uint32_t display_bits() const override { return kDisplayConnected; }
  Micros vblank_at_or_after(Micros at) const override { return inner_->vblank_at_or_after(at); }
  Result<Flip> flip(const Picture& picture, Micros target) override {
    auto flip = inner_->flip(picture, target);
    if (!flip) return flip;
    handed_ = 0;
    for (int x = 0; x < picture.width; ++x) handed_ = handed_ * 31 + picture.y[x];
    const bool stuck = flip->at >= stuck_from && flip->at < stuck_until;
    if (!stuck) scanned_out_ = handed_;
    if (scanned_out_ != handed_ && diverged == kAbsent) diverged = flip->at;
    ++flips_;
    return flip;
  }
  void check_next() override { asked_for_ = flips_ + 1; }
  Result<std::optional<bool>> shows_what_was_handed() override {
    CHECK(asked_for_ == flips_);  // of no flip that was not announced
    ++checks;
    return std::optional<bool>(handed_ == scanned_out_);
  }
  void open_anew() override {
    ++openings;
    if (helps) stuck_until = 0;
  }

  Micros stuck_from = INT64_MAX, stuck_until = INT64_MAX;
  bool helps = false;  // to open it anew
  Micros diverged = kAbsent;
  int openings = 0, checks = 0;

 private:
  std::unique_ptr<Output> inner_;
  std::uint64_t handed_ = 0, scanned_out_ = 0;
  int flips_ = 0, asked_for_ = -1;
};

struct Screen {
  ManualClock clock;
  StuckOutput output{clock};
  Micros begun = clock.boottime();
  std::vector<std::pair<Micros, std::string>> troubles;
  std::vector<std::pair<std::uint64_t, PlayFigures>> ends;

  // Two stills in turn, ten seconds each.
  void play(int items) {
    std::vector<ScriptItem> script;
    for (int i = 0; i < items; ++i) {
      script.push_back({i % 2 == 0 ? still("check.png") : still("check2.png", "testsrc=s=160x90"),
                        10 * kSecond});
    }
    ScriptedProgramme programme(script);
    PresenterOptions options;
    options.glass_trouble = [this](const std::string& text) {
      troubles.emplace_back(clock.boottime(), text);
    };
    Presenter presenter(clock, output, programme, options);
    programme.on_exhausted = [&presenter] { presenter.request_stop(); };
    presenter.run();
    ends = programme.ends;
  }
};

}  // namespace

TEST_CASE("while the glass follows it is read back a few times a minute, and that is all") {
  Screen screen;
  screen.play(30);
  CHECK(screen.output.checks >= 5);
  CHECK(screen.output.checks <= 15);
  CHECK(screen.output.openings == 0);
  CHECK(screen.troubles.empty());
  for (const auto& [ticket, figures] : screen.ends) CHECK(figures.grade == Grade::presented);
}

TEST_CASE("a glass that stops following is found within a minute, and opened anew it goes on") {
  Screen screen;
  screen.output.stuck_from = screen.begun + 125 * kSecond;
  screen.output.helps = true;
  screen.play(30);
  REQUIRE(screen.troubles.size() == 2);
  const auto& [found, text] = screen.troubles[0];
  CHECK(text == "the glass does not show what is handed to it");
  CHECK(found - screen.output.diverged <= 60 * kSecond);
  CHECK(screen.troubles[1].second.empty());
  CHECK(screen.troubles[1].first - found <= 20 * kSecond);  // two pictures were seen
  CHECK(screen.output.openings == 1);
  int cut = 0;
  for (const auto& [ticket, figures] : screen.ends) {
    if (figures.cut_cause != CutCause::output_lost) continue;
    ++cut;
    CHECK(figures.grade == Grade::scheduled);
  }
  CHECK(cut == 1);
  CHECK(screen.ends.back().second.grade == Grade::presented);
}

TEST_CASE("where opening it anew does not help, items go on whole and none counts as presented") {
  Screen screen;
  screen.output.stuck_from = screen.begun + 125 * kSecond;
  screen.play(40);
  REQUIRE(screen.troubles.size() == 1);
  CHECK(screen.output.openings == 1);
  int cut = 0;
  for (const auto& [ticket, figures] : screen.ends) {
    if (figures.cut_cause != CutCause::none) ++cut;
    if (figures.first_flip > screen.troubles[0].first) CHECK(figures.grade == Grade::scheduled);
  }
  CHECK(cut == 1);
}

TEST_CASE("whenever a glass stops following while pictures change, it is found within a minute") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    ManualClock clock;
    StuckOutput output(clock);
    output.stuck_from = clock.boottime() + Micros{random.below(300)} * kSecond;
    Micros found = kAbsent;
    GlassCheck check(output, [&](const std::string&) { found = clock.boottime(); });
    PictureBuffer picture(160, 90);
    for (int i = 0; found == kAbsent; ++i) {
      const Micros wait = Micros{random.below(1'000)} * kMillisecond;
      // All different, or two in turn.
      const int which = seed % 2 == 0 ? i : static_cast<int>(clock.boottime() / (9 * kSecond)) % 2;
      picture.fill(0, 0, 160, 90, static_cast<std::uint8_t>(which), 128, 128);
      check.before(picture.view(), clock.boottime() + wait);
      auto flip = output.flip(picture.view(), clock.boottime() + wait);
      REQUIRE(flip);
      const auto follows = check.after(flip->at);
      CHECK(follows.ok() == (found == kAbsent));
    }
    CHECK(found - output.diverged <= 60 * kSecond);
    CHECK(check.belied());
  }
}

TEST_CASE("an output that cannot be read back, or not this time, is believed") {
  class Silent final : public Output {
   public:
    int width() const override { return 2; }
    int height() const override { return 2; }
    Micros vblank_period() const override { return 1; }
    std::uint32_t display_bits() const override { return 0; }
    Micros vblank_at_or_after(Micros at) const override { return at; }
    Result<Flip> flip(const Picture&, Micros) override { return Flip{}; }
    Result<std::optional<bool>> shows_what_was_handed() override {
      if (fails) return fail(ErrorCode::unavailable, "no answer");
      return Output::shows_what_was_handed();
    }
    bool fails = false;
  };
  Silent output;
  GlassCheck check(output, {});
  const PictureBuffer picture(2, 2);
  for (const bool fails : {false, true}) {
    output.fails = fails;
    for (Micros now = 0; now < 10 * kMinute; now += kSecond) {
      check.before(picture.view(), now);
      CHECK(check.after(now).ok());
    }
  }
  CHECK_FALSE(check.belied());
}
