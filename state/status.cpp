#include "state/status.hpp"

#include "protocol/column.hpp"
#include "toml_text.hpp"

namespace vitrine {
namespace {

// Parts that figures have (health_figures.hpp): streams and the screen's own processes.
constexpr std::array<std::string_view, 9> kParts = {
    "play", "exposure", "flow", "health", "event", "player", "audience", "vet", "telemetry"};

}  // namespace

std::optional<std::int64_t> figure(const Figures& figures, std::string_view name) {
  for (const auto& [key, value] : figures) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::int64_t> figure_sum(const Figures& figures, std::string_view name) {
  std::optional<std::int64_t> sum;
  for (const auto& [key, value] : figures) {
    if (std::string_view(key).substr(0, key.find('.')) == name) sum = sum.value_or(0) + value;
  }
  return sum;
}

Status write_telemetry_status(const StatePaths& paths, const TelemetryStatus& status) {
  TomlText text;
  text.integer("written_at", status.written_at)
      .integer("boot_high", status.boot.high)
      .integer("boot_low", status.boot.low)
      .text("software", status.software)
      .integer("link_up", status.link_up ? 1 : 0)
      .integer("link_since", status.link_since)
      .text("link_reason", status.link_reason)
      .text("waiting_for", status.waiting_for)
      .integer("batch_period_s", status.batch_period_s)
      .text("notice", status.notice)
      .integer("notice_at", status.notice_at);
  std::vector<std::string> codes;
  for (const StatusAlert& alert : status.alerts) codes.push_back(alert.code);
  text.texts("alerts", codes);
  for (const StatusAlert& alert : status.alerts) {
    text.table("alert_" + alert.code).integer("since", alert.since).text("text", alert.text);
  }
  text.table("figures");
  for (const auto& [name, value] : status.figures) text.integer(name, value);
  return replace_volatile(paths.status(), text.str());
}

std::optional<TelemetryStatus> read_telemetry_status(const StatePaths& paths) {
  auto file = Config::read(paths.status());
  if (!file) return std::nullopt;
  TelemetryStatus status;
  status.written_at = file->integer_or("written_at", 0);
  status.boot = {file->integer_or("boot_high", 0), file->integer_or("boot_low", 0)};
  status.software = file->text_or("software", "");
  status.link_up = file->integer_or("link_up", 0) != 0;
  status.link_since = file->integer_or("link_since", 0);
  status.link_reason = file->text_or("link_reason", "");
  status.waiting_for = file->text_or("waiting_for", "");
  status.batch_period_s = file->integer_or("batch_period_s", 0);
  status.notice = file->text_or("notice", "");
  status.notice_at = file->integer_or("notice_at", 0);
  if (auto codes = file->texts("alerts")) {
    for (const std::string& code : *codes) {
      const std::string table = "alert_" + code + ".";
      status.alerts.push_back(
          {code, file->text_or(table + "text", ""), file->integer_or(table + "since", 0)});
    }
  }
  const auto take = [&](const std::string& name) {
    const std::int64_t value = file->integer_or("figures." + name, kAbsent);
    if (value != kAbsent) status.figures.emplace_back(name, value);
  };
  for (const FigureKind& kind : kFigureKinds) {
    if (kind.part.empty())
      take(std::string(kind.name));
    else
      for (const auto part : kParts) take(std::string(kind.name) + "." + std::string(part));
  }
  return status;
}

}  // namespace vitrine
