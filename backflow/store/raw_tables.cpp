#include "backflow/raw_tables.hpp"

namespace vitrine {
namespace {

using Columns = std::vector<SqlColumn>;

constexpr const char* kSmall = "UInt8";

// Where a row comes from.
void add_source(Columns& columns) {
  columns.push_back({"spool", SqlType::integer});
  columns.push_back({"segment", SqlType::integer, "UInt32"});
  columns.push_back({"offset", SqlType::integer, "UInt32"});
}

template <class Member>
SqlColumn column_of(std::string_view name) {
  SqlColumn column{std::string(name)};
  if constexpr (is_hash_column<Member>) {
    column.type = SqlType::hash;
  } else if constexpr (std::is_enum_v<Member>) {
    column.narrow = kSmall;
  } else if constexpr (std::is_same_v<Member, std::uint32_t>) {
    column.narrow = "UInt32";
  } else if constexpr (std::is_same_v<Member, std::int64_t>) {
    column.type = SqlType::maybe_integer;
  }
  return column;
}

template <class Row>
SqlTable table_of_rows(const std::string& name) {
  Columns columns{{"device", SqlType::text}};
  Row row;
  for_each_column(row, [&](std::string_view column, const auto& member) {
    columns.push_back(column_of<std::remove_cvref_t<decltype(member)>>(column));
  });
  add_source(columns);
  return {name, std::move(columns), {"device", "log_id", "seq"}, "", "segment"};
}

// What a play's times and numbers are nearly made of. Its planned start and length are there in any
// row that is one.
SqlTable play_table() {
  SqlTable table = table_of_rows<PlayRow>("play");
  for (SqlColumn& column : table.columns) {
    if (column.name == "planned_start_us" || column.name == "planned_length_us")
      column.type = SqlType::integer;
    if (column.name == "first_flip_us") column.less = {"planned_start_us"};
    if (column.name == "last_flip_us") column.less = {"planned_start_us", "planned_length_us"};
    if (column.name == "decision_seq") column.less = {"seq"};
  }
  return table;
}

SqlTable table_of(const std::string& name, Columns columns, std::vector<std::string> key) {
  add_source(columns);
  return {name, std::move(columns), std::move(key), "", "segment"};
}

SqlTable event_table() {
  Columns columns{{"device", SqlType::text},
                  {"log_id"},
                  {"seq"},
                  {"kind", SqlType::text},
                  {"boot_high", SqlType::maybe_integer},
                  {"boot_low", SqlType::maybe_integer},
                  {"at_us", SqlType::maybe_integer},
                  {"code", SqlType::maybe_text},
                  {"text", SqlType::maybe_text},
                  {"utc_us", SqlType::maybe_integer},
                  {"error_us", SqlType::maybe_integer},
                  {"source", SqlType::maybe_integer, kSmall},
                  {"about_stream", SqlType::maybe_integer, kSmall},
                  {"about_log_id", SqlType::maybe_integer},
                  {"first", SqlType::maybe_integer},
                  {"last", SqlType::maybe_integer},
                  {"chain_after", SqlType::hash}};
  return table_of("event", std::move(columns), {"device", "log_id", "seq"});
}

SqlTable batch_table() {
  Columns columns{{"device", SqlType::text},
                  {"stream", SqlType::integer, kSmall},
                  {"log_id"},
                  {"first"},
                  {"last"},
                  {"added", SqlType::integer, "UInt32"},
                  {"bytes", SqlType::integer, "UInt32"},
                  {"hash", SqlType::hash},
                  {"chain_after", SqlType::hash},
                  {"fix_boot_high"},
                  {"fix_boot_low"},
                  {"fix_boottime_us", SqlType::maybe_integer},
                  {"fix_utc_us", SqlType::maybe_integer},
                  {"fix_error_us", SqlType::maybe_integer},
                  {"fix_source", SqlType::integer, kSmall},
                  {"received_at_us"}};
  // The same batch may stand in two spools, after a screen moved between ingests.
  return table_of("batch", std::move(columns),
                  {"device", "stream", "log_id", "first", "last", "spool", "segment", "offset"});
}

SqlTable make(RawTable table) {
  switch (table) {
    case RawTable::play:
      return play_table();
    case RawTable::exposure:
      return table_of_rows<ExposureRow>("exposure");
    case RawTable::flow:
      return table_of_rows<FlowRow>("flow");
    case RawTable::health:
      return table_of("health",
                      {{"device", SqlType::text},
                       {"log_id"},
                       {"seq"},
                       {"boot_high", SqlType::maybe_integer},
                       {"boot_low", SqlType::maybe_integer},
                       {"at_us", SqlType::maybe_integer}},
                      {"device", "log_id", "seq"});
    case RawTable::health_figure:
      return table_of("health_figure",
                      {{"device", SqlType::text},
                       {"log_id"},
                       {"seq"},
                       {"name", SqlType::text},
                       {"value", SqlType::maybe_integer}},
                      {"device", "log_id", "seq", "name"});
    case RawTable::event:
      return event_table();
    case RawTable::conflict:
      return table_of(
          "conflict",
          {{"device", SqlType::text}, {"stream", SqlType::integer, kSmall}, {"log_id"}, {"seq"}},
          {"device", "stream", "log_id", "seq", "spool", "segment", "offset"});
    case RawTable::unreadable:
      return table_of("unreadable", {{"device", SqlType::text}, {"reason", SqlType::text}},
                      {"spool", "segment", "offset"});
    case RawTable::batch:
      break;
  }
  return batch_table();
}

}  // namespace

const SqlTable& raw_table(RawTable table) {
  static const std::array<SqlTable, kRawTables> tables = [] {
    std::array<SqlTable, kRawTables> made;
    for (std::size_t i = 0; i < kRawTables; ++i) made[i] = make(static_cast<RawTable>(i));
    return made;
  }();
  return tables[static_cast<std::size_t>(table)];
}

RawTable raw_table_of(Stream stream) {
  switch (stream) {
    case Stream::play:
      return RawTable::play;
    case Stream::exposure:
      return RawTable::exposure;
    case Stream::flow:
      return RawTable::flow;
    case Stream::health:
      return RawTable::health;
    case Stream::event:
      break;
  }
  return RawTable::event;
}

}  // namespace vitrine
