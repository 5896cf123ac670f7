// ./run bench scheduler [--quick] [--only SECTION] [--screens N]: how good plans are, what becomes
// of them on the glass, and what a decision costs. docs/planner.md has the figures and says what
// they are.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "sections.hpp"

namespace {

using namespace vitrine::bench;

struct Section {
  std::string_view name;
  void (*show)(const BenchOptions&);
};

constexpr std::array<Section, 7> kSections = {{{"plans", show_plans},
                                               {"played", show_played},
                                               {"error", show_error},
                                               {"delivery", show_delivery},
                                               {"impressions", show_impressions},
                                               {"exact", show_exact},
                                               {"decision", show_decision}}};

[[noreturn]] void usage() {
  std::fprintf(stderr,
               "bench-scheduler [--quick] [--screens N] [--only SECTION]...\n"
               "sections: plans played error delivery impressions exact decision\n");
  std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  BenchOptions options;
  std::array<bool, kSections.size()> wanted{};
  bool all = true;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--quick") {
      options.screens = 50;
      options.exact_screens = 10'000;
      options.decision_days = 1;
      options.large = false;
    } else if (word == "--screens" && i + 1 < argc) {
      const int screens = std::atoi(argv[++i]);
      if (screens < 1 || screens > 100'000) usage();
      options.screens = static_cast<std::uint32_t>(screens);
    } else if (word == "--only" && i + 1 < argc) {
      const std::string_view name = argv[++i];
      bool found = false;
      for (std::size_t k = 0; k < kSections.size(); ++k) {
        if (kSections[k].name != name) continue;
        wanted[k] = found = true;
      }
      if (!found) usage();
      all = false;
    } else {
      usage();
    }
  }
  std::printf("networks and outages from seed %llu\n",
              static_cast<unsigned long long>(NetworkShape{}.seed));
  for (std::size_t k = 0; k < kSections.size(); ++k) {
    if (!all && !wanted[k]) continue;
    const double began = seconds();
    kSections[k].show(options);
    std::printf("  (%s took %.1f s)\n", kSections[k].name.data(), seconds() - began);
    std::fflush(stdout);
  }
  return 0;
}
