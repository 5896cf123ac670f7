// Flash forgets: once in a boot every file is looked at, and what changed is moved away.
#include "rehash.hpp"

#include "kit.hpp"
#include "process.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Store : Kit {
  std::atomic<bool> busy = false;
  fs::path put(const std::string& body, const std::string& under = "") {
    const fs::path path = paths.content() / to_hex(sha256(as_bytes(under.empty() ? body : under)));
    REQUIRE(write_atomic(path, body).ok());
    return path;
  }
  Rehash::Options options(std::uint64_t bytes_s = 1'000'000'000) {
    return {.content = paths.content(),
            .done = paths.rehashed(),
            .bytes_s = bytes_s,
            .first_wait_ms = 0,
            .elsewhere = [this] { return busy.load(); }};
  }
};

}  // namespace

TEST_CASE("a file whose bytes changed is moved away and said; the others stay") {
  Store store;
  const fs::path good = store.put(std::string(700'000, 'g'));
  std::string body(700'000, 'b');
  const std::string was = body;
  body[600'000] ^= 1;
  const fs::path bad = store.put(body, was);
  store.put("half", "a part");
  fs::rename(store.paths.content() / to_hex(sha256(as_bytes("a part"))),
             store.paths.content() / (to_hex(sha256(as_bytes("a part"))) + ".part"));
  Rehash rehash(store.options());
  REQUIRE(until([&] { return rehash.finished(); }));
  const auto said = rehash.damaged();
  REQUIRE(said.size() == 1);
  CHECK(said[0].starts_with("creative " + bad.filename().string().substr(0, 12) +
                            ": its bytes on the disk have changed"));
  CHECK(fs::exists(good));
  CHECK_FALSE(fs::exists(bad));
  CHECK(fs::exists(bad.string() + ".bad"));
  CHECK(list_directory(store.paths.content()).size() == 3);
}

TEST_CASE("a restart in the same boot does not begin anew") {
  Store store;
  store.put("one");
  const fs::path two = store.put("two");
  {
    Rehash rehash(store.options());
    REQUIRE(until([&] { return rehash.finished(); }));
  }
  REQUIRE(write_atomic(two, std::string_view("2")).ok());
  Rehash again(store.options());
  REQUIRE(until([&] { return again.finished(); }));
  CHECK(again.damaged().empty());
  fs::remove(store.paths.rehashed());  // another boot
  Rehash next(store.options());
  REQUIRE(until([&] { return next.finished(); }));
  CHECK(next.damaged().size() == 1);
}

TEST_CASE("while the disk is needed elsewhere it waits, and its end does not") {
  Store store;
  store.put("one");
  store.busy = true;
  {
    Rehash rehash(store.options());
    CHECK_FALSE(rehash.finished());
  }  // ends at once, in mid-wait
  CHECK_FALSE(fs::exists(store.paths.rehashed()));
  Rehash rehash(store.options());
  store.busy = false;
  CHECK(until([&] { return rehash.finished(); }));
  // 64 MB at 8 MB/s would take 8 s: an object that ends does not wait for them.
  store.put(std::string(64'000'000, 'x'));
  Rehash slow(store.options(8'000'000));
  CHECK_FALSE(slow.finished());
}
