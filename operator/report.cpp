#include "operator/report.hpp"

#include <spdlog/fmt/fmt.h>

#include "backflow/backend_config.hpp"
#include "backflow/play_report.hpp"
#include "backflow/sql_store.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {
namespace {

// 12345 -> "12.345", sign before the whole.
std::string milli(std::int64_t value) {
  const auto size = value < 0 ? -value : value;
  return fmt::format("{}{}.{:03}", value < 0 ? "-" : "", size / 1000, size % 1000);
}

}  // namespace

std::string report_json(const StoreReport& report) {
  Json::Array creatives;
  for (const auto& entry : report.creatives) {
    creatives.emplace_back(Json::Object{{"creative", std::int64_t{entry.creative}},
                                        {"kind", std::string(name_of(entry.kind))},
                                        {"plays", entry.plays},
                                        {"cut", entry.cut},
                                        {"shown_ms", entry.shown_ms}});
  }
  Json::Array audience;
  for (const auto& entry : report.audience) {
    audience.emplace_back(Json::Object{{"quality", std::string(name_of(entry.quality))},
                                       {"plays", entry.plays},
                                       {"play_ms", entry.play_ms},
                                       {"person_ms", entry.person_ms},
                                       {"crossings", entry.crossings},
                                       {"avg_milli", entry.avg_milli},
                                       {"coverage_permille", entry.coverage_permille}});
  }
  Json::Array streams;
  for (const auto& entry : report.streams) {
    streams.emplace_back(Json::Object{{"stream", entry.stream},
                                      {"batches", entry.batches},
                                      {"rows", entry.rows},
                                      {"bytes", entry.bytes}});
  }
  return write_json(Json::Object{{"creatives", std::move(creatives)},
                                 {"plays", report.plays},
                                 {"shown", report.shown},
                                 {"cut", report.cut},
                                 {"exposure_joined", report.exposure_joined},
                                 {"audience", std::move(audience)},
                                 {"streams", std::move(streams)},
                                 {"bytes_a_play_milli", report.bytes_a_play_milli},
                                 {"conflicts", report.conflicts},
                                 {"unreadable", report.unreadable}}) +
         "\n";
}

std::string report_text(const StoreReport& report) {
  std::string text =
      fmt::format("{:>10}  {:<9}{:>8}{:>8}{:>12}\n", "creative", "kind", "plays", "cut", "shown s");
  for (const auto& entry : report.creatives) {
    text += fmt::format("{:>10}  {:<9}{:>8}{:>8}{:>12}\n", entry.creative, name_of(entry.kind),
                        entry.plays, entry.cut, milli(entry.shown_ms));
  }
  text += fmt::format("plays stored {}, shown {}, cut {}, with an audience row {}\n\n",
                      report.plays, report.shown, report.cut, report.exposure_joined);
  text += fmt::format("{:<9}{:>8}{:>12}{:>12}{:>11}{:>10}{:>10}\n", "audience", "plays", "play s",
                      "person s", "crossings", "average", "coverage");
  for (const auto& entry : report.audience) {
    text += fmt::format("{:<9}{:>8}{:>12}{:>12}{:>11}{:>10}{:>10}\n", name_of(entry.quality),
                        entry.plays, milli(entry.play_ms), milli(entry.person_ms), entry.crossings,
                        milli(entry.avg_milli), milli(entry.coverage_permille));
  }
  text += fmt::format("\n{:<9}{:>8}{:>8}{:>12}\n", "stream", "batches", "rows", "bytes");
  for (const auto& entry : report.streams) {
    text += fmt::format("{:<9}{:>8}{:>8}{:>12}\n", entry.stream, entry.batches, entry.rows,
                        entry.bytes);
  }
  text += fmt::format("bytes a play {}; conflicts {}, unreadable {}\n",
                      milli(report.bytes_a_play_milli), report.conflicts, report.unreadable);
  return text;
}

Result<std::string> report(const fs::path& config, bool json) {
  auto backend = read_backend_config(config, "ingest");  // the store is the ingest's
  if (!backend) return std::move(backend).error();
  auto store = read_report(backend->ingest.store);
  if (!store) return std::move(store).error().context(sql_store_name(backend->ingest.store));
  return json ? report_json(*store) : report_text(*store);
}

}  // namespace vitrine::op
