// The attacker here knows what is told, that hidden cells hold at least one, and counts out every
// table that fits: no word of the code under test in it.
#include "backflow/privacy.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace vitrine;

namespace {

constexpr std::int64_t kUnknown = -1;

// A table as a reader gets it: figures, kUnknown where hidden, zero where nothing is.
struct ToldTable {
  std::vector<std::vector<std::int64_t>> cells;
  std::vector<std::int64_t> rows, columns;
  std::int64_t all = kUnknown;
};

ToldTable tell(const PersonTable& table, const Hidden& hidden) {
  ToldTable told;
  told.cells.assign(table.rows.size(), std::vector<std::int64_t>(table.columns.size(), 0));
  for (std::size_t i = 0; i < table.cells.size(); ++i)
    told.cells[table.cells[i].row][table.cells[i].column] =
        hidden.cells[i] ? kUnknown : table.cells[i].persons;
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    told.rows.push_back(hidden.rows[i] ? kUnknown : table.rows[i]);
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    told.columns.push_back(hidden.columns[i] ? kUnknown : table.columns[i]);
  told.all = hidden.all ? kUnknown : table.all;
  return told;
}

// Every value, up to a bound, that each hidden cell has in some table that fits what is told.
class Attacker {
 public:
  Attacker(ToldTable told, std::int64_t most) : told_(std::move(told)), most_(most) {
    for (std::size_t r = 0; r < told_.cells.size(); ++r)
      for (std::size_t c = 0; c < told_.columns.size(); ++c)
        if (told_.cells[r][c] == kUnknown) unknown_.emplace_back(r, c);
    possible_.resize(unknown_.size());
  }
  std::vector<std::vector<std::int64_t>> possible() {
    guess(0);
    for (auto& values : possible_) {
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
    }
    return possible_;
  }
  const std::vector<std::pair<std::size_t, std::size_t>>& unknown() const { return unknown_; }

 private:
  // How much of a sum is still open: it may not be passed, and has to be met when all is guessed.
  bool fits(bool complete) const {
    const auto sum_fits = [&](std::int64_t sum, std::int64_t told) {
      return told == kUnknown || (complete ? sum == told : sum <= told);
    };
    std::vector<std::int64_t> columns(told_.columns.size(), 0);
    std::int64_t all = 0;
    for (std::size_t r = 0; r < told_.cells.size(); ++r) {
      std::int64_t row = 0;
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const std::int64_t value = std::max<std::int64_t>(0, told_.cells[r][c]);
        row += value;
        columns[c] += value;
      }
      all += row;
      if (!sum_fits(row, told_.rows[r])) return false;
    }
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (!sum_fits(columns[c], told_.columns[c])) return false;
    return sum_fits(all, told_.all);
  }

  void guess(std::size_t at) {
    if (at == unknown_.size()) {
      if (!fits(true)) return;
      for (std::size_t i = 0; i < unknown_.size(); ++i)
        possible_[i].push_back(told_.cells[unknown_[i].first][unknown_[i].second]);
      return;
    }
    auto& cell = told_.cells[unknown_[at].first][unknown_[at].second];
    for (cell = 1; cell <= most_; ++cell) {
      if (!fits(false)) break;
      guess(at + 1);
    }
    cell = kUnknown;
  }

  ToldTable told_;
  std::int64_t most_;
  std::vector<std::pair<std::size_t, std::size_t>> unknown_;
  std::vector<std::vector<std::int64_t>> possible_;
};

PersonTable random_table(std::mt19937& random, std::size_t rows, std::size_t columns,
                         std::int64_t most) {
  PersonTable table;
  table.rows.resize(rows);
  table.columns.resize(columns);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) {
      const auto persons = static_cast<std::int64_t>(random() % static_cast<unsigned>(most + 1));
      if (persons == 0) continue;
      table.cells.push_back({r, c, persons});
      table.rows[r] += persons;
      table.columns[c] += persons;
      table.all += persons;
    }
  return table;
}

std::int64_t persons_at(const PersonTable& table, std::pair<std::size_t, std::size_t> place) {
  for (const auto& cell : table.cells)
    if (cell.row == place.first && cell.column == place.second) return cell.persons;
  return 0;
}

}  // namespace

TEST_CASE("no hidden cell of fewer than k can be told from totals, by whoever tries all tables") {
  constexpr std::int64_t kFew = 3;
  std::mt19937 random(20261201);
  int attacked = 0;
  for (int round = 0; round < 400; ++round) {
    const auto table = random_table(random, 2 + random() % 2, 2 + random() % 2, 6);
    const Hidden hidden = hide_few(table, kFew);
    Attacker attacker(tell(table, hidden), 9);
    if (attacker.unknown().size() > 6) continue;  // as many tables as the test has time for
    const auto possible = attacker.possible();
    for (std::size_t i = 0; i < possible.size(); ++i) {
      const auto truth = persons_at(table, attacker.unknown()[i]);
      CAPTURE(round);
      REQUIRE(std::find(possible[i].begin(), possible[i].end(), truth) != possible[i].end());
      CHECK(possible[i].size() >= (truth < kFew ? kFew : 2));
      ++attacked;
    }
  }
  CHECK(attacked > 500);
}

TEST_CASE("whatever fewer than k persons stand behind is hidden, sums included") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const auto table = random_table(random, 1 + random() % 12, 1 + random() % 12, 60);
    const Hidden hidden = hide_few(table);
    for (std::size_t i = 0; i < table.cells.size(); ++i)
      if (table.cells[i].persons < kPrivacyK) CHECK(hidden.cells[i]);
    for (std::size_t i = 0; i < table.rows.size(); ++i)
      if (table.rows[i] > 0 && table.rows[i] < kPrivacyK) CHECK(hidden.rows[i]);
  }
}

TEST_CASE("a hidden cell is never alone in a row or column whose sum is told") {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    const auto table = random_table(random, 2 + random() % 30, 2 + random() % 30, 200);
    const Hidden hidden = hide_few(table);
    std::vector<std::size_t> in_row(table.rows.size()), in_column(table.columns.size());
    for (std::size_t i = 0; i < table.cells.size(); ++i) {
      if (!hidden.cells[i]) continue;
      ++in_row[table.cells[i].row];
      ++in_column[table.cells[i].column];
    }
    for (std::size_t i = 0; i < in_row.size(); ++i) CHECK((in_row[i] != 1 || hidden.rows[i]));
    for (std::size_t i = 0; i < in_column.size(); ++i)
      CHECK((in_column[i] != 1 || hidden.columns[i]));
  }
}

TEST_CASE("what is hidden does not depend on the order of the cells") {
  std::mt19937 random(13);
  for (int round = 0; round < 50; ++round) {
    auto table = random_table(random, 8, 8, 80);
    std::vector<std::size_t> order(table.cells.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const Hidden hidden = hide_few(table);
    std::shuffle(order.begin(), order.end(), random);
    auto shuffled = table;
    for (std::size_t i = 0; i < order.size(); ++i) shuffled.cells[i] = table.cells[order[i]];
    const Hidden again = hide_few(shuffled);
    for (std::size_t i = 0; i < order.size(); ++i) CHECK(again.cells[i] == hidden.cells[order[i]]);
    CHECK(again.rows == hidden.rows);
    CHECK(again.columns == hidden.columns);
  }
}

TEST_CASE("a table of many hides nothing, and one of k or more stays when its neighbours do") {
  PersonTable table;
  table.rows = {300, 300};
  table.columns = {300, 300};
  table.all = 600;
  table.cells = {{0, 0, 150}, {0, 1, 150}, {1, 0, 150}, {1, 1, 150}};
  CHECK(hide_few(table).count() == 0);
  table.cells[0].persons = 5;
  CHECK(hide_few(table).count() == 4);  // each of the others would give it away
  CHECK_FALSE(hide_few(table).all);
}

TEST_CASE("a list hides the smallest of the rest with one of few, or everything") {
  CHECK(hide_few(std::vector<std::int64_t>{100, 0, 50}, 20) ==
        std::vector<bool>{false, false, false});
  CHECK(hide_few(std::vector<std::int64_t>{100, 3, 0, 50}, 20) ==
        std::vector<bool>{false, true, false, true});
  CHECK(hide_few(std::vector<std::int64_t>{7, 0, 19, 1}, 20) ==
        std::vector<bool>{true, true, true, true});
  CHECK(hide_few(std::vector<std::int64_t>{}, 20).empty());
}

TEST_CASE("a table of a thousand areas and a quarter is done in time for a report") {
  std::mt19937 random(17);
  const auto table = random_table(random, 1000, 90, 40);
  const Hidden hidden = hide_few(table);
  CHECK(hidden.count() >= 1);
  CHECK_FALSE(hidden.all);
}
