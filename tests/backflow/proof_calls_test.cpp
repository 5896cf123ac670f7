#include "billing/proof_calls.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include <set>

#include "billing_world.hpp"
#include "broker.hpp"
#include "process.hpp"

namespace vitrine::billing {
namespace {

using testing::BillingWorld;

BilledPlay play() {
  BilledPlay play;
  play.device = "lobby-1";
  play.log_id = 0xfedcba9876543210;
  play.seq = 7;
  play.campaign = 41;
  play.creative = 9;
  play.utc_us = 1'796'108'400'123'456;
  play.imp_milli = 30'300;
  play.price_micro = 2'500'000;
  play.currency = "EUR";
  return play;
}

// The tests' own agency: answers 500 to the first calls, then 200, and writes down each path.
constexpr const char* kAgency = R"(
import http.server, sys
count = 0
class Agency(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global count
        count += 1
        good = count > int(sys.argv[2])
        with open(sys.argv[3], 'a') as log: log.write(('+' if good else '-') + self.path + '\n')
        self.send_response(200 if good else 500)
        self.send_header('Content-Length', '0')
        self.end_headers()
    def log_message(self, *words): pass
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Agency).serve_forever()
)";

TEST_CASE(
    "the macros of a burl are replaced, encoded, and price x multiplier / 1000 is the amount") {
  CHECK(expand_burl("https://x.example/b?p=${AUCTION_PRICE}&m=${AUCTION_MULTIPLIER}&c=${CAMPAIGN}&"
                    "k=${CREATIVE}&s=${SCREEN}&t=${TIME}&u=${AUCTION_CURRENCY}&i=${PLAY_ID}",
                    play(), PriceUnit::mille) ==
        "https://x.example/b?p=2.5&m=30.3&c=41&k=9&s=lobby-1&t=1796108400123&u=EUR&i=lobby-1."
        "fedcba9876543210.7");
  CHECK(expand_burl("https://x.example/b", play(), PriceUnit::play) ==
        "https://x.example/b?play_id=lobby-1.fedcba9876543210.7");
  CHECK(expand_burl("https://x.example/${OTHER}?a=${#top", play(), PriceUnit::mille) ==
        "https://x.example/${OTHER}?a=${&play_id=lobby-1.fedcba9876543210.7#top");
  BilledPlay hostile = play();
  hostile.device = "a&b=${PLAY_ID}";
  CHECK(expand_burl("https://x.example/?s=${SCREEN}&i=${PLAY_ID}", hostile, PriceUnit::mille)
            .find("s=a%26b%3D%24%7BPLAY_ID%7D&") != std::string::npos);
}

TEST_CASE(
    "a server that answers 500 loses nothing, each play is called until it was answered, and only "
    "if it is billable") {
  BillingWorld world;
  testing::Random random(5);
  const int port = testing::free_port();
  world.prices("41,mille,2.50,EUR,7,,http://127.0.0.1:" + std::to_string(port) +
               "/b?m=${AUCTION_MULTIPLIER}&i=${PLAY_ID}\n");
  world.load(world.log_of(1, 120, 180 * kSecond, &random));
  REQUIRE(run_billing(world.config(), false, 0));
  const auto billable = static_cast<std::size_t>(world.expected[Reason::none]);
  BillingConfig config = world.config();
  config.outbox = world.root() / "calls.db";
  REQUIRE(write_atomic(world.root() / "agency.py", kAgency));
  const fs::path log = world.root() / "calls";
  // Nobody is there yet: ten tries, and the rest waits.
  auto round = call_proofs(config, kDay, 1000);
  REQUIRE(round);
  CHECK(round->taken == static_cast<std::int64_t>(billable));
  CHECK(round->failed == 10);
  CHECK(round->waiting == round->taken);
  testing::Process agency({"python3", "-B", (world.root() / "agency.py").string(),
                           std::to_string(port), "25", log.string()},
                          world.root() / "agency.log");
  std::int64_t now = kDay;
  CHECK(testing::until([&] {
    now += kHour;
    round = call_proofs(config, now, 1000);
    return round && round->waiting == 0;
  }));
  agency.signal(SIGTERM);
  agency.wait();
  std::set<std::string> answered;
  const auto told = read_text(log);
  REQUIRE(told);
  std::size_t calls = 0;
  for (std::size_t at = 0; at < told->size();) {
    const std::size_t end = told->find('\n', at);
    if ((*told)[at] == '+') {
      CHECK(answered.insert(told->substr(at + 1, end - at - 1)).second);
    }
    ++calls;
    at = end + 1;
  }
  CHECK(answered.size() == billable);
  CHECK(calls == billable + 25);
  // All is known, so nothing is called again.
  REQUIRE(run_billing(world.config(), false, 0));
  round = call_proofs(config, now + kDay, 1000);
  REQUIRE(round);
  CHECK(round->taken == 0);
  CHECK(round->done + round->failed == 0);
}

}  // namespace
}  // namespace vitrine::billing
