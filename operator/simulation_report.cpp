#include <spdlog/fmt/fmt.h>

#include "operator/local_clock.hpp"
#include "operator/simulate.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {
namespace {

// Of all times without a picture, so many are told one by one.
constexpr std::size_t kIdleTold = 5;

std::string thousandths(std::int64_t milli) {
  return fmt::format("{}.{:03}", milli / 1'000, milli % 1'000);
}

std::string idle_text(const Simulation& simulation) {
  std::string text;
  const auto& idle = simulation.idle;
  for (std::size_t i = 0; i < std::min(idle.size(), kIdleTold); ++i) {
    text += fmt::format("idle from {} for {} s: {}\n", moment_text(simulation.zone, idle[i].utc_ms),
                        thousandths(idle[i].length_ms), idle[i].why);
  }
  if (idle.size() > kIdleTold) text += fmt::format("idle {} times more\n", idle.size() - kIdleTold);
  return text;
}

}  // namespace

std::string simulation_text(const Simulation& simulation) {
  std::string text =
      fmt::format("{:>10}  {:<24}{:>8}{:>8}{:>12}{:>16}{:>8}{:>10}{:>10}\n", "campaign", "",
                  "plays", "ghosts", "shown s", "target imp", "due", "most off", "uneven");
  for (const SimulatedCampaign& entry : simulation.campaigns) {
    const bool quota = entry.due >= 0;
    text += fmt::format("{:>10}  {:<24}{:>8}{:>8}{:>12}{:>16}{:>8}{:>10}{:>10}\n", entry.campaign,
                        entry.label.substr(0, 23), entry.plays, entry.ghosts,
                        thousandths(entry.shown_ms), thousandths(entry.target_imp_milli),
                        quota ? std::to_string(entry.due) : "-",
                        quota ? std::to_string(entry.most_off) : "-",
                        quota ? thousandths(entry.most_uneven_milli) : "-");
  }
  text += fmt::format("{} decisions, lit for {} s, idle for {} s\n", simulation.decisions,
                      thousandths(simulation.lit_ms), thousandths(simulation.idle_ms));
  text += idle_text(simulation);
  if (simulation.took_us >= 0)
    text += fmt::format("simulated in {} ms\n", thousandths(simulation.took_us));
  return text;
}

std::string simulation_json(const Simulation& simulation) {
  Json::Array campaigns;
  for (const SimulatedCampaign& entry : simulation.campaigns) {
    Json::Object object{{"campaign", std::int64_t{entry.campaign}},
                        {"label", entry.label},
                        {"plays", entry.plays},
                        {"ghosts", entry.ghosts},
                        {"shown_ms", entry.shown_ms},
                        {"target_imp_milli", entry.target_imp_milli}};
    if (entry.due >= 0) {
      object.emplace("due", entry.due);
      object.emplace("most_off", entry.most_off);
      object.emplace("most_uneven_milli", entry.most_uneven_milli);
    }
    campaigns.emplace_back(std::move(object));
  }
  Json::Array idle;
  for (const IdleTime& entry : simulation.idle) {
    idle.emplace_back(
        Json::Object{{"utc_ms", entry.utc_ms}, {"length_ms", entry.length_ms}, {"why", entry.why}});
  }
  Json::Object object{{"campaigns", std::move(campaigns)},
                      {"decisions", simulation.decisions},
                      {"lit_ms", simulation.lit_ms},
                      {"idle_ms", simulation.idle_ms},
                      {"idle", std::move(idle)}};
  if (simulation.took_us >= 0) object.emplace("took_us", simulation.took_us);
  return write_json(object) + "\n";
}

}  // namespace vitrine::op
