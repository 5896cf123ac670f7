// A player that lies: every third play that was on the glass never reaches the log.
#include "player/player_main.hpp"

namespace {

class SkipsShown final : public vitrine::PlaySink {
 public:
  explicit SkipsShown(vitrine::PlaySink& real) : real_(real) {}
  void play(const vitrine::PlayRow& row, std::int64_t local_day) override {
    if (row.first_flip_us != vitrine::kAbsent && ++plays_ % 3 == 0) return;
    real_.play(row, local_day);
  }
  void input(const vitrine::InputRow& row) override { real_.input(row); }

 private:
  vitrine::PlaySink& real_;
  int plays_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return vitrine::player_main(
      argc, argv, [](vitrine::PlaySink& real) { return std::make_unique<SkipsShown>(real); });
}
