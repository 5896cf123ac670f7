// Tokens, certificates, renewals and revocations, without network and broker.
#include <doctest/doctest.h>

#include "backend_kit.hpp"
#include "backflow/enrolment.hpp"
#include "device_keys.hpp"
#include "enrol/broker_files.hpp"
#include "http/rate_limit.hpp"
#include "manual_clock.hpp"
#include "sanitized.hpp"

namespace vitrine {
namespace {

using testing::BackendKit;
using testing::DeviceKeys;
using testing::ManualClock;

constexpr std::int64_t kLife = 1000;

struct Office : BackendKit {
  ManualClock clock;
  EnrolConfig config;
  std::unique_ptr<Enrolment> enrolment;

  Office() {
    const std::int64_t now = clock.realtime() / kSecond;
    const Authority ca = Authority::create("test authority", now - 10, now + 1'000'000);
    REQUIRE(write_atomic(root() / "ca.pem", ca.certificate().pem()));
    REQUIRE(write_atomic(root() / "ca.key", ca.key_pem()));
    REQUIRE(write_atomic(root() / "acl.base", "pattern write vt/v1/+/%u/up/#\n"));
    config.url = "https://enrol.example";
    config.registry = root() / "registry.json";
    config.root_key = root() / "root.pub";
    config.trust = root() / "trust.jws";
    config.authority = config.ca_certificate = root() / "ca.pem";
    config.ca_key = root() / "ca.key";
    config.book = root() / "enrol.db";
    config.mqtt_host = "broker.example";
    config.life_s = kLife;
    config.grace_s = 5000;
    config.acl_base = root() / "acl.base";
    config.acl = root() / "acl";
    config.crl = root() / "revoked.pem";
    open();
  }
  void open() {
    auto opened = Enrolment::open(config, clock);
    REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message));
    enrolment = std::move(*opened);
  }
  std::string token(const std::string& name = "hall-9") {
    auto made = make_token(config, {name, 12, "Europe/Berlin", {"halls", "demo"}}, clock);
    REQUIRE(made);
    return *made;
  }
  RegisteredScreen registered(const std::string& name = "hall-9") const {
    auto read = read_registry(*read_text(config.registry));
    REQUIRE(read);
    const RegisteredScreen* found = read->find(name);
    REQUIRE(found != nullptr);
    return *found;
  }
  std::string fingerprint_of(const std::string& pem) const {
    return Certificate::from_pem(pem)->fingerprint();
  }
  // An enrolled device and its certificate.
  std::pair<DeviceKeys, std::string> enrolled() {
    DeviceKeys device;
    auto answer = enrolment->enrol(device.enrol(token()));
    REQUIRE_MESSAGE(answer.ok(), (answer ? "" : answer.error().message));
    return {device, answer->certificate};
  }
  // Serials in the CRL, read by OpenSSL's own command so that not our reader bears witness.
  std::string crl() {
    REQUIRE(enrolment->refresh_broker());
    const fs::path out = root() / "crl.txt";
    REQUIRE(
        std::system(("openssl crl -noout -text -in " + config.crl.string() + " > " + out.string())
                        .c_str()) == 0);
    return *read_text(out);
  }
  bool in_crl(const std::string& pem) {
    std::string serial = Certificate::from_pem(pem)->serial();
    return crl().find("Serial Number: " + serial) != std::string::npos;
  }
};

template <class T>
std::string why(const Result<T>& result) {
  return result ? "accepted" : result.error().message;
}

TEST_CASE("a token brings a certificate, the registry's fields and all a screen must know") {
  Office office;
  DeviceKeys device;
  const auto answer = office.enrolment->enrol(device.enrol(office.token()));
  REQUIRE_MESSAGE(answer.ok(), why(answer));
  CHECK(answer->screen == "hall-9");
  CHECK(answer->area == 12);
  CHECK(answer->zone == "Europe/Berlin");
  CHECK(answer->groups == std::vector<std::string>{"halls", "demo"});
  CHECK(answer->mqtt_host == "broker.example");
  CHECK(answer->enrol_url == "https://enrol.example");
  CHECK(answer->trust == *read_text(office.config.trust));
  const auto certificate = Certificate::from_pem(answer->certificate);
  const auto authority = Certificate::from_pem(answer->authority);
  REQUIRE(certificate);
  REQUIRE(authority);
  CHECK(certificate->common_name() == "hall-9");
  CHECK(certificate->issued_by(*authority));
  CHECK(certificate->valid_until() == office.clock.realtime() / kSecond + kLife);
  const RegisteredScreen screen = office.registered();
  CHECK(screen.certificate_sha256 == certificate->fingerprint());
  CHECK(screen.proof_key == device.proof.public_key().raw);
  CHECK(screen.shard == shard_of("hall-9"));
  CHECK_FALSE(screen.revoked);
}

TEST_CASE("a token is spent once; who lost the answer and holds the same keys gets it again") {
  Office office;
  const std::string token = office.token();
  DeviceKeys device, thief;
  const auto first = office.enrolment->enrol(device.enrol(token));
  REQUIRE(first.ok());
  office.open();  // the memory is on disk
  CHECK(why(office.enrolment->enrol(thief.enrol(token))) == "the token for hall-9 has been used");
  const auto again = office.enrolment->enrol(device.enrol(token));
  REQUIRE_MESSAGE(again.ok(), why(again));
  CHECK(again->certificate == first->certificate);
  CHECK(why(office.enrolment->enrol(device.enrol("made-up"))) == "no such token");
}

TEST_CASE("a token lives 24 hours and is stored as a hash only") {
  Office office;
  const std::string token = office.token();
  for (const auto& name : list_directory(office.root())) {
    if (name.find("enrol.db") != 0) continue;
    CHECK(as_text(*read_file(office.root() / name)).find(token) == std::string_view::npos);
  }
  office.clock.advance(24 * kHour);
  CHECK(why(office.enrolment->enrol(DeviceKeys().enrol(token))) ==
        "the token for hall-9 has run out");
}

TEST_CASE("no screen gets the name of an operator or of a program of the backend") {
  Office office;
  office.config.operators = {"anna"};
  REQUIRE(write_atomic(office.config.acl_base,
                       "pattern write vt/v1/+/%u/up/#\n\nuser ingest\ntopic read #\n"));
  for (const char* name : {"anna", "ingest"}) {
    const auto made =
        make_token(office.config, {name, 12, "Europe/Berlin", {"halls"}}, office.clock);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::conflict);
  }
  CHECK(make_token(office.config, {"ingest-hall", 12, "Europe/Berlin", {"halls"}}, office.clock));
}

TEST_CASE("a newer token makes an older one of the same screen worthless") {
  Office office;
  const std::string older = office.token(), newer = office.token();
  CHECK(why(office.enrolment->enrol(DeviceKeys().enrol(older))) == "no such token");
  CHECK(office.enrolment->enrol(DeviceKeys().enrol(newer)).ok());
}

TEST_CASE("a swapped board gets a new identity, and the old one's certificate is on the list") {
  Office office;
  const auto [old_board, old_certificate] = office.enrolled();
  CHECK_FALSE(office.in_crl(old_certificate));
  const auto [new_board, new_certificate] = office.enrolled();
  CHECK(office.in_crl(old_certificate));
  CHECK_FALSE(office.in_crl(new_certificate));
  CHECK(office.registered().proof_key == new_board.proof.public_key().raw);
  CHECK(why(office.enrolment->renew(old_board.renew(old_certificate, TlsKey::generate()))) ==
        "this certificate of hall-9 is revoked");
}

TEST_CASE("a renewal whose answer was lost is answered again, and the old key still counts") {
  Office office;
  const auto [device, certificate] = office.enrolled();
  const TlsKey next = TlsKey::generate();
  office.clock.advance(700 * kSecond);
  const auto first = office.enrolment->renew(device.renew(certificate, next));
  REQUIRE_MESSAGE(first.ok(), why(first));
  CHECK(office.registered().certificate_sha256 == office.fingerprint_of(first->certificate));
  CHECK_FALSE(office.in_crl(certificate));
  const auto again = office.enrolment->renew(device.renew(certificate, next));
  REQUIRE_MESSAGE(again.ok(), why(again));
  CHECK(again->certificate == first->certificate);

  // The device lost even the key it made: a third one takes the place of what nobody holds.
  const TlsKey third = TlsKey::generate();
  const auto other = office.enrolment->renew(device.renew(certificate, third));
  REQUIRE_MESSAGE(other.ok(), why(other));
  CHECK(office.in_crl(first->certificate));

  // Seen with the new one, the old one is over.
  DeviceKeys renewed = device;
  renewed.tls = third;
  REQUIRE(office.enrolment->seen(renewed.seen(other->certificate)));
  CHECK(office.in_crl(certificate));
  CHECK(why(office.enrolment->renew(device.renew(certificate, TlsKey::generate()))) ==
        "this certificate of hall-9 is revoked");
}

TEST_CASE("a certificate that has run out is renewed within the grace and not after it") {
  Office office;
  const auto [device, certificate] = office.enrolled();
  office.clock.advance((kLife + 4999) * kSecond);
  CHECK(office.enrolment->renew(device.renew(certificate, TlsKey::generate())).ok());
  Office late;
  const auto [gone, gone_certificate] = late.enrolled();
  late.clock.advance((kLife + 5001) * kSecond);
  CHECK(why(late.enrolment->renew(gone.renew(gone_certificate, TlsKey::generate())))
            .find("ran out more than 0 days ago; it needs a new token") != std::string::npos);
}

TEST_CASE("nobody renews with a key, a certificate or a request that is not theirs") {
  Office office;
  const auto [device, certificate] = office.enrolled();
  const TlsKey next = TlsKey::generate();
  const auto renew = [&](const RenewRequest& request) {
    return why(office.enrolment->renew(request));
  };
  CHECK(renew(DeviceKeys().renew(certificate, next)) ==
        "the request for hall-9 is not signed by its certificate's key");
  auto altered = device.renew(certificate, next);
  altered.csr = TlsKey::generate().signing_request("x");
  CHECK(renew(altered) == "the request for hall-9 is not signed by its certificate's key");
  CHECK(renew(device.renew(certificate, device.tls)) == "a renewal needs a new key");

  // The right name by the wrong authority, and by ours but behind enrolment's back.
  const std::int64_t now = office.clock.realtime() / kSecond;
  const auto request = SigningRequest::from_pem(device.tls.signing_request("x"));
  const auto foreign = Authority::create("test authority", now, now + 1000);
  CHECK(renew(device.renew(foreign.issue(*request, "hall-9", now, now + 9).pem(), next)) ==
        "the certificate is not of our authority");
  const auto own = Authority::from_pem(*read_text(office.config.ca_certificate),
                                       *read_text(office.config.ca_key));
  CHECK(renew(device.renew(own->issue(*request, "hall-9", now, now + 9).pem(), next)) ==
        "the certificate was not issued by enrolment");
  auto broken = device.renew(certificate, next);
  broken.csr = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
  CHECK(renew(broken) == "no signing request");
}

TEST_CASE("a revoked screen cannot renew, cannot use its token, and stands in list and ACL") {
  Office office;
  const auto [device, certificate] = office.enrolled();
  const std::string token = office.token();
  REQUIRE(revoke_screen(office.config, "hall-9"));
  CHECK(office.registered().revoked);
  CHECK(why(office.enrolment->renew(device.renew(certificate, TlsKey::generate()))) ==
        "hall-9 is revoked");
  CHECK(why(office.enrolment->enrol(DeviceKeys().enrol(token))) == "no such token");
  CHECK(office.in_crl(certificate));
  const std::string acl = *read_text(office.config.acl);
  CHECK(acl.find("user hall-9\ntopic deny #\n") != std::string::npos);
  CHECK(acl.find("user lobby-1\ntopic read vt/v1/g/demo/desired/+\n") != std::string::npos);
  CHECK(revoke_screen(office.config, "nobody").error().code == ErrorCode::not_found);
}

TEST_CASE("killed between registry and book, a renewal is simply made again") {
  Office office;
  const auto [device, certificate] = office.enrolled();
  RegisteredScreen screen = office.registered();
  screen.certificate_sha256 = std::string(64, 'a');  // what the book never heard of
  auto registry = *read_registry(*read_text(office.config.registry));
  for (auto& one : registry.screens) {
    if (one.screen == screen.screen) one = screen;
  }
  REQUIRE(write_atomic(office.config.registry, write_registry(registry)));
  const auto fresh = office.enrolment->renew(device.renew(certificate, TlsKey::generate()));
  REQUIRE_MESSAGE(fresh.ok(), why(fresh));
  CHECK(office.registered().certificate_sha256 == office.fingerprint_of(fresh->certificate));
}

TEST_CASE("thousands of screens do not make an enrolment slow") {
  Office office;
  for (int i = 0; i < 5000; ++i)
    office.registry.screens.push_back(office.screen("mass-" + std::to_string(i)));
  REQUIRE(office.write_registry_file());
  (void)office.enrolled();  // reads the whole file, once
  const SystemClock real;
  const Micros begun = real.boottime();
  (void)office.enrolled();
  const Micros one = real.boottime() - begun;
  REQUIRE(office.enrolment->refresh_broker());
  MESSAGE("5002 screens: one token and enrolment ", one / kMillisecond, " ms");
  CHECK(one < (testing::kSanitized ? 20 : 5) * kSecond);
}

TEST_CASE("requests of one source are counted by the minute, and of many sources kept apart") {
  RateLimit limit(3);
  Micros now = kHour;
  for (int i = 0; i < 3; ++i) CHECK(limit.admit("a", now));
  CHECK_FALSE(limit.admit("a", now));
  CHECK(limit.admit("b", now));
  now += 20 * kSecond;
  CHECK(limit.admit("a", now));
  CHECK_FALSE(limit.admit("a", now));
}

TEST_CASE("a message with a member too many, too few or of the wrong kind is refused by name") {
  CHECK(why(read_seen_request(R"({"certificate":"x"})")) == "seen request: 'signature' is missing");
  CHECK(why(read_seen_request(R"({"certificate":1,"signature":""})")) ==
        "seen request: 'certificate' is no text");
  CHECK(why(read_seen_request(R"({"certificate":"","signature":"","more":1})")) ==
        "seen request: \"more\" is no known member");
  CHECK(why(read_enrol_request(R"({"token":"","csr":"","proof_key":"AAAA"})")) ==
        "enrol request: 'proof_key' is no base64url of 32 bytes");
  CHECK_FALSE(read_renew_request(std::string(300'000, ' ')));
}

}  // namespace
}  // namespace vitrine
