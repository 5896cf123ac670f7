#include "operator/export_csv.hpp"

#include "backflow/billed_play.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {
namespace {

std::string text_of(const Json* value) {
  if (value == nullptr) return "";
  if (const auto* text = value->text()) return *text;
  if (const auto* number = value->integer()) return std::to_string(*number);
  return "";
}

std::string line_of(const char* what, const Json& line) {
  std::string text = what;
  for (const char* name : {"day", "plays", "billable", "observed_imp_milli", "modelled_imp_milli",
                           "amount", "closed_by"})
    text += "," + text_of(line.find(name));
  return text;
}

}  // namespace

Status export_plays(const BillingConfig& config, const ExportScope& scope,
                    const std::function<Status(std::string_view)>& put) {
  auto store = open_sql_store(config.store, SqlAccess::read);
  if (!store) return std::move(store).error();
  std::string line;
  for (const SqlColumn& column : billed_play_table().columns)
    line += (line.empty() ? "" : ",") + column.name;
  if (auto done = put(line + "\n"); !done) return done;
  std::string where = " WHERE 1 = 1";
  if (scope.campaign != 0) where += " AND campaign = " + std::to_string(scope.campaign);
  if (scope.first_day != kAbsent) where += " AND day >= " + std::to_string(scope.first_day);
  if (scope.last_day != kAbsent) where += " AND day <= " + std::to_string(scope.last_day);
  return (*store)->query("SELECT * FROM billed_play" + where + " ORDER BY device, log_id, seq",
                         [&](const SqlRow& row) -> Status {
                           line.clear();
                           for (const SqlValue& value : row) {
                             if (&value != &row.front()) line += ",";
                             if (const auto* number = std::get_if<std::int64_t>(&value))
                               line += std::to_string(*number);
                             line += sql_text(value);
                           }
                           line += "\n";
                           return put(line);
                         });
}

Result<std::string> statement_csv(const BillStatement& statement) {
  auto json = parse_json(statement.json);
  if (!json) return std::move(json).error();
  std::string text =
      "line,day,plays,billable,observed_imp_milli,modelled_imp_milli,amount,closed_by,currency,"
      "device,log_id,seq\n";
  const std::string currency = text_of(json->find("currency"));
  const auto all = [&](const char* name) {
    const Json* lines = json->find(name);
    return lines == nullptr || lines->array() == nullptr ? Json::Array() : *lines->array();
  };
  for (const Json& line : all("days")) text += line_of("day", line) + "," + currency + ",,,\n";
  for (const Json& line : all("adjustments")) {
    const Json* after = line.find("after");
    text += "adjustment," + text_of(after == nullptr ? nullptr : after->find("day")) + ",,,,," +
            text_of(line.find("amount")) + ",," + currency + "," + text_of(line.find("device")) +
            "," + text_of(line.find("log_id")) + "," + text_of(line.find("seq")) + "\n";
  }
  return text + "payable,,,,,," + text_of(json->find("payable")) + ",," + currency + ",,,\n";
}

}  // namespace vitrine::op
