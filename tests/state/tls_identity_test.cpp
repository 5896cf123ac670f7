#include "state/tls_identity.hpp"

#include <doctest/doctest.h>

#include "temp_directory.hpp"

using namespace vitrine;

namespace {

struct Device {
  testing::TempDirectory temp;
  StatePaths paths{temp / "lib", temp / "run"};
  TlsIdentity identity{paths};
  Authority authority = Authority::create("test", 1'000'000'000, 4'000'000'000);

  Device() { REQUIRE(make_state_directories(paths).ok()); }
  std::string certify(const TlsKey& key) const {
    const auto request = SigningRequest::from_pem(key.signing_request("x"));
    return authority.issue(*request, "lobby-1", 1'000'000'000, 2'000'000'000).pem();
  }
  Status install(const std::string& certificate) const {
    return identity.install(certificate, authority.certificate().pem(), true);
  }
  // The certificate in place is of the key beside it.
  bool pair_fits() const {
    const auto certificate = identity.certificate();
    const auto key = identity.key();
    if (!certificate || !key) return false;
    return certificate->key_hash() ==
           SigningRequest::from_pem(key->signing_request("x"))->key_hash();
  }
};

}  // namespace

TEST_CASE("the next key waits, the same one, until its certificate takes the place of the old") {
  Device device;
  const std::string first = device.identity.next_key()->pem();
  CHECK(device.identity.next_key()->pem() == first);
  REQUIRE(device.install(device.certify(*device.identity.next_key())).ok());
  CHECK(device.identity.key()->pem() == first);
  CHECK(device.pair_fits());
  CHECK(device.identity.to_be_seen());
  REQUIRE(device.identity.mark_seen().ok());
  CHECK_FALSE(device.identity.to_be_seen());
  CHECK_FALSE(fs::exists(device.paths.tls_next()));

  const std::string second = device.identity.next_key()->pem();
  CHECK(second != first);
  CHECK(device.identity.key()->pem() == first);
  REQUIRE(device.install(device.certify(*device.identity.next_key())).ok());
  CHECK(device.identity.key()->pem() == second);
  CHECK(device.pair_fits());
}

TEST_CASE("a certificate for another key, or what is none, changes nothing") {
  Device device;
  REQUIRE(device.install(device.certify(*device.identity.next_key())).ok());
  const std::string before = device.identity.certificate()->pem();
  (void)device.identity.next_key();
  CHECK(device.install(device.certify(TlsKey::generate())).error().message ==
        "the certificate that came is for another key");
  CHECK_FALSE(device.install("-----BEGIN NONSENSE-----"));
  CHECK(device.identity.certificate()->pem() == before);
  CHECK(device.pair_fits());
}

TEST_CASE(
    "a power cut around the swap leaves a pair that fits, and what lies beside it is thrown away") {
  Device device;
  REQUIRE(device.install(device.certify(*device.identity.next_key())).ok());
  // After the swap, before the old pair was removed.
  fs::copy(device.paths.tls_key().parent_path(), device.paths.tls_next());
  const std::string old = device.identity.key()->pem();
  CHECK(device.identity.next_key()->pem() != old);
  CHECK(device.pair_fits());
  // Before the swap: both files of the next pair are there.
  const auto waiting = device.identity.next_key();
  REQUIRE(write_atomic(device.paths.tls_next() / "cert.pem", device.certify(*waiting)).ok());
  CHECK(device.identity.next_key()->pem() != waiting->pem());
  CHECK(device.pair_fits());
}
