#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/clock.hpp"
#include "platform/config.hpp"
#include "platform/crypto.hpp"
#include "platform/file_blocks.hpp"
#include "platform/sqlite.hpp"
#include "platform/time_zone.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::TempDirectory;

TEST_CASE("an atomic write replaces the whole file and leaves no neighbour") {
  TempDirectory dir;
  REQUIRE(write_atomic(dir / "a", "first, and longer"));
  REQUIRE(write_atomic(dir / "a", "second"));
  CHECK(*read_text(dir / "a") == "second");
  CHECK(list_directory(dir.path()) == std::vector<std::string>{"a"});
}

TEST_CASE("file errors name the path and the reason") {
  TempDirectory dir;
  const auto missing = read_file(dir / "nothing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::not_found);
  CHECK(missing.error().message.find("nothing: No such file") != std::string::npos);
  REQUIRE(write_atomic(dir / "big", std::string(100, 'x')));
  CHECK(read_file(dir / "big", 99).error().code == ErrorCode::exhausted);
}

TEST_CASE("a FIFO in a file's place holds up nobody, with a writer or without") {
  TempDirectory dir;
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  CHECK(read_file(dir / "fifo").value().empty());
  const FileDescriptor writer(::open((dir / "fifo").c_str(), O_RDWR));
  REQUIRE(writer.open());
  CHECK_FALSE(read_file(dir / "fifo").ok());
  CHECK_FALSE(sha256_of_file(dir / "fifo").ok());
  CHECK_FALSE(hash_file(dir / "fifo", 1024).ok());
}

TEST_CASE("the blocks of a file are hashed from the bytes that make its own hash") {
  TempDirectory dir;
  constexpr std::size_t kBlock = FileBlocks::kBytes;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kBlock - 1, kBlock, kBlock + 1,
                                 16 * kBlock, 33 * kBlock + 7}) {
    CAPTURE(size);
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i / 100 + i / kBlock);
    REQUIRE(write_atomic(dir / "file", body));
    const auto hashed = hash_file(dir / "file", size);
    REQUIRE(hashed);
    CHECK(hashed->sha256 == *sha256_of_file(dir / "file"));
    CHECK(hashed->blocks.size == size);
    REQUIRE(hashed->blocks.hashes.size() == (size + kBlock - 1) / kBlock);
    for (std::size_t i = 0; i < hashed->blocks.hashes.size(); ++i) {
      const std::string block = body.substr(i * kBlock, kBlock);
      CHECK(hashed->blocks.length_of(i) == block.size());
      CHECK(hashed->blocks.hashes[i] == sha256(as_bytes(block)));
    }
    if (size > 0) CHECK(hash_file(dir / "file", size - 1).error().code == ErrorCode::exhausted);
  }
  CHECK(hash_file(dir / "none", 1).error().code == ErrorCode::not_found);
  CHECK(hash_file(dir.path(), 1 << 20).error().code == ErrorCode::invalid);
}

TEST_CASE("SHA-256 and Ed25519 agree with their standards' own vectors") {
  CHECK(to_hex(sha256(as_bytes("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 8032 section 7.1, test 2
  const auto seed =
      *hash_from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const PrivateKey key = PrivateKey::from_seed(seed);
  CHECK(to_hex(key.public_key().raw) ==
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const std::array<std::uint8_t, 1> message{0x72};
  CHECK(to_hex(key.sign(message)) ==
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST_CASE("HKDF agrees with RFC 5869 test case 3, its first 32 bytes") {
  const Bytes secret(22, 0x0b);
  CHECK(to_hex(hkdf(secret, {})) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST_CASE("a signature holds for its message and key only") {
  const PrivateKey key = PrivateKey::generate();
  Signature signature = key.sign(as_bytes("play"));
  CHECK(verify(key.public_key(), as_bytes("play"), signature));
  CHECK_FALSE(verify(key.public_key(), as_bytes("plays"), signature));
  CHECK_FALSE(verify(PrivateKey::generate().public_key(), as_bytes("play"), signature));
  signature[10] ^= 1;
  CHECK_FALSE(verify(key.public_key(), as_bytes("play"), signature));
}

TEST_CASE("keys survive their files, the private one readable by its owner alone") {
  TempDirectory dir;
  const PrivateKey key = PrivateKey::generate();
  REQUIRE(write_private_key(dir / "k", key));
  REQUIRE(write_public_key(dir / "k.pub", key.public_key()));
  CHECK(read_private_key(dir / "k")->seed() == key.seed());
  CHECK(*read_public_key(dir / "k.pub") == key.public_key());
  CHECK((fs::status(dir / "k").permissions() & fs::perms(0077)) == fs::perms::none);
  REQUIRE(write_atomic(dir / "bad", "not a key\n"));
  CHECK(read_private_key(dir / "bad").error().message.find("bad is not a key") !=
        std::string::npos);
}

TEST_CASE("a reader opens a database beside its living owner, and again after it stopped") {
  TempDirectory dir;
  {
    auto owner = Database::open_owner(dir / "x.db");
    REQUIRE(owner);
    REQUIRE(owner->execute("CREATE TABLE t(a INTEGER); INSERT INTO t VALUES(7)"));
    auto reader = Database::open_reader(dir / "x.db");
    REQUIRE(reader);
    CHECK(*reader->scalar("SELECT a FROM t") == 7);
    CHECK_FALSE(reader->execute("DELETE FROM t"));
  }
  auto reader = Database::open_reader(dir / "x.db");
  REQUIRE(reader);
  CHECK(*reader->scalar("SELECT a FROM t") == 7);
  CHECK(Database::open_reader(dir / "none.db").error().code == ErrorCode::not_found);
}

TEST_CASE(
    "who asks to hear of commits hears of each, may read, and the -wal is emptied as before") {
  TempDirectory dir;
  auto opened = Database::open_owner(dir / "x.db");
  REQUIRE(opened);
  REQUIRE(opened->execute("CREATE TABLE t(a BLOB)"));
  std::vector<std::int64_t> heard;
  opened->after_commit([&](Database& owner) {
    heard.push_back(owner.scalar("SELECT count(*) FROM t")->value_or(-1));
  });
  Database database = std::move(*opened);
  for (int i = 0; i < 40; ++i) {  // 1000 pages are about 4 MB: this passes them several times
    REQUIRE(database.execute("INSERT INTO t VALUES(randomblob(500000))"));
  }
  CHECK(heard.size() == 40);
  CHECK(heard.back() == 40);
  CHECK(fs::file_size(dir / "x.db-wal") < 10'000'000);
  CHECK(fs::file_size(dir / "x.db") > 10'000'000);
}

TEST_CASE("a transaction that is not committed leaves nothing") {
  TempDirectory dir;
  auto database = Database::open_owner(dir / "x.db");
  REQUIRE(database->execute("CREATE TABLE t(a INTEGER)"));
  {
    auto transaction = Transaction::begin(*database);
    REQUIRE(transaction);
    REQUIRE(database->execute("INSERT INTO t VALUES(1)"));
  }
  CHECK(*database->scalar("SELECT count(*) FROM t") == 0);
}

TEST_CASE("a statement taken up again knows nothing of its use before, and holds nothing open") {
  TempDirectory dir;
  auto database = Database::open_owner(dir / "db");
  REQUIRE(database);
  REQUIRE(database->execute("CREATE TABLE t(a INTEGER); INSERT INTO t VALUES(1), (2), (3)"));
  const auto insert = [&] { return *database->prepare("INSERT INTO t VALUES(?)"); };
  REQUIRE(insert().bind(1, 7).run());
  REQUIRE(insert().run());  // nothing bound: NULL
  CHECK(*database->scalar("SELECT count(*) FROM t WHERE a IS NULL") == 1);
  const auto first = [&] {
    auto select = *database->prepare("SELECT a FROM t ORDER BY rowid");
    REQUIRE(*select.step());
    return select.integer(0);  // given back in the middle of its rows
  };
  CHECK(first() == 1);
  CHECK(first() == 1);
  // Two of the same text at a time are two statements.
  auto one = *database->prepare("SELECT a FROM t ORDER BY rowid");
  auto two = *database->prepare("SELECT a FROM t ORDER BY rowid");
  REQUIRE(*one.step());
  REQUIRE(*one.step());
  REQUIRE(*two.step());
  CHECK(one.integer(0) == 2);
  CHECK(two.integer(0) == 1);
  one = Statement();
  two = Statement();
  // A read that was still open would keep the log from being emptied.
  CHECK(*database->scalar("PRAGMA wal_checkpoint(TRUNCATE)") == 0);
}

TEST_CASE("a configuration says where it is wrong") {
  const auto config =
      Config::parse("name = 'x'\n[mqtt]\nport = 8883\nhosts = ['a', 'b']\n", "device.toml");
  REQUIRE(config);
  CHECK(*config->text("name") == "x");
  CHECK(*config->integer("mqtt.port") == 8883);
  CHECK(config->texts("mqtt.hosts")->size() == 2);
  CHECK(config->text("mqtt.host").error().message == "device.toml: text 'mqtt.host' is missing");
  CHECK(Config::parse("a = \n", "device.toml").error().message.find("device.toml:1:") == 0);
}

TEST_CASE("a zone's table holds both changes of a daylight-saving year") {
  const auto zone = load_zone("Europe/Berlin", 1'767'225'600, 1'798'761'600);  // 2026
  REQUIRE(zone);
  REQUIRE(zone->transitions.size() == 3);
  CHECK(zone->offset_at(1'767'225'600) == 3600);
  CHECK(zone->offset_at(1'782'000'000) == 7200);
  CHECK(zone->tzdata.substr(0, 2) == "20");  // e.g. 2025b
  CHECK(load_zone("Mars/Olympus", 0, 1).error().code == ErrorCode::not_found);
}

TEST_CASE("the boot clock moves on and the boot has an id") {
  const SystemClock clock;
  const Micros before = clock.boottime();
  clock.sleep_until(before + 2 * kMillisecond);
  CHECK(clock.boottime() >= before + 2 * kMillisecond);
  CHECK(clock.boot_id() != BootId{});
}

TEST_CASE("a stamp on the monotonic clock is told on the boot clock, whatever time was suspended") {
  // Whoever reads it is put to sleep for a second between its first two readings.
  class Interrupted final : public Clock {
   public:
    Micros boottime() const override {
      now_ += readings_++ == 0 ? kSecond : 1;
      return now_ + 90 * kMinute;
    }
    Micros monotonic() const override { return ++now_; }
    Micros realtime() const override { return 0; }
    BootId boot_id() const override { return {}; }
    void sleep_until(Micros) const override {}

   private:
    mutable Micros now_ = 10 * kSecond;
    mutable int readings_ = 0;
  };
  const Micros at = boottime_of(Interrupted(), 9 * kSecond);
  CHECK(at >= 90 * kMinute + 9 * kSecond);
  CHECK(at <= 90 * kMinute + 9 * kSecond + 2);
}

TEST_CASE("a transaction inside another can be given up alone, and goes with the outer one") {
  TempDirectory dir;
  auto database = Database::open_owner(dir / "db");
  REQUIRE(database);
  REQUIRE(database->execute("CREATE TABLE t(a INTEGER)"));
  const auto insert = [&](int value, bool kept) {
    auto inner = Transaction::begin(*database);
    REQUIRE(inner);
    REQUIRE(database->execute("INSERT INTO t VALUES(" + std::to_string(value) + ")"));
    if (kept) REQUIRE(inner->commit());
  };
  {
    auto outer = Transaction::begin(*database);
    REQUIRE(outer);
    insert(1, true);
    insert(2, false);
    REQUIRE(outer->commit());
  }
  CHECK(*database->scalar("SELECT SUM(a) FROM t") == 1);
  {
    auto outer = Transaction::begin(*database);
    REQUIRE(outer);
    insert(4, true);
  }
  CHECK(*database->scalar("SELECT SUM(a) FROM t") == 1);
}
