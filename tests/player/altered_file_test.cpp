#include <doctest/doctest.h>
#include <unistd.h>

#include <set>

#include "checked_file.hpp"
#include "clips.hpp"
#include "platform/crypto.hpp"
#include "player/source.hpp"
#include "presenter_support.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr std::uint64_t kAnySize = UINT64_MAX;
constexpr std::size_t kBlock = FileBlocks::kBytes;

std::shared_ptr<const FileBlocks> blocks_of(const fs::path& path) {
  auto hashed = hash_file(path, kAnySize);
  REQUIRE(hashed);
  return std::make_shared<const FileBlocks>(std::move(hashed->blocks));
}

std::string body_of(const fs::path& path) {
  auto body = read_text(path);
  REQUIRE(body);
  return *std::move(body);
}

// Three seconds in three clusters. Of the same coding with either look, so that one can go on as
// the other.
std::string matroska(const std::string& name, const std::string& look) {
  return body_of(made(name, "-f lavfi -i testsrc2=s=320x180:r=25 -frames:v 75 -vf " + look +
                                "noise=alls=20:allf=t:all_seed=7 -pix_fmt yuv420p -c:v libx264 "
                                "-preset ultrafast -qp 26 -g 25 -threads 1 "
                                "-cluster_time_limit 1000"));
}

std::size_t last_cluster(const std::string& body) {
  const auto at = body.rfind("\x1f\x43\xb6\x75");
  REQUIRE(at != std::string::npos);
  return at;
}

struct Attack {
  std::string good = matroska("good.mkv", "");
  // The same up to its last second; there other pictures begin, without any fault in their coding.
  std::string forged;
  Attack() {
    const std::string other = matroska("other.mkv", "negate,");
    const std::size_t at = last_cluster(good);
    REQUIRE(at > 6 * kBlock);
    forged = good.substr(0, at) + other.substr(last_cluster(other));
    forged.resize(good.size());
  }
};

struct Seen {
  std::vector<Hash256> pictures;
  std::optional<Error> error;
};

// Reads all of it; after `at` pictures `then` is done.
Seen see(const fs::path& path, std::shared_ptr<const FileBlocks> blocks, std::size_t at = SIZE_MAX,
         const std::function<void()>& then = {}) {
  Seen seen;
  SourceOptions options;
  options.blocks = std::move(blocks);
  auto source = open_media_source(path, options);
  if (!source) return {{}, source.error()};
  PicturePool pool(320, 180);
  for (;;) {
    if (seen.pictures.size() == at) then();
    auto frame = (*source)->read(pool);
    if (!frame) seen.error = frame.error();
    if (!frame || !*frame) return seen;
    seen.pictures.push_back(
        sha256({(*frame)->picture.y, static_cast<std::size_t>((*frame)->picture.y_stride) * 180}));
  }
}

bool all_of(const std::vector<Hash256>& pictures, const std::vector<Hash256>& among) {
  const std::set<Hash256> known(among.begin(), among.end());
  return std::all_of(pictures.begin(), pictures.end(),
                     [&](const Hash256& picture) { return known.contains(picture); });
}

void check_noticed(const Seen& seen, const std::string& named) {
  REQUIRE(seen.error);
  CHECK(seen.error->code == ErrorCode::corrupt);
  CHECK(seen.error->message.find(named) != std::string::npos);
  CHECK(seen.error->message.find("no longer those that were hashed") != std::string::npos);
}

}  // namespace

TEST_CASE("a file that is what was hashed shows the same pictures as without a check") {
  for (const fs::path& path :
       {clip("libx264", 25, 40), clip("libx265", 25, 40), clip("libvpx-vp9", 25, 40),
        written("whole.mkv", Attack().good), still("one.jpg"), still("one.png")}) {
    CAPTURE(path);
    const Seen without = see(path, nullptr);
    const Seen with = see(path, blocks_of(path));
    CHECK_FALSE(with.error);
    CHECK(with.pictures.size() >= 1);
    CHECK(with.pictures == without.pictures);
  }
}

TEST_CASE("other pictures written into a file while it plays are not shown; the play ends there") {
  const Attack attack;
  const std::string name = "attacked.mkv";
  const fs::path path = written(name, attack.good);
  const auto blocks = blocks_of(path);
  const Seen whole = see(path, blocks);
  REQUIRE(whole.pictures.size() == 75);
  const auto alter = [&] { REQUIRE(overwrite_in_place(path, as_bytes(attack.forged))); };

  // Unchecked they go on the glass, and nothing says so: the attack is a real one.
  const Seen fooled = see(path, nullptr, 5, alter);
  CHECK_FALSE(fooled.error);
  CHECK(fooled.pictures.size() > 50);
  CHECK_FALSE(all_of(fooled.pictures, whole.pictures));

  REQUIRE(overwrite_in_place(path, as_bytes(attack.good)));
  const Seen seen = see(path, blocks, 5, alter);
  check_noticed(seen, name);
  CHECK(seen.pictures.size() >= 25);
  CHECK(seen.pictures.size() < 75);
  CHECK(all_of(seen.pictures, whole.pictures));

  check_noticed(see(path, blocks), name);  // as long as it lies there like that
  REQUIRE(overwrite_in_place(path, as_bytes(attack.good)));
  CHECK(see(path, blocks).pictures == whole.pictures);
}

TEST_CASE("the presenter cuts a play whose file is altered, before the first picture of that") {
  const Attack attack;
  const fs::path path = written("on-glass.mkv", attack.good), next = clip("libx264", 30, 60);
  const auto blocks = blocks_of(path);
  const auto pictures = [](const Rig& rig) {
    std::set<std::uint64_t> all;
    for (const auto& shown : rig.output.flips) all.insert(shown.picture);
    return all;
  };
  Rig honest({{.file = path, .blocks = blocks}, {.file = next, .blocks = blocks_of(next)}});
  honest.run();
  CHECK(honest.end(0).frames_shown == 75);
  CHECK(honest.end(0).error.empty());

  Rig rig({{.file = path, .blocks = blocks}, {.file = next, .blocks = blocks_of(next)}});
  rig.programme.on_shown = [&](std::uint64_t ticket) {
    if (ticket == 1) REQUIRE(overwrite_in_place(path, as_bytes(attack.forged)));
  };
  rig.run();
  REQUIRE(rig.programme.ends.size() == 2);
  const PlayFigures& cut = rig.end(0);
  CHECK(cut.shown);
  CHECK(cut.altered);
  CHECK(cut.cut_cause == CutCause::decode_error);
  CHECK(cut.error.find("no longer those that were hashed") != std::string::npos);
  CHECK(cut.frames_shown >= 25);
  CHECK(cut.frames_shown < 75);
  CHECK(rig.end(1).frames_shown == 60);
  CHECK_FALSE(rig.end(1).altered);
  const auto known = pictures(honest);
  for (const std::uint64_t picture : pictures(rig)) CHECK(known.contains(picture));

  Rig later({{.file = path, .blocks = blocks}, {.file = next}});
  later.run();
  CHECK(later.end(0).shown);  // its beginning is what it was
  CHECK(later.end(0).altered);
  CHECK(later.end(0).cut_cause == CutCause::decode_error);
}

TEST_CASE("a byte that differs is noticed wherever it is, in videos and in stills") {
  struct Case {
    std::string name, good;
  };
  for (const Case& one : {Case{"byte.mkv", Attack().good},
                          Case{"byte.mp4", body_of(clip("libx264", 25, 100, "320x180"))},
                          Case{"byte.jpg", body_of(still("noisy.jpg", "testsrc2=s=640x360"))},
                          Case{"byte.png", body_of(still("noisy.png", "testsrc2=s=640x360"))}}) {
    const fs::path path = written(one.name, one.good);
    const auto blocks = blocks_of(path);
    const Seen whole = see(path, blocks);
    REQUIRE_FALSE(whole.error);
    for (const std::size_t at :
         {std::size_t{0}, one.good.size() / 3, one.good.size() / 2, one.good.size() - 1}) {
      CAPTURE(one.name);
      CAPTURE(at);
      std::string altered = one.good;
      altered[at] = static_cast<char>(altered[at] ^ 1);
      const Seen seen = see(written(one.name, altered), blocks);
      check_noticed(seen, one.name);
      CHECK(seen.pictures.size() < whole.pictures.size());
      CHECK(all_of(seen.pictures, whole.pictures));
    }
  }
}

TEST_CASE("a file cut short while it plays ends there; what is appended is never read") {
  const Attack attack;
  const fs::path path = written("length.mkv", attack.good);
  const auto blocks = blocks_of(path);
  const Seen whole = see(path, blocks);
  const Seen cut = see(path, blocks, 5, [&] {
    REQUIRE(::truncate(path.c_str(), static_cast<off_t>(attack.good.size() / 2)) == 0);
  });
  check_noticed(cut, "length.mkv");
  CHECK(all_of(cut.pictures, whole.pictures));
  check_noticed(see(written("length.mkv", ""), blocks), "length.mkv");

  const Seen grown = see(written("length.mkv", attack.good + attack.good), blocks);
  CHECK_FALSE(grown.error);
  CHECK(grown.pictures == whole.pictures);
}

TEST_CASE("of a file that nobody hashed nothing is shown") {
  const Seen seen = see(clip("libx264", 25, 40), std::make_shared<const FileBlocks>());
  CHECK(seen.error);
  CHECK(seen.pictures.empty());
}

TEST_CASE("what is handed on is what was checked, whatever is written meanwhile") {
  std::string body(3 * kBlock + 100, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 + i / 251);
  const fs::path path = written("bytes", body);
  CheckedFile file(*open_read(path), blocks_of(path));
  CHECK(file.size().value() == body.size());
  Bytes out(2 * kBlock);
  const auto same = [&](std::size_t at, std::size_t wanted) {
    auto got = file.read(at, {out.data(), wanted});
    REQUIRE(got);
    return *got > 0 && *got <= wanted && body.compare(at, *got, as_text({out.data(), *got})) == 0;
  };
  std::size_t read = 0;
  for (std::size_t at = 0; at < body.size(); at += read) {
    auto got = file.read(at, {out.data(), 1000});
    REQUIRE(got);
    REQUIRE(*got > 0);
    REQUIRE(body.compare(at, *got, as_text({out.data(), *got})) == 0);
    read = *got;
  }
  CHECK(file.read(body.size(), out).value() == 0);
  CHECK(file.read(body.size() + kBlock, out).value() == 0);
  CHECK(same(kBlock + 10, 2 * kBlock));

  std::string altered = body;
  altered[kBlock + 5000] = static_cast<char>(altered[kBlock + 5000] ^ 1);
  REQUIRE(overwrite_in_place(path, as_bytes(altered)));
  CHECK(same(kBlock + 4000, 2000));  // the block it holds is the one it checked
  CHECK(same(0, 10));
  for (const std::size_t at : {kBlock + 4000, kBlock}) {
    const auto refused = file.read(at, {out.data(), 1});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::corrupt);
  }
  CHECK(same(2 * kBlock, 10));
  CHECK(same(3 * kBlock + 50, 100));
}
