#include "backflow/area_day.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace vitrine {
namespace {

// The figures that are added up with each other: those of one campaign, type and currency.
using Kind = std::tuple<std::int64_t, std::string, std::string>;

Kind kind_of(const AreaDayEvents& cell) {
  return {cell.key.campaign, cell.type, cell.currency};
}

// A place in a table of areas by days; an area with two arms has a line for each.
using Line = std::pair<std::int64_t, std::int64_t>;

// Which of these cells of one kind are hidden.
std::vector<bool> hidden_of(const std::vector<const AreaDayEvents*>& cells, std::int64_t k) {
  std::map<Line, std::size_t> lines;
  std::map<std::int64_t, std::size_t> days;
  for (const AreaDayEvents* cell : cells) {
    lines.emplace(Line{cell->key.area, cell->key.arm}, 0);
    days.emplace(cell->key.day, 0);
  }
  std::size_t next = 0;
  for (auto& [line, index] : lines) index = next++;
  next = 0;
  for (auto& [day, index] : days) index = next++;
  PersonTable table;
  table.rows.resize(lines.size());
  table.columns.resize(days.size());
  for (const AreaDayEvents* cell : cells) {
    const std::size_t row = lines.at({cell->key.area, cell->key.arm});
    const std::size_t column = days.at(cell->key.day);
    table.cells.push_back({row, column, cell->persons});
    // Who comes on two days counts as two: a sum is then taken for told where it may not be, never
    // the other way round.
    table.rows[row] += cell->persons;
    table.columns[column] += cell->persons;
    table.all += cell->persons;
  }
  // Reports tell what all areas and days add up to, and will not hide it for the sake of a cell.
  if (table.all >= k) table.total = Margin::exact;
  return hide_few(table, k).cells;
}

}  // namespace

std::vector<AreaDayEvents> linked_cells(const std::vector<LinkedEvent>& linked) {
  struct Cell {
    AreaDayEvents sums;
    std::set<std::string> persons;
  };
  std::map<std::tuple<AreaDayKey, std::string, std::string>, Cell> cells;
  for (const LinkedEvent& one : linked) {
    if (!one.scan) continue;
    const OnlineEvent& event = *one.event;
    const Scan& scan = one.scan->scan;
    const AreaDayKey key{scan.campaign, event.area ? *event.area : scan.area.value_or(0), event.day,
                         scan.arm.value_or(0)};
    Cell& cell = cells[{key, event.type, event.currency.value_or("")}];
    ++cell.sums.events;
    cell.sums.qty += event.qty.value_or(0);
    cell.sums.gross_micro += event.gross_micro.value_or(0);
    cell.sums.net_micro += event.net_micro.value_or(0);
    cell.persons.insert(event.id_hash ? "id " + *event.id_hash : "scan " + scan.scan_id);
  }
  std::vector<AreaDayEvents> rows;
  for (auto& [at, cell] : cells) {
    std::tie(cell.sums.key, cell.sums.type, cell.sums.currency) = at;
    cell.sums.persons = static_cast<std::int64_t>(cell.persons.size());
    rows.push_back(std::move(cell.sums));
  }
  return rows;
}

std::vector<AreaDayRow> area_day(const std::vector<AreaDayPlays>& plays,
                                 const std::vector<AreaDayEvents>& events, std::int64_t k) {
  std::map<AreaDayKey, AreaDayRow> rows;
  for (const AreaDayPlays& sums : plays) rows[sums.key].plays = sums;
  std::map<Kind, std::vector<const AreaDayEvents*>> kinds;
  for (const AreaDayEvents& cell : events) kinds[kind_of(cell)].push_back(&cell);
  for (const auto& [kind, cells] : kinds) {
    const auto hidden = hidden_of(cells, k);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const AreaDayEvents& cell = *cells[i];
      AreaDayRow& row = rows[cell.key];
      row.plays.key = cell.key;
      if (hidden[i]) {
        row.events.push_back({cell.type, cell.currency, true});
      } else {
        row.events.push_back({cell.type, cell.currency, false, cell.events, cell.qty,
                              cell.gross_micro, cell.net_micro});
      }
    }
  }
  std::vector<AreaDayRow> told;
  for (auto& [key, row] : rows) {
    std::sort(row.events.begin(), row.events.end(), [](const auto& one, const auto& other) {
      return std::tie(one.type, one.currency) < std::tie(other.type, other.currency);
    });
    told.push_back(std::move(row));
  }
  return told;
}

}  // namespace vitrine
