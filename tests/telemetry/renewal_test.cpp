// When a certificate is renewed and what a failure does, with a server of the test's own words; the
// real one is met in tests/enrol.
#include "renewal.hpp"

#include <mutex>

#include "kit.hpp"
#include "process.hpp"
#include "protocol/enrolment.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr std::int64_t kLife = 9000;

struct Renewing : Kit {
  Authority authority = Authority::create("test", 1'000'000'000, 4'000'000'000);
  TlsIdentity tls{paths};
  std::mutex mutex;  // posts run on a thread of their own
  std::vector<HttpsPost> asked;
  std::function<Result<HttpsAnswer>(const HttpsPost&)> answer;
  std::vector<Micros> waits;
  std::unique_ptr<Renewal> renewal;

  Renewing() {
    const auto key = tls.next_key();
    REQUIRE(key.ok());
    REQUIRE(
        tls.install(certify(key->signing_request("x")), authority.certificate().pem(), false).ok());
    renewal = std::make_unique<Renewal>(
        paths, clock, "https://enrol.example/", notices.sink(),
        [this](const HttpsPost& post) {
          const std::lock_guard lock(mutex);
          asked.push_back(post);
          return answer(post);
        },
        [this](int attempt, Micros base, Micros cap) {
          waits.push_back(std::min(cap, base << std::min(attempt, 30)));
          return waits.back();
        });
  }
  ~Renewing() { renewal.reset(); }
  std::string certify(const std::string& csr) const {
    const auto request = SigningRequest::from_pem(csr);
    REQUIRE(request.ok());
    return authority.issue(*request, kScreen, now_s(), now_s() + kLife).pem();
  }
  Result<HttpsAnswer> renewed(const HttpsPost& post) const {
    const auto request = read_renew_request(post.body);
    REQUIRE(request.ok());
    return HttpsAnswer{200,
                       write_renew_answer({certify(request->csr), authority.certificate().pem()})};
  }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return asked.size();
  }
  // Ticks until `count` questions were asked and answered; true when a new pair came.
  bool run(std::size_t questions) {
    bool fresh = false;
    REQUIRE(until([&] { return count() >= questions; },
                  [&] { fresh = renewal->tick(now_s()) || fresh; }));
    // The answer of the last one, too.
    REQUIRE(until([&] { return fresh || !notices.list.empty(); },
                  [&] { fresh = renewal->tick(now_s()) || fresh; }));
    return fresh;
  }
};

}  // namespace

TEST_CASE(
    "nothing is asked before two thirds of life, nor without a clock; then the link begins anew") {
  Renewing at;
  at.answer = [&](const HttpsPost& post) { return at.renewed(post); };
  const std::string before = at.tls.certificate()->fingerprint();
  at.clock.advance((kLife * 2 / 3 - 1) * kSecond);
  CHECK_FALSE(at.renewal->tick(at.now_s()));
  at.clock.advance(kSecond);
  CHECK_FALSE(at.renewal->tick(kNoClock));
  CHECK(at.count() == 0);
  CHECK(at.run(1));
  CHECK(at.asked[0].url == "https://enrol.example/renew");
  CHECK(at.asked[0].authority == at.paths.tls_authority().string());
  CHECK(at.asked[0].certificate_time.check);
  CHECK(at.tls.certificate()->fingerprint() != before);
  // Told as seen once the broker has taken it, and not earlier.
  at.answer = [](const HttpsPost&) { return Result<HttpsAnswer>(HttpsAnswer{200, "{}"}); };
  CHECK_FALSE(at.renewal->tick(at.now_s()));
  CHECK(at.count() == 1);
  at.renewal->link_up();
  REQUIRE(until([&] { return !at.tls.to_be_seen(); }, [&] { (void)at.renewal->tick(at.now_s()); }));
  CHECK(at.asked[1].url == "https://enrol.example/seen");
  CHECK_FALSE(at.renewal->tick(at.now_s()));
  CHECK(at.count() == 2);
}

TEST_CASE(
    "an answer that was lost is asked for again with the same key, later and later, and said "
    "once") {
  Renewing at;
  at.answer = [](const HttpsPost&) {
    return Result<HttpsAnswer>(fail(ErrorCode::unavailable, "cannot reach it"));
  };
  at.clock.advance(kLife * 2 / 3 * kSecond);
  REQUIRE(until([&] { return at.waits.size() >= 4; },
                [&] {
                  (void)at.renewal->tick(at.now_s());
                  at.clock.advance(kSecond);
                }));
  CHECK(at.waits == std::vector<Micros>{kMinute, 2 * kMinute, 4 * kMinute, 8 * kMinute});
  REQUIRE(at.notices.list.size() == 1);
  CHECK(at.notices.last() ==
        "renewal: the certificate is not renewed: cannot reach it; trying again");
  const auto key_of = [&](std::size_t i) {
    return SigningRequest::from_pem(read_renew_request(at.asked[i].body)->csr)->key_hash();
  };
  CHECK(key_of(0) == key_of(3));
}

TEST_CASE("a refusal and an answer for somebody else's key leave the pair as it is") {
  Renewing at;
  const std::string before = at.tls.certificate()->fingerprint();
  at.clock.advance(kLife * 2 / 3 * kSecond);
  at.answer = [](const HttpsPost&) {
    return Result<HttpsAnswer>(HttpsAnswer{403, write_refusal("lobby-1 is revoked")});
  };
  CHECK_FALSE(at.run(1));
  CHECK(at.notices.last() ==
        "renewal: the certificate is not renewed: https://enrol.example answers "
        "403, lobby-1 is revoked; trying again");
  at.notices.list.clear();
  at.clock.advance(kHour);
  at.answer = [&](const HttpsPost&) {
    return Result<HttpsAnswer>(
        HttpsAnswer{200, write_renew_answer({at.certify(TlsKey::generate().signing_request("x")),
                                             at.authority.certificate().pem()})});
  };
  CHECK_FALSE(at.run(2));
  CHECK(at.notices.last().find("is for another key") != std::string::npos);
  CHECK(at.tls.certificate()->fingerprint() == before);
}
