// What of a table about persons may be told (docs/contracts.md, "Privacy").
//
// A cell that fewer than k distinct persons stand behind is hidden. As its row's total less the
// other cells would give it away, more is hidden beside it (complementary suppression; Willenborg,
// de Waal, "Elements of Statistical Disclosure Control", 2001, chapter 4), until this holds:
//
//     whoever knows every figure that is told, that no figure is negative, and that each hidden
//     cell holds at least 1, still finds k values that a hidden cell of less than k may have.
//
// Sums of plays have no persons behind them: they are exact, and nothing here applies to them.
//
// Pure. A table is told once: two tables that split one total in different ways are safe beside
// each other, but the same table of two ranges of days can be subtracted. Against that stands the
// log of exports (backflow/export_log.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vitrine {

inline constexpr std::int64_t kPrivacyK = 20;

// Whether the sums over rows, over columns, and over everything are told beside the cells.
enum class Margin {
  untold,  // nobody gets to know it
  told,    // told, unless it has to be hidden
  exact,   // told whatever comes
};

// A table of two ways. A cell without an entry is zero, and told as such.
struct PersonTable {
  struct Cell {
    std::size_t row = 0;
    std::size_t column = 0;
    std::int64_t persons = 0;  // distinct, >= 1; its figure is at least that
  };
  std::vector<Cell> cells;         // each place at most once
  std::vector<std::int64_t> rows;  // persons behind each row; its size is the number of rows
  std::vector<std::int64_t> columns;
  std::int64_t all = 0;
  Margin row_totals = Margin::told;
  Margin column_totals = Margin::told;
  Margin total = Margin::told;
};

// Same order as the table's. Figures beside a count (money, quantities) are hidden with it.
struct Hidden {
  std::vector<bool> cells;
  std::vector<bool> rows;
  std::vector<bool> columns;
  bool all = false;
  std::size_t count() const;  // of cells
};

// The same for the same table, whatever the order of its cells: ties go to the lower row, then
// column. Where exact totals leave no way to protect a cell, its whole row is hidden; a row with a
// cell of k persons or more never comes to that.
Hidden hide_few(const PersonTable& table, std::int64_t k = kPrivacyK);

// A list with its total, which stands whenever k persons are behind it and so may be told beside
// any number of lists that split it: which entries are hidden. With one of few persons goes the
// smallest of k or more. Where there is none of those, all are hidden, zeros too.
std::vector<bool> hide_few(const std::vector<std::int64_t>& persons, std::int64_t k = kPrivacyK);

}  // namespace vitrine
