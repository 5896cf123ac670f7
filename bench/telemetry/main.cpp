// ./run bench telemetry [--only SECTION]...: what a screen's reports cost.
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "platform/command_line.hpp"
#include "sections.hpp"

namespace {

using namespace vitrine::bench;

struct Section {
  const char* name;
  void (*show)();
};

constexpr std::array kSections = {Section{"bytes", show_bytes}};

}  // namespace

int main(int count, char** words) {
  vitrine::cli::App app("What a screen's reports cost.");
  std::vector<std::string> only, names;
  for (const Section& section : kSections) names.emplace_back(section.name);
  app.add_option("--only", only, "sections to show")->check(vitrine::cli::one_of(names));
  if (const auto code = app.parse(count, words)) return *code;
  for (const Section& section : kSections) {
    if (!only.empty() && std::find(only.begin(), only.end(), section.name) == only.end()) continue;
    section.show();
    std::fflush(stdout);
  }
  return 0;
}
