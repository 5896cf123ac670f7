#include "backflow/sql_block.hpp"

#include <doctest/doctest.h>

#include "base/math.hpp"

namespace vitrine {
namespace {

const SqlTable& visits() {
  static const SqlTable table{"visits",
                              {{"id"},
                               {"count", SqlType::maybe_integer, "UInt8"},
                               {"shift", SqlType::integer, "Int16"},
                               {"name", SqlType::text},
                               {"note", SqlType::maybe_text},
                               {"proof", SqlType::hash}},
                              {"id"}};
  return table;
}

Hash256 hash(std::uint8_t byte) {
  Hash256 made{};
  made.fill(byte);
  return made;
}

void add(SqlBlock& block, std::int64_t id, std::int64_t count = 1, std::int64_t shift = 0) {
  block.add(id)
      .add(count)
      .add(shift)
      .add(std::string_view("n"))
      .add(std::string_view("note"))
      .add(hash(0xab))
      .end_row();
}

std::string refusal(const SqlBlock& block, std::size_t from = 0) {
  const auto checked = block.check(from);
  return checked ? "" : checked.error().message;
}

TEST_CASE("a row goes into its columns and comes back as it was, absent values too") {
  const std::vector<SqlRow> rows = {
      {std::int64_t{-7}, std::int64_t{255}, std::int64_t{-32768}, std::string(), std::string("x"),
       std::string(62, 'e') + "01"},
      {std::int64_t{8}, SqlValue(), std::int64_t{32767}, std::string("n"), SqlValue(), SqlValue()}};
  const auto block = SqlBlock::of(visits(), rows);
  REQUIRE(block);
  CHECK(block->rows() == 2);
  CHECK(refusal(*block).empty());
  CHECK(block->row(0) == rows[0]);
  CHECK(block->row(1) == rows[1]);
  CHECK(block->column(1).integers == std::vector<std::int64_t>{255, kAbsent});
  CHECK(block->column(5).hashes[1] == Hash256{});
}

TEST_CASE("a value that has no place is found with its row and column, wherever it stands") {
  SqlBlock block(visits());
  add(block, 1);
  add(block, 2, kAbsent);
  CHECK(refusal(block).empty());
  add(block, 3, 256);
  CHECK(refusal(block).find("row 2 for table visits") != std::string::npos);
  CHECK(refusal(block).find("column count") != std::string::npos);
  CHECK(refusal(block, 3).empty());  // what was looked at before is not looked at again
  block.cut(2);
  CHECK(refusal(block).empty());
  add(block, 3, 1, -32'769);
  CHECK(refusal(block, 2).find("column shift") != std::string::npos);
  block.cut(2);
  add(block, kAbsent);
  CHECK(refusal(block).find("column id") != std::string::npos);
  block.cut(0);
  block.add(std::int64_t{1}).end_row();  // five values are missing
  CHECK(refusal(block).find("column count") != std::string::npos);
}

TEST_CASE("a row with a value of another kind leaves nothing of itself") {
  const SqlRow good = {std::int64_t{1},  SqlValue(), std::int64_t{0},
                       std::string("n"), SqlValue(), SqlValue()};
  SqlBlock block(visits());
  REQUIRE(block.add_row(good));
  for (const std::size_t wrong : {0u, 1u, 3u, 4u, 5u}) {
    SqlRow row = good;
    row[wrong] = wrong < 3 ? SqlValue(std::string("1")) : SqlValue(std::int64_t{1});
    CHECK_FALSE(block.add_row(row));
    CHECK(block.rows() == 1);
  }
  SqlRow no_hash = good;
  no_hash[5] = std::string(64, 'g');
  CHECK_FALSE(block.add_row(no_hash));
  CHECK_FALSE(block.add_row({std::int64_t{1}}));
  REQUIRE(block.add_row(good));
  CHECK(block.rows() == 2);
  CHECK(refusal(block).empty());
}

TEST_CASE("rows are taken away from either end") {
  SqlBlock block(visits());
  for (std::int64_t id = 1; id <= 5; ++id) add(block, id);
  block.drop_first(2);
  block.cut(2);
  CHECK(block.rows() == 2);
  CHECK(block.column(0).integers == std::vector<std::int64_t>{3, 4});
  CHECK(refusal(block).empty());
  block.drop_first(2);
  CHECK(block.rows() == 0);
}

}  // namespace
}  // namespace vitrine
