// What it costs to show an item within a scene: plays FILE again and again for SECONDS at 1080p and
// says how much processor time a second of it took, and how many pictures were handed over.
//   bench-player-scene none|code|all SECONDS FILE [DISPLAY]
// `all`: main zone, ticker, corner (the file's first picture) and code. Without DISPLAY on a
// virtual display of 60 Hz, else in a window of that X server.
#include <sys/resource.h>

#include <cstdlib>
#include <functional>
#include <iostream>

#include "player/presenter.hpp"
#include "player/stage.hpp"

namespace vitrine {
namespace {

double processor_s() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

class Again final : public Programme {
 public:
  Again(fs::path file, std::function<std::shared_ptr<Scene>()> scene)
      : file_(std::move(file)), scene_(std::move(scene)) {}
  std::optional<PlannedItem> next(Micros) override {
    PlannedItem item{++asked_, file_, file_.filename().string()};
    item.scene = scene_();
    return item;
  }
  void starting(const PlannedItem&) override {}
  void shown(const PlannedItem&, const PlayFigures&) override {}
  void progress(const PlannedItem&, const PlayFigures&) override {}
  void ended(const PlannedItem&, const PlayFigures& figures) override {
    frames += figures.frames_shown;
    dropped += figures.frames_dropped;
  }
  std::int64_t frames = 0, dropped = 0;

 private:
  fs::path file_;
  std::function<std::shared_ptr<Scene>()> scene_;
  std::uint64_t asked_ = 0;
};

// Counts what is handed over, and ends it all in time.
class Counted final : public Output {
 public:
  Counted(Output& inner, Micros until, std::function<void()> over)
      : inner_(inner), until_(until), over_(std::move(over)) {}
  int width() const override { return inner_.width(); }
  int height() const override { return inner_.height(); }
  Micros vblank_period() const override { return inner_.vblank_period(); }
  std::uint32_t display_bits() const override { return inner_.display_bits(); }
  Micros vblank_at_or_after(Micros at) const override { return inner_.vblank_at_or_after(at); }
  Result<Flip> flip(const Picture& picture, Micros target) override {
    auto flip = inner_.flip(picture, target);
    ++flips;
    if (flip && flip->at >= until_) over_();
    return flip;
  }
  std::int64_t flips = 0;

 private:
  Output& inner_;
  Micros until_;
  std::function<void()> over_;
};

SceneWish wish_of(const std::string& kind, const fs::path& file) {
  SceneWish wish;
  if (kind != "none") wish.code = "https://qr.example/AeYA62EEAwIBpPYb9PzzfBYW9GxvYmJ5LTE";
  if (kind != "all") return wish;
  wish.layout.main = {0, 0, 800, 900};
  wish.layout.ticker = {0, 900, 1000, 100};
  wish.layout.ticker_text =
      "前往机场的列车 12 分钟后到达 · next train to the airport in 12 minutes · ";
  wish.layout.corner = {800, 0, 200, 900};
  wish.corner_file = file;
  return wish;
}

int play(const std::string& kind, std::int64_t seconds, const fs::path& file, const char* display) {
  const SystemClock clock;
  auto made = display != nullptr ? make_x11_output(clock, {display, 1920, 1080})
                                 : make_headless_output(clock, {.width = 1920, .height = 1080});
  if (!made) {
    std::cerr << made.error().message << '\n';
    return 1;
  }
  const Stage stage({1920, 1080, (*made)->vblank_period(), open_media_source});
  Again programme(file, [&] { return stage.scene(wish_of(kind, file)); });
  Presenter* running = nullptr;
  const Micros begin = clock.boottime();
  Counted output(**made, begin + seconds * kSecond, [&running] { running->request_stop(); });
  Presenter presenter(clock, output, programme, {});
  running = &presenter;
  const double before = processor_s();
  presenter.run();
  const double took = static_cast<double>(clock.boottime() - begin) / kSecond;
  std::cout << kind << ": " << (processor_s() - before) / took << " s of processor a second, "
            << static_cast<double>(output.flips) / took << " pictures a second, "
            << programme.frames << " frames shown, " << programme.dropped << " dropped\n";
  return 0;
}

}  // namespace
}  // namespace vitrine

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "";
  if (argc < 4 || argc > 5 || (kind != "none" && kind != "code" && kind != "all")) {
    std::cerr << "bench-player-scene none|code|all SECONDS FILE [DISPLAY]\n";
    return 2;
  }
  return vitrine::play(kind, std::atoll(argv[2]), argv[3], argc == 5 ? argv[4] : nullptr);
}
