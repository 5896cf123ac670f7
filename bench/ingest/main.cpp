// The parts of ./run bench ingest that are measured in this process; bench.py is the rest.
#include <cstdio>

#include "intake.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"

namespace {

int say(const vitrine::Result<vitrine::bench::Cost>& cost) {
  if (!cost) {
    std::fprintf(stderr, "%s\n", cost.error().message.c_str());
    return 1;
  }
  std::printf("{\"plays\": %zu, \"wall_s\": %.3f, \"cpu_s\": %.3f}\n", cost->plays, cost->wall_s,
              cost->cpu_s);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  vitrine::cli::App app("Measures taking plays in and storing them.");
  std::string folder, store;
  std::size_t plays = 1'000'000, rows = 200;
  auto* take_in = app.add_subcommand("take-in", "signed batches into the spool");
  auto* load = app.add_subcommand("load", "the spool into a store");
  auto* both = app.add_subcommand("both", "both at once");
  auto* table = app.add_subcommand("exposure-table", "one campaign out of many plays");
  for (auto* command : {take_in, load, both}) command->add_option("--folder", folder)->required();
  for (auto* command : {load, both, table}) command->add_option("--store", store)->required();
  for (auto* command : {take_in, both, table}) command->add_option("--plays", plays);
  for (auto* command : {take_in, both}) command->add_option("--rows", rows, "of a batch");
  app.require_subcommand(1);
  if (const auto code = app.parse(count, words)) return *code;
  vitrine::log_start("bench-ingest");
  using namespace vitrine::bench;
  if (take_in->parsed()) return say(vitrine::bench::take_in(folder, plays, rows));
  if (load->parsed()) return say(vitrine::bench::load(folder, store));
  if (both->parsed()) return say(take_in_and_load(folder, plays, rows, store));
  const auto done = exposure_table(store, plays);
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return 1;
}
