#include "backflow/chain.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace vitrine {
namespace {

using Events = std::map<std::string_view, const OnlineEvent*>;

Events once_each(const std::vector<OnlineEvent>& events) {
  Events kept;
  for (const OnlineEvent& event : events) {
    const auto [place, fresh] = kept.emplace(event.event_id, &event);
    if (!fresh && to_sql_row(event) < to_sql_row(*place->second)) place->second = &event;
  }
  return kept;
}

// Who is to lead when several events name one coupon or one order.
bool comes_before(const OnlineEvent& one, const OnlineEvent& other) {
  return std::tie(one.time_us, one.event_id) < std::tie(other.time_us, other.event_id);
}

class Linker {
 public:
  Linker(const std::vector<ChainScan>& scans, const Events& events, const ChainRules& rules)
      : rules_(rules) {
    for (const ChainScan& scan : scans)
      if (scan.scan.state == "tied") scans_.emplace(scan.scan.scan_id, &scan);
    std::map<std::string_view, const OnlineEvent*> first;
    for (const auto& [id, event] : events)
      if (event->coupon_id && own_scan(*event)) keep_first(first, *event->coupon_id, *event);
    for (const auto& [coupon, event] : first) coupons_.emplace(coupon, own_scan(*event));
    first.clear();
    for (const auto& [id, event] : events)
      if (event->type == "order" && event->order_id && scan_or_coupon(*event))
        keep_first(first, *event->order_id, *event);
    for (const auto& [order, event] : first) orders_.emplace(order, scan_or_coupon(*event));
  }

  const ChainScan* scan_of(const OnlineEvent& event) const {
    if (event.order_id)
      if (const auto found = orders_.find(*event.order_id); found != orders_.end())
        return found->second;
    return scan_or_coupon(event);
  }

 private:
  static void keep_first(std::map<std::string_view, const OnlineEvent*>& first,
                         std::string_view key, const OnlineEvent& event) {
    const auto [place, fresh] = first.emplace(key, &event);
    if (!fresh && comes_before(event, *place->second)) place->second = &event;
  }

  // What comes before its scan, or long after, was not caused by it.
  const ChainScan* in_time(const OnlineEvent& event, const ChainScan* scan) const {
    const Micros delay = event.time_us - scan->scan.time_us;
    if (delay < -rules_.clock_slack_us) return nullptr;
    return delay <= rules_.window_us || event.type == "return" ? scan : nullptr;
  }

  const ChainScan* own_scan(const OnlineEvent& event) const {
    if (!event.scan_id) return nullptr;
    const auto found = scans_.find(*event.scan_id);
    return found == scans_.end() ? nullptr : in_time(event, found->second);
  }

  const ChainScan* scan_or_coupon(const OnlineEvent& event) const {
    if (const ChainScan* scan = own_scan(event)) return scan;
    if (!event.coupon_id) return nullptr;
    const auto found = coupons_.find(*event.coupon_id);
    return found == coupons_.end() ? nullptr : in_time(event, found->second);
  }

  const ChainRules& rules_;
  std::unordered_map<std::string_view, const ChainScan*> scans_, coupons_, orders_;
};

// Two kinds of person: one the shop knows by a hash, and one of whom nothing is known but a scan.
std::string person_of(const LinkedEvent& linked) {
  if (linked.event->id_hash)
    return "id " + linked.event->id_type.value_or("") + " " + *linked.event->id_hash;
  return "scan " + linked.scan->scan.scan_id;
}

// Something that a scan led to, put together from all its events.
struct Reached {
  const ChainScan* scan = nullptr;
  Micros first_us = 0;
  std::set<std::string> persons;
};

// One order: what was bought, and what of it came back.
struct Order : Reached {
  std::map<std::string, Value> value;
};

struct Things {
  std::array<std::map<std::string, Reached>, kChainStages> stages;  // by what they are told apart
  std::map<std::string, Order> orders;
  std::int64_t without_scan = 0;
  std::int64_t returns_without_order = 0;
};

void reach(Reached& reached, const LinkedEvent& linked) {
  if (!reached.scan || linked.event->time_us < reached.first_us)
    reached.first_us = linked.event->time_us;
  reached.scan = linked.scan;
  reached.persons.insert(person_of(linked));
}

Value value_of(const OnlineEvent& event) {
  return {event.gross_micro.value_or(0), event.net_micro.value_or(0)};
}

// Shops say what came back as an amount or as a negative one.
Value returned_value(const OnlineEvent& event) {
  const auto size = [](std::int64_t value) { return value < 0 ? -value : value; };
  const Value value = value_of(event);
  return {size(value.gross_micro), size(value.net_micro)};
}

void add_value(Order& order, const OnlineEvent& event, const Value& value, int sign) {
  if (!event.gross_micro && !event.net_micro) return;
  Value& sum = order.value[event.currency.value_or("")];
  sum.gross_micro += sign * value.gross_micro;
  sum.net_micro += sign * value.net_micro;
}

Things put_together(const std::vector<LinkedEvent>& linked) {
  Things things;
  const auto stage = [&](ChainStage which) -> auto& {
    return things.stages[static_cast<std::size_t>(which)];
  };
  for (const LinkedEvent& one : linked) {
    const OnlineEvent& event = *one.event;
    if (!one.scan) {
      ++things.without_scan;
    } else if (event.type == "follow") {
      reach(stage(ChainStage::follow)[one.scan->scan.scan_id], one);
    } else if (event.type == "coupon_claimed" || event.type == "coupon_redeemed") {
      const auto which = event.type == "coupon_claimed" ? ChainStage::coupon : ChainStage::redeemed;
      reach(stage(which)[event.coupon_id.value_or("event " + event.event_id)], one);
    } else if (event.type == "order") {
      const std::string id = event.order_id.value_or("event " + event.event_id);
      reach(stage(ChainStage::order)[id], one);
      add_value(things.orders[id], event, value_of(event), 1);
    }
  }
  for (const LinkedEvent& one : linked) {
    if (!one.scan || one.event->type != "return") continue;
    const auto& orders = stage(ChainStage::order);
    const auto order = one.event->order_id ? orders.find(*one.event->order_id) : orders.end();
    if (order == orders.end()) {
      ++things.returns_without_order;
      continue;
    }
    reach(stage(ChainStage::returned)[order->first], one);
    add_value(things.orders[order->first], *one.event, returned_value(*one.event), -1);
  }
  return things;
}

// Sums for one line of a table.
class Sums {
 public:
  void scans(std::int64_t count) { figures_.scans += count; }
  void add(ChainStage which, const Reached& reached) {
    const auto i = static_cast<std::size_t>(which);
    ++figures_.stages[i].count;
    persons_[i].insert(reached.persons.begin(), reached.persons.end());
    const Micros delay = reached.first_us - reached.scan->scan.time_us;
    delays_[i].push_back(std::max<Micros>(0, delay) / kSecond);
  }
  void add(const Order& order) {
    for (const auto& [currency, value] : order.value) {
      figures_.value[currency].gross_micro += value.gross_micro;
      figures_.value[currency].net_micro += value.net_micro;
    }
  }
  ChainFigures figures() {
    for (std::size_t i = 0; i < kChainStages; ++i) {
      figures_.stages[i].persons = static_cast<std::int64_t>(persons_[i].size());
      auto& delays = delays_[i];
      if (delays.empty()) continue;
      std::sort(delays.begin(), delays.end());
      figures_.stages[i].half_delay_s = delays[(delays.size() - 1) / 2];
      figures_.stages[i].most_delay_s = delays[(delays.size() * 9 + 9) / 10 - 1];
    }
    return std::move(figures_);
  }

 private:
  ChainFigures figures_;
  std::array<std::set<std::string>, kChainStages> persons_;
  std::array<std::vector<std::int64_t>, kChainStages> delays_;
};

// One table: a line for each key that a tied scan has.
template <class Key, class KeyOf>
std::map<Key, ChainFigures> table(const std::vector<ScanCount>& counts, const Things& things,
                                  KeyOf key_of) {
  std::map<Key, Sums> sums;
  for (const ScanCount& count : counts)
    if (count.state == "tied") sums[key_of(count)].scans(count.scans);
  for (std::size_t i = 0; i < kChainStages; ++i) {
    const auto which = static_cast<ChainStage>(i);
    for (const auto& [id, reached] : things.stages[i]) {
      Sums& line = sums[key_of(count_of(*reached.scan))];
      line.add(which, reached);
      if (which == ChainStage::order) line.add(things.orders.at(id));
    }
  }
  std::map<Key, ChainFigures> figures;
  for (auto& [key, line] : sums) figures.emplace(key, line.figures());
  return figures;
}

template <class Key>
std::map<Key, ToldFigures> told_table(const std::map<Key, ChainFigures>& lines, std::int64_t k) {
  std::map<Key, ToldFigures> told;
  for (const auto& [key, line] : lines) told[key].scans = line.scans;
  for (std::size_t i = 0; i < kChainStages; ++i) {
    std::vector<std::int64_t> persons;
    for (const auto& [key, line] : lines) persons.push_back(line.stages[i].persons);
    const auto hidden = hide_few(persons, k);
    std::size_t at = 0;
    for (const auto& [key, line] : lines) {
      if (hidden[at++]) continue;
      told[key].stages[i] = line.stages[i];
      if (static_cast<ChainStage>(i) == ChainStage::order) told[key].value = line.value;
    }
  }
  return told;
}

}  // namespace

std::string_view name_of(ChainStage stage) {
  switch (stage) {
    case ChainStage::follow:
      return "follow";
    case ChainStage::coupon:
      return "coupon";
    case ChainStage::redeemed:
      return "redeemed";
    case ChainStage::order:
      return "order";
    case ChainStage::returned:
      return "returned";
  }
  return "unknown";
}

std::vector<LinkedEvent> link_events(const std::vector<ChainScan>& scans,
                                     const std::vector<OnlineEvent>& events,
                                     const ChainRules& rules) {
  const Events kept = once_each(events);
  const Linker linker(scans, kept, rules);
  std::vector<LinkedEvent> linked;
  linked.reserve(kept.size());
  for (const auto& [id, event] : kept) linked.push_back({event, linker.scan_of(*event)});
  return linked;
}

ScanCount count_of(const ChainScan& one) {
  const Scan& scan = one.scan;
  return {scan.creative, scan.area.value_or(kAbsent), one.hour, scan.landing,
          scan.state,    scan.cause.value_or(""),     1};
}

ChainReport chain_report(const std::vector<ScanCount>& counts, const std::vector<ChainScan>& scans,
                         const std::vector<OnlineEvent>& events, const ScanFilter& wanted,
                         const ChainRules& rules) {
  auto linked = link_events(scans, events, rules);
  std::erase_if(linked, [&](const LinkedEvent& one) {
    return wanted && one.scan && !wanted(one.scan->scan);
  });
  const Things things = put_together(linked);
  ChainReport report;
  report.without_scan = things.without_scan;
  report.returns_without_order = things.returns_without_order;
  for (const ScanCount& count : counts) {
    if (count.state == "pending") report.pending += count.scans;
    if (count.state == "rejected") report.rejected[count.cause] += count.scans;
  }
  const auto whole = table<int>(counts, things, [](const ScanCount&) { return 0; });
  if (!whole.empty()) report.all = whole.at(0);
  using Number = std::int64_t;
  report.by_creative =
      table<Number>(counts, things, [](const auto& scan) { return scan.creative; });
  report.by_area = table<Number>(counts, things, [](const auto& scan) { return scan.area; });
  report.by_hour = table<Number>(counts, things, [](const auto& scan) { return scan.hour; });
  report.by_landing =
      table<std::string>(counts, things, [](const auto& scan) { return scan.landing; });
  return report;
}

ToldChain told(const ChainReport& report, std::int64_t k) {
  ToldChain chain;
  chain.pending = report.pending;
  chain.rejected = report.rejected;
  chain.all.scans = report.all.scans;
  for (std::size_t i = 0; i < kChainStages; ++i)
    if (const auto& stage = report.all.stages[i]; stage.count == 0 || stage.persons >= k)
      chain.all.stages[i] = stage;
  const auto& orders = chain.all.stages[static_cast<std::size_t>(ChainStage::order)];
  if (orders) chain.all.value = report.all.value;
  chain.by_creative = told_table(report.by_creative, k);
  chain.by_area = told_table(report.by_area, k);
  chain.by_hour = told_table(report.by_hour, k);
  chain.by_landing = told_table(report.by_landing, k);
  return chain;
}

}  // namespace vitrine
