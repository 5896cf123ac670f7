#include "backflow/export.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "backflow/csv_lines.hpp"
#include "platform/crypto.hpp"
#include "process.hpp"
#include "protocol/batch.hpp"
#include "protocol/json.hpp"
#include "report_kit.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

ExportRequest request_of(const ReportStore& kit, ExportTable table) {
  ExportRequest request;
  request.table = table;
  request.file = kit / "out.csv";
  request.log = kit / "exports.log";
  request.who = "anna (1000)";
  request.now_s = 1'795'000'000;
  return request;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  const auto text = *read_text(file);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE("CSV is quoted as RFC 4180 says, and text that would be a formula is none") {
  CsvLine line;
  line.text("plain").text("a,b").text("say \"hi\"").text("two\r\nlines").integer(-5).empty();
  CHECK(line.take() == "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\",-5,\r\n");
  line.text("=1+1").text("+49 30").text("-x").text("@SUM(A1)").text("\ttab").text("a=1");
  CHECK(line.take() == "'=1+1,'+49 30,'-x,'@SUM(A1),'\ttab,a=1\r\n");
  line.milli(-1).milli(12345).micro(7).micro(-1'234'567).integer(kAbsent).flag(true);
  CHECK(line.take() == "-0.001,12.345,0.000007,-1.234567,,1\r\n");
}

TEST_CASE("an export is written down with its rows and the hash of its file") {
  ReportStore kit;
  kit.add_scans();
  std::size_t exports = 0;
  for (const auto table : {ExportTable::exposure, ExportTable::area_day, ExportTable::delivery}) {
    auto request = request_of(kit, table);
    const auto exported = export_table(kit.store(), request, {});
    REQUIRE_MESSAGE(exported.ok(), exported.error().message);
    const auto lines = lines_of(request.file);
    CHECK(static_cast<std::int64_t>(lines.size()) == exported->rows + 1);
    CHECK(exported->rows > 10);
    CHECK(*sha256_of_file(request.file) == exported->sha256);
    const auto commas = std::count(lines[0].begin(), lines[0].end(), ',');
    for (const auto& line : lines) {
      CHECK(std::count(line.begin(), line.end(), ',') == commas);
      CHECK(line.back() == '\r');
    }
    const auto json = *parse_json(lines_of(request.log)[exports++]);
    CHECK(*json.find("who")->text() == "anna (1000)");
    CHECK(*json.find("what")->text() == name_of(table));
    CHECK(*json.find("rows")->integer() == exported->rows);
    CHECK(*json.find("sha256")->text() == to_hex(exported->sha256));
  }
  CHECK(*check_export_log(kit / "exports.log") == exports);
}

TEST_CASE("what cannot be written down is not exported") {
  ReportStore kit(50);
  auto request = request_of(kit, ExportTable::exposure);
  request.log = kit / "no such directory/exports.log";
  REQUIRE(write_atomic(request.file, "the one before").ok());
  CHECK_FALSE(export_table(kit.store(), request, {}).ok());
  CHECK(*read_text(request.file) == "the one before");
  CHECK_FALSE(fs::exists(request.file.string() + ".part"));
}

TEST_CASE("a line of the log that was changed or taken out is found") {
  ReportStore kit(1);
  const auto log = kit / "exports.log";
  for (int i = 0; i < 4; ++i)
    REQUIRE(append_export(log, {i, "anna", "exposure", "network", "f", i, {}}).ok());
  CHECK(*check_export_log(log) == 4);
  const auto lines = lines_of(log);
  std::string changed = *read_text(log);
  changed.replace(changed.find("\"rows\":1"), 8, "\"rows\":9");
  REQUIRE(write_atomic(log, changed).ok());
  CHECK_FALSE(check_export_log(log).ok());
  REQUIRE(write_atomic(log, lines[0] + "\n" + lines[2] + "\n" + lines[3] + "\n").ok());
  CHECK_FALSE(check_export_log(log).ok());
}

TEST_CASE("an end of the log that a power cut tore off stays and is followed") {
  ReportStore kit(1);
  const auto log = kit / "exports.log";
  REQUIRE(append_export(log, {1, "anna", "exposure", "network", "f", 1, {}}).ok());
  REQUIRE(write_atomic(log, *read_text(log) + "{\"at\":\"20").ok());
  REQUIRE(append_export(log, {2, "anna", "exposure", "network", "f", 2, {}}).ok());
  CHECK(lines_of(log).size() == 3);
  CHECK(*check_export_log(log) == 3);
}

TEST_CASE("area-day hides cells of few persons in the file as well") {
  ReportStore kit(120);
  kit.add_scans();
  auto request = request_of(kit, ExportTable::area_day);
  REQUIRE(export_table(kit.store(), request, {}).ok());
  std::size_t hidden = 0;
  for (const auto& line : lines_of(request.file)) {
    if (line.find(",order,EUR,") == std::string::npos) continue;
    CHECK(line.ends_with(",order,EUR,,,,,,,,,,,1\r"));
    ++hidden;
  }
  CHECK(hidden > 0);
}

TEST_CASE("flow is exported by minute with the time that fixes give it") {
  ReportStore kit(1);
  SqlTable flow{"flow",
                {{"device", SqlType::text},
                 {"log_id"},
                 {"seq"},
                 {"boot_high"},
                 {"boot_low"},
                 {"minute_start_us"},
                 {"flow_in"},
                 {"flow_out"},
                 {"person_ms"},
                 {"dwell_0_5", SqlType::maybe_integer},
                 {"dwell_5_15", SqlType::maybe_integer},
                 {"dwell_15_30", SqlType::maybe_integer},
                 {"dwell_30_60", SqlType::maybe_integer},
                 {"dwell_60", SqlType::maybe_integer},
                 {"coverage_permille"},
                 {"quality"},
                 {"method"}},
                {"device", "log_id", "seq"}};
  SqlTable event{"event",
                 {{"device", SqlType::text},
                  {"seq"},
                  {"kind", SqlType::text},
                  {"boot_high"},
                  {"boot_low"},
                  {"at_us"},
                  {"utc_us"},
                  {"error_us"},
                  {"source"}},
                 {"device", "seq"}};
  REQUIRE(kit.store().create(flow).ok());
  REQUIRE(kit.store().create(event).ok());
  const std::int64_t utc = kFirstDay * kDay + 12 * kHour;
  const SqlRow fix = {"lobby-1",
                      std::int64_t{1},
                      "fix",
                      std::int64_t{5},
                      std::int64_t{6},
                      10 * kMinute,
                      utc,
                      std::int64_t{2000},
                      static_cast<std::int64_t>(TimeSource::ntp)};
  REQUIRE(kit.store().append(event, std::vector<SqlRow>{fix}).ok());
  std::vector<SqlRow> minutes;
  for (std::int64_t n = 0; n < 3; ++n)
    minutes.push_back({"lobby-1",
                       std::int64_t{1},
                       n,
                       std::int64_t{5},
                       std::int64_t{n == 2 ? 9 : 6},
                       (10 + n) * kMinute,
                       n,
                       n,
                       n * 1000,
                       {},
                       {},
                       {},
                       {},
                       {},
                       std::int64_t{1000},
                       std::int64_t{2},
                       std::int64_t{2}});
  REQUIRE(kit.store().append(flow, minutes).ok());
  auto request = request_of(kit, ExportTable::flow);
  request.scope.first_day = request.scope.last_day = kFirstDay;
  const auto exported = export_table(kit.store(), request, {});
  REQUIRE_MESSAGE(exported.ok(), exported.error().message);
  const auto lines = lines_of(request.file);
  REQUIRE(lines.size() == 3);  // the third is of a boot whose time nobody knows
  CHECK(lines[1] == "lobby-1,2026-11-03T12:00:00Z,1,0,0,0,,,,,,1000,2,2\r");
  CHECK(lines[2] == "lobby-1,2026-11-03T12:01:00Z,1,1,1,1000,,,,,,1000,2,2\r");
}

TEST_CASE("vitrine writes a report, pages of all campaigns and an export") {
  ReportStore kit;
  kit.add_scans();
  const auto config = kit / "backend.toml";
  const auto log = kit / "log";
  REQUIRE(write_atomic(config, "[ingest]\nstore = \"" + kit.file().string() + "\"\n").ok());
  const std::string program = VITRINE_PROGRAM;
  CHECK(run({program, "report", "campaign", "41", "--config", config, "--html", kit / "41.html"},
            log) == 0);
  CHECK(read_text(kit / "41.html")->find("From scan to order") != std::string::npos);
  CHECK(run({program, "report", "overview", "--config", config, "--html", kit / "pages"}, log) ==
        0);
  const auto index = *read_text(kit / "pages/index.html");
  CHECK(index.find("href=\"campaign-41.html\"") != std::string::npos);
  CHECK(fs::exists(kit / "pages/campaign-42.html"));
  CHECK(run({program, "report", "screen", "lobby-3", "--config", config, "--json"}, kit / "json") ==
        0);
  const auto json = parse_json(*read_text(kit / "json"));
  REQUIRE(json.ok());
  CHECK(*json->find("subject")->text() == "Screen lobby-3");
  CHECK(run({program, "export", "exposure", "--csv", kit / "e.csv", "--config", config, "--from",
             "2026-11-03", "--to", "2026-11-16"},
            log) == 0);
  CHECK(*check_export_log(kit / "exports.log") == 1);
  CHECK(run({program, "report", "campaign", "x", "--config", config}, log) == 1);
  CHECK(run({program, "export", "exposure", "--csv", kit / "e.csv", "--config", config, "--from",
             "2026-11-31"},
            log) == 1);
}
