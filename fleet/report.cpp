#include "report.hpp"

#include <spdlog/fmt/fmt.h>

#include "protocol/json.hpp"

namespace vitrine::fleet {
namespace {

double ms(Micros time) {
  return static_cast<double>(time) / 1000.0;
}

double per_million(double cpu_s, std::int64_t plays) {
  return plays > 0 ? cpu_s * 1e6 / static_cast<double>(plays) : 0;
}

}  // namespace

Report::Report(std::vector<std::string> names) : names_(std::move(names)) {
  names_.push_back("fleet");
}

std::string Report::head() const {
  std::string text =
      fmt::format("{:>8} {:>5} {:>9} {:>9} {:>9} {:>9} {:>8} {:>8} {:>7}", "phase", "s",
                  "connected", "played/s", "sent/s", "acked/s", "ack p50", "p95 ms", "late s");
  for (const auto& name : names_) text += fmt::format(" {:>7}%", name);
  return text;
}

std::string Report::line(const Moment& moment) {
  if (std::string_view(moment.phase) != before_.phase) {
    const Costs costs = before_.costs;
    before_ = {.phase = moment.phase,
               .played = before_.played,
               .sent = before_.sent,
               .acked = before_.acked,
               .costs = costs};
  }
  const double passed = moment.at_s - before_.at_s;
  const auto rate = [&](std::int64_t now, std::int64_t then) {
    return passed > 0 ? static_cast<double>(now - then) / passed : 0;
  };
  std::string text =
      fmt::format("{:>8} {:>5.1f} {:>9} {:>9.0f} {:>9.0f} {:>9.0f} {:>8.0f} {:>8.0f} {:>7.1f}",
                  moment.phase, moment.at_s, moment.connected, rate(moment.played, before_.played),
                  rate(moment.sent, before_.sent), rate(moment.acked, before_.acked),
                  ms(moment.ack_p50), ms(moment.ack_p95), moment.behind_s);
  for (std::size_t i = 0; i < moment.costs.size(); ++i) {
    const double then = i < before_.costs.size() ? before_.costs[i].cpu_s : moment.costs[i].cpu_s;
    text +=
        fmt::format(" {:>7.0f}%", passed > 0 ? 100 * (moment.costs[i].cpu_s - then) / passed : 0);
  }
  before_ = moment;
  return text;
}

std::string Report::table(const Summary& s) const {
  std::string text;
  const auto put = [&](const std::string& line) { text += line + "\n"; };
  put(fmt::format("prepared  {} screens, {} plays: {:.1f} CPU s; one signature {:.1f} us",
                  s.screens, s.prepared_rows, s.prepare_cpu_s, s.sign_us));
  put(fmt::format("connected {:.1f} s, {:.0f} a second; {} attempts, {} lost", s.connect_s,
                  s.connect_s > 0 ? static_cast<double>(s.screens) / s.connect_s : 0, s.attempts,
                  s.losses));
  put(fmt::format(
      "played    {} plays in {} batches, {} acknowledged, {} resent, {} refused; {:.1f} "
      "bytes a play",
      s.plays, s.batches, s.acked_plays, s.resent_batches, s.refused,
      s.plays > 0 ? static_cast<double>(s.batch_bytes) /
                        static_cast<double>(s.plays + s.resent_batches * 20)
                  : 0));
  put(fmt::format("          {:.0f} plays a second to the fsynced spool, over {:.1f} s",
                  s.acked_per_s(), s.play_s));
  put(fmt::format("ack       p50 {:.0f} ms, p95 {:.0f} ms, p99 {:.0f} ms", ms(s.ack_p50),
                  ms(s.ack_p95), ms(s.ack_p99)));
  put(fmt::format("{:<10}{:>18}{:>22}{:>12}{:>10}", "process", "ms a connection",
                  "CPU s a 1e6 plays", "of a core", "MiB"));
  double sum = 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const ProcessCost& play = s.play_costs[i];
    sum += per_million(play.cpu_s, s.acked_plays);
    put(fmt::format("{:<10}{:>18.2f}{:>22.2f}{:>12.2f}{:>10.0f}", names_[i],
                    s.connect_costs[i].cpu_s * 1000 / static_cast<double>(s.screens),
                    per_million(play.cpu_s, s.acked_plays),
                    s.play_s > 0 ? play.cpu_s / s.play_s : 0, play.rss_mib));
  }
  put(fmt::format("{:<10}{:>18}{:>22.2f}", "all", "", sum));
  return text;
}

std::string Report::json(const Summary& s) const {
  Json::Object processes;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    processes[names_[i]] =
        Json::Object{{"connect_cpu_s", s.connect_costs[i].cpu_s},
                     {"play_cpu_s", s.play_costs[i].cpu_s},
                     {"cpu_s_per_million_plays", per_million(s.play_costs[i].cpu_s, s.acked_plays)},
                     {"rss_mib", s.play_costs[i].rss_mib}};
  }
  const auto count = [](std::size_t value) { return static_cast<std::int64_t>(value); };
  return write_json(Json::Object{{"screens", count(s.screens)},
                                 {"prepared_rows", count(s.prepared_rows)},
                                 {"prepare_cpu_s", s.prepare_cpu_s},
                                 {"sign_us", s.sign_us},
                                 {"connect_s", s.connect_s},
                                 {"attempts", s.attempts},
                                 {"losses", s.losses},
                                 {"play_s", s.play_s},
                                 {"plays", s.plays},
                                 {"acked_plays", s.acked_plays},
                                 {"batches", s.batches},
                                 {"resent_batches", s.resent_batches},
                                 {"batch_bytes", s.batch_bytes},
                                 {"refused", s.refused},
                                 {"acked_plays_per_s", s.acked_per_s()},
                                 {"ack_p50_ms", ms(s.ack_p50)},
                                 {"ack_p95_ms", ms(s.ack_p95)},
                                 {"ack_p99_ms", ms(s.ack_p99)},
                                 {"processes", std::move(processes)}});
}

}  // namespace vitrine::fleet
