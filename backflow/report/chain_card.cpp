#include "report/cards.hpp"
#include "report/html_text.hpp"
#include "report/page_frame.hpp"
#include "report/page_parts.hpp"

namespace vitrine::report {
namespace {

std::string told_count(const std::optional<ChainFigures::Stage>& stage) {
  return stage ? grouped(stage->count) : "hidden";
}

template <class Key, class Name>
std::string chain_table(const std::string& summary, const std::map<Key, ToldFigures>& lines,
                        Name name) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, line] : lines) {
    std::vector<std::string> row = {name(key), grouped(line.scans)};
    for (const auto& stage : line.stages) row.push_back(told_count(stage));
    rows.push_back(std::move(row));
  }
  std::vector<std::string> head = {"", "scans"};
  for (std::size_t i = 0; i < kChainStages; ++i)
    head.emplace_back(name_of(static_cast<ChainStage>(i)));
  return folded(summary, table(head, rows));
}

}  // namespace

std::string chain_card(const Report& report) {
  const ToldChain& chain = report.chain;
  if (chain.all.scans == 0 && chain.pending == 0) return {};
  std::vector<Bar> list = {{"scans", {{Fill::plain, chain.all.scans}}, grouped(chain.all.scans)}};
  std::vector<std::vector<std::string>> delays;
  for (std::size_t i = 0; i < kChainStages; ++i) {
    const auto& stage = chain.all.stages[i];
    const std::string name(name_of(static_cast<ChainStage>(i)));
    if (!stage) {
      list.push_back({name, {}, "fewer than 20 persons: hidden", true});
      continue;
    }
    list.push_back({name,
                    {{Fill::plain, stage->count}},
                    grouped(stage->count) + ", " + percent(stage->count, chain.all.scans)});
    if (stage->half_delay_s != kAbsent)
      delays.push_back({name, duration(stage->half_delay_s), duration(stage->most_delay_s)});
  }
  std::string content = bars(list);
  if (chain.all.value) {
    std::vector<std::vector<std::string>> values;
    for (const auto& [currency, value] : *chain.all.value)
      values.push_back({"orders, less returns", money(value.gross_micro, currency_of(currency)),
                        money(value.net_micro, currency_of(currency))});
    if (!values.empty()) content += table({"value", "gross", "net"}, values);
  }
  if (!delays.empty())
    content += table({"after the scan", "half within", "nine in ten within"}, delays);
  content += chain_table("By creative", chain.by_creative, [&](std::int64_t id) {
    return label_of(report.labels.creatives, "Creative", id);
  });
  content += chain_table("By area", chain.by_area, area_name);
  content += chain_table("By hour", chain.by_hour, hour_name);
  content +=
      chain_table("By landing", chain.by_landing, [](const std::string& name) { return name; });
  std::int64_t rejected = 0;
  for (const auto& [cause, count] : chain.rejected) rejected += count;
  std::string note =
      "Linked by the scan's own number and by coupons alone; nothing is estimated. Whatever fewer "
      "than 20 persons stand behind is hidden, and with it what would give it away.";
  if (chain.pending > 0) note += " " + grouped(chain.pending) + " scans wait for their play's row.";
  if (rejected > 0) note += " " + grouped(rejected) + " scans were rejected.";
  return card("From scan to order", content, note);
}

}  // namespace vitrine::report
