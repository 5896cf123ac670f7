#include "backflow/online_rows.hpp"

namespace vitrine {
namespace {

template <class Member>
constexpr SqlType sql_type_of() {
  if constexpr (std::is_same_v<Member, MaybeText>) return SqlType::maybe_text;
  if constexpr (std::is_same_v<Member, MaybeInteger>) return SqlType::maybe_integer;
  if constexpr (std::is_same_v<Member, std::string>) return SqlType::text;
  return SqlType::integer;
}

template <class Row>
SqlTable table_of(std::string name, std::vector<std::string> key, std::string day = {}) {
  SqlTable table{std::move(name), {}, std::move(key), std::move(day)};
  Row row;
  for_each_column(row, [&](std::string_view column, const auto& member) {
    table.columns.push_back(
        {std::string(column), sql_type_of<std::remove_cvref_t<decltype(member)>>()});
  });
  return table;
}

}  // namespace

const SqlTable& online_event_table() {
  static const SqlTable table = table_of<OnlineEvent>("online_event", {"event_id"}, "day");
  return table;
}
const SqlTable& online_cost_table() {
  static const SqlTable table = table_of<OnlineCost>("online_cost", {"cost_id"});
  return table;
}
const SqlTable& online_benchmark_table() {
  static const SqlTable table = table_of<OnlineBenchmark>("online_benchmark", {"benchmark_id"});
  return table;
}
const SqlTable& online_link_table() {
  static const SqlTable table = table_of<OnlineLink>("online_link", {"link_id"}, "day");
  return table;
}
const SqlTable& scan_table() {
  static const SqlTable table = table_of<Scan>("scan", {"scan_id"}, "day");
  return table;
}
const SqlTable& scan_refused_table() {
  static const SqlTable table = table_of<ScanRefused>("scan_refused", {"count_id", "cause"}, "day");
  return table;
}
const SqlTable& online_erasure_table() {
  static const SqlTable table =
      table_of<OnlineErasure>("online_erasure", {"erased_sha256", "time_us"});
  return table;
}

Status create_online_tables(SqlStore& store) {
  for (const SqlTable* table :
       {&online_event_table(), &online_cost_table(), &online_benchmark_table(),
        &online_link_table(), &scan_table(), &scan_refused_table(), &online_erasure_table()}) {
    if (auto made = store.create(*table); !made) return made;
  }
  return ok();
}

std::string column_names(const SqlTable& table) {
  std::string names;
  for (const SqlColumn& column : table.columns) names += (names.empty() ? "" : ", ") + column.name;
  return names;
}

}  // namespace vitrine
