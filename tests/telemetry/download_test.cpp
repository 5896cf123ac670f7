// Content comes whole, or not at all, whatever an origin does.
#include <signal.h>

#include "fetch.hpp"
#include "hostile_origin.hpp"
#include "platform/crypto.hpp"
#include "state/content_store.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

std::string film_of(std::size_t size) {
  std::string film;
  for (std::size_t i = 0; i < size; ++i)
    film += static_cast<char>('a' + (i * 7 + i / 26 * 3 + i / 997) % 26);
  return film;
}

// Impatient: a test that waits half a minute for a dead server proves nothing more.
constexpr TransferLimits kHasty{.connect_s = 2, .least_bytes_s = 512, .slow_s = 1, .grace_s = 3};

struct Fetch {
  HostileOrigin& origin;
  fs::path store = origin.temp / "store";
  explicit Fetch(HostileOrigin& at) : origin(at) { REQUIRE(make_directories(store).ok()); }

  ContentOutcome bring(FetchWorker& worker, const ContentRequest& request) {
    worker.want(request);
    std::vector<ContentOutcome> came;
    REQUIRE(until([&] { return !(came = worker.finished()).empty(); }));
    return came.front();
  }
  ContentOutcome bring(const std::string& path, const std::string& film) {
    FetchWorker worker(store, origin.ca.ca(), kHasty);
    return bring(worker, {sha256(as_bytes(film)), film.size(), path, {origin.address()}});
  }
};

struct Fault {
  std::string path;
  std::optional<ErrorCode> ends;  // nothing: the film is there, whole
  std::string words;              // of the error
  // What comes of asking once more after `unavailable`, as the assembly does.
  bool whole_then = false;
};

}  // namespace

TEST_CASE("whatever an origin does, the film is there whole or not at all, and the line says why") {
  const std::string film = film_of(200'000);
  HostileOrigin origin(film);
  Fetch fetch(origin);
  const Hash256 hash = sha256(as_bytes(film));
  const ContentStore store(fetch.store);
  using enum ErrorCode;
  const Fault faults[] = {
      {"fine/film", {}, ""},
      {"inside/film", {}, ""},
      {"cookie/film", {}, ""},
      {"cut=90000/film", unavailable, "", true},
      {"nothing/film", unavailable, "ends at byte 0"},
      {"says_more/film", corrupt, "has 200010 bytes, 200000 were signed"},
      {"says_less/film", corrupt, "has 199990 bytes, 200000 were signed"},
      {"endless/film", corrupt, "larger than the 200000 bytes signed"},
      {"wrong/film", corrupt, "sha256 differs"},
      {"packed/film", corrupt, "bytes, 200000 were signed"},
      {"changes=tagged/film", unavailable, "", true},
      {"changes/film", unavailable, "", true},
      {"no_ranges/film", unavailable, "", true},
      {"other_range/film", unavailable, "", false},
      {"other_total/film", unavailable, "", false},
      {"unasked_range/film", unavailable, "another range"},
      {"away/film", denied, "outside the origins"},
      {"plain_http/film", denied, "no plain https address"},
      {"with_password/film", denied, "no plain https address"},
      {"in_circles/film", denied, "more than 5 times"},
      {"long_page/film", denied, "answers 302"},
      {"says=404/film", not_found, "answers 404"},
      {"says=403/film", denied, "answers 403"},
      {"says=503/film", unavailable, "answers 503"},
      {"says=429/film", unavailable, "answers 429"},
      {"silent/film", unavailable, "too slow"},
      {"dribbles=10/film", unavailable, "too slow"},
  };
  for (const Fault& fault : faults) {
    CAPTURE(fault.path);
    fs::remove_all(fetch.store);
    REQUIRE(make_directories(fetch.store).ok());
    ContentOutcome came = fetch.bring(fault.path, film);
    const std::string said = came.status ? "" : came.status.error().message;
    CAPTURE(said);
    CHECK(came.status.ok() == !fault.ends);
    if (fault.ends && !came.status.ok()) CHECK(came.status.error().code == *fault.ends);
    CHECK(said.find(fault.words) != std::string::npos);
    CHECK(said.find('\n') == std::string::npos);
    if (fault.whole_then) {
      CHECK_FALSE(store.has(hash));
      came = fetch.bring(fault.path, film);
      const std::string then = came.status ? "" : came.status.error().message;
      CAPTURE(then);
      CHECK(came.status.ok());
    }
    CHECK(store.has(hash) == came.status.ok());
    if (store.has(hash)) {
      CHECK(*read_text(store.path_of(hash)) == film);
      CHECK(list_directory(fetch.store).size() == 1);  // no part, no tag
    }
  }
  // Wrong bytes are asked for once more from the beginning, and no more often.
  CHECK(origin.requests("wrong") == std::vector<std::string>{"- -", "- -"});
  // A part is gone on with under the condition that the file is the same, where it has a tag.
  CHECK(origin.requests("changes=tagged") ==
        std::vector<std::string>{"- -", "bytes=100000- \"old\""});
  CHECK(origin.requests("changes") ==
        std::vector<std::string>{"- -", "bytes=100000- -", "- -"});  // only the hash could tell
}

TEST_CASE("broken off after any number of bytes, a download goes on exactly there") {
  const std::string film = film_of(101);
  HostileOrigin origin(film);
  const fs::path part = origin.temp / "a.part";
  for (std::size_t at = 0; at <= film.size(); ++at) {
    CAPTURE(at);
    fs::remove(part);
    const Download request{origin.address() + "/cut=" + std::to_string(at) + "/film",
                           {origin.address()},
                           part,
                           film.size()};
    const auto first = download(request, origin.ca.ca());
    CHECK(first.ok() == (at == film.size()));
    CHECK(fs::file_size(part) == at);
    CHECK(download(request, origin.ca.ca()).ok() == (at > 0));
    if (at > 0) CHECK(*read_text(part) == film);
    if (at > 0 && at < film.size())
      CHECK(origin.requests("cut=" + std::to_string(at)).back() ==
            "bytes=" + std::to_string(at) + "- -");
  }
}

TEST_CASE("killed with -9 in mid-download, the next start fetches only the rest") {
  const std::string film = film_of(20'000);
  HostileOrigin origin(film);
  Fetch fetch(origin);
  const Hash256 hash = sha256(as_bytes(film));
  const ContentStore store(fetch.store);
  std::error_code error;
  {
    Process one({VITRINE_FETCH_ONE, fetch.store.string(), origin.ca.ca(), origin.address(),
                 "dribbles=1/film", to_hex(hash), std::to_string(film.size())},
                origin.temp / "fetch.log");
    REQUIRE(until([&] { return fs::file_size(store.part_of(hash), error) >= 100 && !error; }));
    one.signal(SIGKILL);
    CHECK(one.wait() == 128 + SIGKILL);
  }
  CHECK_FALSE(store.has(hash));
  const auto had = fs::file_size(store.part_of(hash));
  REQUIRE(had < film.size());
  CHECK(fetch.bring("fine/film", film).status.ok());
  CHECK(*read_text(store.path_of(hash)) == film);
  CHECK(origin.requests("fine").back() == "bytes=" + std::to_string(had) + "- -");
}

TEST_CASE(
    "a second origin is tried when the first has nothing, and a dead one is no reason to give up") {
  const std::string film = film_of(5'000);
  HostileOrigin origin(film);
  Fetch fetch(origin);
  FetchWorker worker(fetch.store, origin.ca.ca(), kHasty);
  ContentRequest request{sha256(as_bytes(film)), film.size(), "fine/film", {}};
  request.origins = {"https://127.0.0.1:1", origin.address()};
  CHECK(fetch.bring(worker, request).status.ok());
  // Nobody has it, but one of them did not even answer: that may change.
  request.sha256 = Hash256{1};
  request.path = "says=404/film";
  CHECK(fetch.bring(worker, request).status.error().code == ErrorCode::unavailable);
}

TEST_CASE(
    "two transfers run at once, and what is needed soonest goes before what was asked first") {
  const std::string film = film_of(3'000);
  HostileOrigin origin(film);
  Fetch fetch(origin);
  std::vector<std::string> films;
  for (int i = 0; i < 4; ++i) {
    films.push_back(film_of(3'000 + static_cast<std::size_t>(i)));
    REQUIRE(write_atomic(origin.served / std::to_string(i), films.back(), 0644).ok());
  }
  FetchWorker worker(fetch.store, origin.ca.ca());
  const auto want = [&](int i, const std::string& deed, std::int64_t urgency) {
    const std::string& body = films[static_cast<std::size_t>(i)];
    worker.want({sha256(as_bytes(body)),
                 body.size(),
                 deed + "/" + std::to_string(i),
                 {origin.address()},
                 urgency});
  };
  want(0, "silent", 0);
  REQUIRE(until([&] { return origin.requests("silent").size() == 1; }));
  want(1, "dribbles=1", 0);  // beside the silent one
  REQUIRE(until([&] { return origin.requests("dribbles=1").size() == 1; }));
  want(2, "fine", 7);
  want(3, "fine", 1);
  std::vector<Hash256> order;
  REQUIRE(until([&] {
    for (const auto& outcome : worker.finished()) {
      CHECK(outcome.status.ok());
      order.push_back(outcome.sha256);
    }
    return order.size() == 3;
  }));
  CHECK(order == std::vector{sha256(as_bytes(films[1])), sha256(as_bytes(films[3])),
                             sha256(as_bytes(films[2]))});
  // Nobody needs the silent one any more: it makes room, without an outcome.
  worker.only({});
  REQUIRE(until([&] { return !worker.busy(); }));
  CHECK(worker.finished().empty());
}

TEST_CASE("an allowance bounds the bytes of a download, which goes on when there is more") {
  const std::string film = film_of(100'000);
  HostileOrigin origin(film);
  Fetch fetch(origin);
  const Hash256 hash = sha256(as_bytes(film));
  const ContentStore store(fetch.store);
  FetchWorker worker(fetch.store, origin.ca.ca(), kHasty);
  worker.allow(0);
  worker.want({hash, film.size(), "fine/film", {origin.address()}});
  std::error_code error;
  for (const std::uint64_t given : {30'000u, 40'000u}) {
    const auto before = worker.received();
    worker.allow(given);
    REQUIRE(until([&] { return worker.received() == before + given && !worker.busy(); }));
    CHECK(worker.finished().empty());
  }
  CHECK(fs::file_size(store.part_of(hash), error) == 70'000);
  CHECK(origin.requests("fine").back() == "bytes=30000-69999 \"fine\"");
  worker.allow(Allowance::kUnlimited);
  std::vector<ContentOutcome> came;
  REQUIRE(until([&] { return !(came = worker.finished()).empty(); }));
  CHECK(came.front().status.ok());
  CHECK(worker.received() == film.size());
  CHECK(*read_text(store.path_of(hash)) == film);
}

TEST_CASE("a full disk is said in one line and keeps the part") {
  const std::string film = film_of(3'000'000);
  HostileOrigin origin(film);
  // The one full disk that every machine has.
  fs::create_symlink("/dev/full", origin.temp / "a.part");
  const Download request{
      origin.address() + "/fine/film", {origin.address()}, origin.temp / "a.part", film.size()};
  const auto came = download(request, origin.ca.ca());
  REQUIRE_FALSE(came.ok());
  CHECK(came.error().code == ErrorCode::exhausted);
  CHECK(came.error().message ==
        "cannot write " + request.part.string() + ": No space left on device");
  CHECK(fs::is_symlink(request.part));
}
