#include "store/stored_rows.hpp"

#include <algorithm>

namespace vitrine::store {
namespace {

bool same_content(const SqlRow& a, const SqlRow& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end() - kSourceColumns, b.begin());
}

// Of the raw tables of a stream: device, log_id and seq stand first.
Result<std::vector<SqlRow>> stored_under(SqlStore& store, const SqlTable& table, const SqlRow& key,
                                         const std::string& order = "") {
  std::string sql;
  for (const SqlColumn& column : table.columns)
    sql += (sql.empty() ? "SELECT " : ", ") + column.name;
  sql += " FROM " + table.name + " WHERE device = " + sql_quoted(sql_text(key[0])) +
         " AND log_id = " + std::to_string(sql_integer(key[1])) +
         " AND seq = " + std::to_string(sql_integer(key[kSeqColumn])) + order;
  std::vector<SqlRow> rows;
  auto asked = store.query(sql, [&](const SqlRow& row) {
    rows.push_back(row);
    return ok();
  });
  if (!asked) return std::move(asked).error();
  return rows;
}

}  // namespace

Result<bool> is_stored(SqlStore& store, Stream stream, const RawBlocks& blocks, std::size_t r) {
  const SqlBlock& rows = blocks.of(raw_table_of(stream));
  const SqlRow row = rows.row(r);
  auto stored = stored_under(store, rows.table(), row);
  if (!stored) return std::move(stored).error();
  if (stored->empty() || !same_content(stored->front(), row)) return false;
  if (stream != Stream::health) return true;
  const SqlBlock& all = blocks.of(RawTable::health_figure);
  stored = stored_under(store, all.table(), row, " ORDER BY name");
  if (!stored) return std::move(stored).error();
  std::vector<SqlRow> figures;
  for (std::size_t i = 0; i < all.rows(); ++i)
    if (all.column(kSeqColumn).integers[i] == sql_integer(row[kSeqColumn]))
      figures.push_back(all.row(i));
  return std::equal(stored->begin(), stored->end(), figures.begin(), figures.end(), same_content);
}

}  // namespace vitrine::store
