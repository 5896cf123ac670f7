#include "online/online_desk.hpp"

#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "online_kit.hpp"

namespace vitrine {
namespace {

// A store whose disk is full from a certain append on.
class FullStore final : public SqlStore {
 public:
  explicit FullStore(SqlStore& under) : under_(under) {}
  int appends_left = 0;

  Status create(const SqlTable& table) override { return under_.create(table); }
  Status query(const std::string& sql, const std::function<Status(const SqlRow&)>& row) override {
    return under_.query(sql, row);
  }
  Status append(const SqlBlock& block) override {
    if (appends_left-- <= 0) return fail(ErrorCode::unavailable, "no space left on device");
    return under_.append(block);
  }
  Status replace_day(const SqlBlock& block, std::int64_t day) override {
    return under_.replace_day(block, day);
  }
  Status remove(const std::string& table, const std::string& where) override {
    return under_.remove(table, where);
  }
  Status together(const std::function<Status()>& work) override { return under_.together(work); }
  std::string present(const std::string& hash_column) const override {
    return under_.present(hash_column);
  }

 private:
  SqlStore& under_;
};

TEST_CASE(
    "while the store cannot be written nothing is acknowledged, and the same again is whole") {
  testing::OnlineStore store;
  FullStore full(*store.sql);
  const testing::ManualClock clock(1000 * kSecond, testing::kToday);
  OnlineConfig config;
  config.keep_days = 400;
  online::OnlineDesk desk(config, "token", full, clock);
  std::string body;
  for (int i = 0; i < 7500; ++i)
    body += R"({"event_id":"e)" + std::to_string(i) +
            R"(","time_utc":"2026-11-21T08:00:00Z","type":"visit"})" + "\n";
  // The first five thousand find room.
  full.appends_left = 1;
  HttpAnswer answer = desk.answer({"/v1/events", "", body});
  CHECK(answer.status == 503);
  CHECK(answer.body.find("no space") == std::string::npos);  // our disk is nobody's business
  CHECK(store.count("online_event") == 5000);
  full.appends_left = 1000;
  answer = desk.answer({"/v1/events", "", body});
  CHECK(answer.status == 200);
  CHECK(answer.body ==
        R"({"already":5000,"read":7500,"rejected":{},"rejected_rows":[],"stored":2500})"
        "\n");
  CHECK(store.count("online_event") == 7500);
}

TEST_CASE("an address that asks too often waits, whatever its token") {
  testing::OnlineStore store;
  testing::ManualClock clock;
  OnlineConfig config;
  config.requests_a_minute = 10;
  online::OnlineDesk desk(config, "token", *store.sql, clock);
  const HttpRequest request{"/v1/events", "192.0.2.1", "", "Bearer wrong"};
  for (int i = 0; i < 10; ++i) CHECK(desk.admit(request)->status == 401);
  CHECK(desk.admit(request)->status == 429);
  CHECK_FALSE(desk.admit({"/v1/events", "192.0.2.2", "", "Bearer token"}).has_value());
  clock.advance(kMinute);
  CHECK(desk.admit(request)->status == 401);
}

}  // namespace
}  // namespace vitrine
