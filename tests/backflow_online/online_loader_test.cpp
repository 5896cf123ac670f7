#include "backflow/online_loader.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "backflow/online_file.hpp"
#include "online_kit.hpp"
#include "platform/crypto.hpp"
#include "sanitized.hpp"

namespace vitrine {
namespace {

using testing::kToday;
using testing::OnlineStore;

const std::string kHead = "event_id,time_utc,type,id_type,id_hash,gross,currency,brand\n";
const std::string kAnna(64, 'a'), kBen(64, 'b');

std::string event(const std::string& id, const std::string& person, const std::string& gross,
                  const std::string& brand = "Tea") {
  return id + ",2026-11-21T08:00:00Z,order,member," + person + "," + gross + ",CNY," + brand + "\n";
}

struct Loading : OnlineStore {
  fs::path file = directory / "orders.csv";

  Result<OnlineCounts> load(const std::string& text, OnlineKind kind = OnlineKind::events) {
    REQUIRE(write_atomic(file, text));
    return load_online_file(*sql, {kind, file, {}}, {{}, kToday, 400}, {});
  }
  OnlineCounts loaded(const std::string& text, OnlineKind kind = OnlineKind::events) {
    auto counts = load(text, kind);
    if (!counts) FAIL(counts.error().message);
    return *counts;
  }
  std::string aside() const {
    auto text = read_text(file.string() + ".rejected.csv");
    return text ? *text : "";
  }
};

TEST_CASE("a file that is loaded again changes nothing") {
  Loading store;
  std::string text = kHead;
  for (int i = 0; i < 5500; ++i) text += event("e" + std::to_string(i), kAnna, "1.25");
  const OnlineCounts first = store.loaded(text);
  CHECK(first.read == 5500);
  CHECK(first.stored == 5500);
  CHECK(store.count("online_event") == 5500);
  const OnlineCounts again = store.loaded(text + event("new", kBen, "3"));
  CHECK(again.stored == 1);
  CHECK(again.already == 5500);
  CHECK(again.text() == "5501 rows read, 1 stored, 5500 already there, 0 rejected");
  CHECK(store.count("online_event") == 5501);
  CHECK(store.count("online_event WHERE gross_micro = 1250000") == 5500);
  CHECK_FALSE(fs::exists(store.file.string() + ".rejected.csv"));
}

TEST_CASE("the same event with other content is a conflict: kept aside, the stored one stays") {
  Loading store;
  store.loaded(kHead + event("e1", kAnna, "1"));
  // Against what is stored, and within one file.
  const OnlineCounts counts =
      store.loaded(kHead + event("e1", kAnna, "2") + event("e2", kAnna, "3") +
                   event("e2", kAnna, "3") + event("e2", kAnna, "4"));
  CHECK(counts.text() == "4 rows read, 1 stored, 1 already there, 2 rejected (conflict 2)");
  CHECK(store.count("online_event WHERE event_id = 'e1' AND gross_micro = 1000000") == 1);
  CHECK(store.count("online_event WHERE event_id = 'e2' AND gross_micro = 3000000") == 1);
  CHECK(store.aside() == "line,cause,column,row\n2,conflict,event_id,\"" +
                             event("e1", kAnna, "2").substr(0, event("e1", kAnna, "2").size() - 1) +
                             "\"\n5,conflict,event_id,\"" +
                             event("e2", kAnna, "4").substr(0, event("e2", kAnna, "4").size() - 1) +
                             "\"\n");
}

TEST_CASE("rows with faults are kept aside with line and cause, harmless to a spreadsheet") {
  Loading store;
  const OnlineCounts counts = store.loaded(
      kHead + event("good", kAnna, "1", "'; DROP TABLE online_event; --") +
      "=cmd|' /C calc'!A0,never,order,,,,,\"say \"\"hi\"\"\"\n" + event("also", kBen, "2"));
  CHECK(counts.stored == 2);
  CHECK(store.aside() ==
        "line,cause,column,row\n"
        "3,bad_time,time_utc,\"'=cmd|' /C calc'!A0,never,order,,,,,\"\"say "
        "\"\"\"\"hi\"\"\"\"\"\"\"\n");
  CHECK(store.count("online_event WHERE brand = '''; DROP TABLE online_event; --'") == 1);
  // What an earlier load put aside is not taken for this one's.
  store.loaded(kHead + event("good", kAnna, "1", "'; DROP TABLE online_event; --"));
  CHECK(store.aside() == "");
}

TEST_CASE("a refused file leaves nothing and names itself once") {
  Loading store;
  const auto refused = store.load("event_id,time_utc\n" + event("e1", kAnna, "1"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::invalid);
  CHECK(refused.error().message ==
        "cannot read orders.csv: missing columns: type; nothing of it is stored");
  CHECK(store.count("online_event") == 0);
  CHECK(load_online_file(*store.sql, {OnlineKind::events, store.directory / "none.csv", {}},
                         {{}, kToday, 400}, {})
            .error()
            .code == ErrorCode::not_found);
}

TEST_CASE("a cost that is restated is a conflict, not a second cost") {
  Loading store;
  const std::string head = "date,brand,kind,amount,currency\n";
  store.loaded(head + "2026-11-21,Tea,media,100,CNY\n", OnlineKind::cost);
  const OnlineCounts counts = store.loaded(
      head + "2026-11-21,Tea,media,100.00,CNY\n2026-11-21,Tea,media,120,CNY\n", OnlineKind::cost);
  CHECK(counts.already == 1);
  CHECK(counts.rejected.at(RowCause::conflict) == 1);
  CHECK(store.count("online_cost WHERE amount_micro = 100000000") == 1);
}

TEST_CASE("an id that is erased is gone everywhere, and what is of before does not come back") {
  Loading store;
  const std::string links_head = "id_type_a,id_a,id_type_b,id_b,time,source\n";
  const std::string events =
      kHead + event("e1", kAnna, "1") + event("e2", kBen, "1") + event("e3", kAnna, "1");
  const std::string links = links_head + "member," + kAnna + ",phone," + kBen +
                            ",2026-11-21T08:00:00Z,crm\nphone," + kBen + ",member," + kAnna +
                            ",2026-11-21T08:00:00Z,app\nphone," + kBen + ",open," + kBen +
                            ",2026-11-21T08:00:00Z,app\n";
  store.loaded(events);
  store.loaded(links, OnlineKind::links);
  auto rows = erase_online_id(*store.sql, "member", kAnna, kToday);
  REQUIRE(rows);
  CHECK(*rows == 4);
  CHECK(store.count("online_event") == 1);
  CHECK(store.count("online_link") == 1);
  // The line that stays has no id that anybody could read back.
  CHECK(store.count("online_erasure WHERE erased_rows = 4 AND erased_sha256 = '" +
                    to_hex(sha256(as_bytes("member:" + kAnna))) + "'") == 1);
  rows = erase_online_id(*store.sql, "member", std::string(64, 'A'), kToday + 1);
  REQUIRE(rows);
  CHECK(*rows == 0);

  CHECK(store.loaded(events).text() ==
        "3 rows read, 0 stored, 1 already there, 2 rejected (erased 2)");
  CHECK(store.loaded(links, OnlineKind::links).rejected.at(RowCause::erased) == 2);
  // Somebody of another type of id, and the same person who came again.
  CHECK(store
            .loaded(kHead + "e4,2026-11-21T08:00:00Z,visit,phone," + kAnna + ",,,\n" +
                    "e5,2026-11-30T08:00:00Z,visit,member," + kAnna + ",,,\n")
            .stored == 2);
}

TEST_CASE("a text that is no hash is nobody's to erase") {
  Loading store;
  CHECK(erase_online_id(*store.sql, "phone", "13812345678", kToday).error().code ==
        ErrorCode::invalid);
  CHECK(erase_online_id(*store.sql, "phone", "x' OR '1'='1", kToday).error().code ==
        ErrorCode::invalid);
}

TEST_CASE("what is older than the retention goes, and is not taken again") {
  Loading store;
  const std::string old = "old,2025-11-01T00:00:00Z,visit,,,,,\n";
  CHECK(store.loaded(kHead + old + event("e1", kAnna, "1")).stored == 2);
  auto rows = expire_online(*store.sql, kToday / kDay - 365);
  REQUIRE(rows);
  CHECK(*rows == 1);
  CHECK(store.count("online_event WHERE event_id = 'e1'") == 1);
  CHECK(*expire_online(*store.sql, kToday / kDay - 365) == 0);
}

// Resident memory of this process in KiB.
std::int64_t resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    std::int64_t kib = 0;
    status >> kib;
    return kib;
  }
  return 0;
}

// VITRINE_ONLINE_MIB: how large a file; 400 each night.
TEST_CASE("a large file is loaded in constant memory") {
  Loading store;
  const char* wanted = std::getenv("VITRINE_ONLINE_MIB");
  const std::int64_t mib = wanted != nullptr ? std::atoll(wanted) : testing::kSanitized ? 1 : 8;
  std::int64_t rows = 0;
  {
    std::ofstream file(store.file, std::ios::binary);
    file << kHead;
    // One row in 1000 has a fault.
    for (; file.tellp() < mib << 20; ++rows)
      file << (rows % 1000 == 7 ? event("e" + std::to_string(rows), kAnna, "1,5")
                                : event("e" + std::to_string(rows), kAnna, "1.5"));
  }
  // Buffers have their size once so much was read; from then on nothing may grow with the file.
  constexpr std::int64_t kSettled = 32 << 20;
  std::int64_t first = 0, settled = 0, most = 0;
  auto counts = load_online_file(*store.sql, {OnlineKind::events, store.file, {}},
                                 {{}, kToday, 400}, [&](std::int64_t read, std::int64_t) {
                                   most = std::max(most, resident_kib());
                                   if (first == 0) first = most;
                                   if (read <= kSettled) settled = most;
                                 });
  REQUIRE(counts);
  CHECK(counts->read == rows);
  CHECK(counts->rejected.at(RowCause::wrong_columns) == (rows + 992) / 1000);
  CHECK(counts->stored == rows - counts->rejected_rows());
  if (!testing::kSanitized) {
    CHECK(most - first < 64 * 1024);
    CHECK(most - settled < 4 * 1024);
  }
  MESSAGE(rows, " rows, ", mib, " MiB: memory grew by ", most - first, " KiB, by ", most - settled,
          " after the first 32 MiB");
}

}  // namespace
}  // namespace vitrine
