// What a player is after many items: COUNT of them, the files in turn, on a clock that nobody waits
// for, and a line of its memory and descriptors at the end of every tenth.
//   bench-player-items COUNT FILE...
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <vector>

#include "manual_clock.hpp"
#include "player/presenter.hpp"

namespace vitrine {
namespace {

constexpr int kEvery = 10;

long rss_kb() {
  long pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;  // the second number: resident
  return pages * ::sysconf(_SC_PAGESIZE) / 1024;
}

std::size_t descriptors() {
  return list_directory("/proc/self/fd").size();
}

// The files for ever, each as long as an animation takes: more items, not more frames.
class Many final : public Programme {
 public:
  Many(std::vector<fs::path> files, std::int64_t count) : files_(std::move(files)), count_(count) {}

  std::function<void()> finished;

  std::optional<PlannedItem> next(Micros) override {
    const fs::path& file = files_[asked_++ % files_.size()];
    return PlannedItem{asked_, file, file.filename().string(), 200 * kMillisecond};
  }
  void starting(const PlannedItem&) override {}
  void shown(const PlannedItem&, const PlayFigures&) override {}
  void progress(const PlannedItem&, const PlayFigures&) override {}
  void ended(const PlannedItem&, const PlayFigures&) override {
    if (++ended_ % kEvery == 0) {
      std::cout << ended_ << ' ' << rss_kb() << ' ' << descriptors() << '\n';
    }
    if (ended_ == count_ && finished) finished();
  }

 private:
  std::vector<fs::path> files_;
  std::int64_t count_, ended_ = 0;
  std::uint64_t asked_ = 0;
};

int play(std::int64_t count, std::vector<fs::path> files) {
  const testing::ManualClock clock;
  auto output = make_headless_output(clock, {.width = 1280, .height = 720});
  if (!output) {
    std::cerr << output.error().message << '\n';
    return 1;
  }
  Many programme(std::move(files), count);
  Presenter presenter(clock, **output, programme, {});
  programme.finished = [&presenter] { presenter.request_stop(); };
  presenter.run();
  return 0;
}

}  // namespace
}  // namespace vitrine

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "bench-player-items COUNT FILE...\n";
    return 2;
  }
  return vitrine::play(std::atoll(argv[1]), {argv + 2, argv + argc});
}
