#include "vet/vet.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clips.hpp"
#include "platform/crypto.hpp"
#include "temp_directory.hpp"
#include "vet/examine.hpp"
#include "vet/sandbox.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

Verdict vet(const fs::path& file) {
  const SystemClock clock;
  auto verdict = vet_file(clock, {.program = VITRINE_VET}, file, *sha256_of_file(file), nullptr);
  REQUIRE_MESSAGE(verdict, verdict.error().message);
  return *verdict;
}

// Runs `act` inside the sandbox of a process of its own; its wait status.
template <class Act>
int inside(Act act) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (!enter_sandbox({})) ::_exit(99);
    ::_exit(act());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

fs::path script(const std::string& name, const std::string& body) {
  const fs::path path = written(name, "#!/bin/sh\n" + body + "\n");
  fs::permissions(path, fs::perms::owner_all);
  return path;
}

}  // namespace

TEST_CASE("a good video is eligible, with its true size, length and first frame") {
  for (const char* codec : {"libx264", "libx265", "libvpx-vp9"}) {
    CAPTURE(codec);
    const Verdict verdict = vet(clip(codec, 25, 40));
    CAPTURE(verdict.reason);
    CHECK(verdict.eligible);
    CHECK(verdict.width == 160);
    CHECK(verdict.height == 90);
    CHECK(verdict.frames == 40);
    CHECK(verdict.duration_us == 1'600'000);
    CHECK(verdict.fps_milli == 25'000);
    CHECK(verdict.threads >= 1);
    CHECK(verdict.speed_permille > 0);
    CHECK(verdict.first_frame != Hash256{});
  }
}

TEST_CASE("a video is not judged by its sound, good, damaged or foreign") {
  const std::string source = "-i " + clip("libx264", 25, 40).string() +
                             " -f lavfi -i sine=d=1.6 -map 0:v -map 1:a -c:v copy -c:a ";
  for (const fs::path& path :
       {made("with-aac.mp4", source + "aac"), made("with-opus.mkv", source + "libopus"),
        made("with-noise.mkv", source + "aac -bsf:a noise=amount=20"),
        made("with-wma.mkv", source + "wmav2")}) {
    const Verdict verdict = vet(path);
    CAPTURE(path);
    CAPTURE(verdict.reason);
    CHECK(verdict.eligible);
    CHECK(verdict.frames == 40);
  }
}

TEST_CASE("the first frame's hash is that of its decoded luma and chroma") {
  const fs::path path = clip("libx264", 25, 40);
  const fs::path raw =
      made("first.yuv", "-i " + path.string() + " -frames:v 1 -f rawvideo -pix_fmt yuv420p");
  const Verdict verdict = vet(path);
  CHECK(verdict.first_frame == *sha256_of_file(raw));
}

TEST_CASE("a good still is eligible and has no length") {
  for (const char* name : {"one.jpg", "one.png"}) {
    const Verdict verdict = vet(still(name));
    CAPTURE(verdict.reason);
    CHECK(verdict.eligible);
    CHECK(verdict.frames == 1);
    CHECK(verdict.duration_us == 0);
  }
}

TEST_CASE("a truncated, garbage, empty, damaged or enormous file is not eligible, with a reason") {
  auto body = read_text(clip("libx264", 25, 100));
  REQUIRE(body);
  for (std::size_t i = body->size() / 2; i < body->size() * 6 / 10; ++i) (*body)[i] = '\x5a';
  // With its index in front a cut file opens well; only decoding to the end finds it out.
  const fs::path front = made(
      "front.mp4", "-i " + clip("libx264", 25, 100).string() + " -c copy -movflags +faststart");
  for (const fs::path& path : {truncated(front, 600), truncated(clip("libvpx-vp9", 25, 40), 500),
                               truncated(still("one.jpg"), 500), truncated(still("one.png"), 700),
                               written("text.mp4", "no video"), written("empty.mp4", ""),
                               written("broken.mp4", *body), hollow_png(30'000, 30'000)}) {
    const Verdict verdict = vet(path);
    CAPTURE(path);
    CAPTURE(verdict.reason);
    CHECK_FALSE(verdict.eligible);
    CHECK_FALSE(verdict.reason.empty());
  }
}

TEST_CASE("a child that crashes, hangs, fails or talks nonsense means not eligible") {
  const SystemClock clock;
  const fs::path file = still("one.png");
  struct Case {
    std::string body, reason;
  };
  int number = 0;
  for (const Case& one :
       {Case{"kill -SEGV $$", "crashed"}, Case{"kill -KILL $$", "killed"}, Case{"exit 3", "exit 3"},
        Case{"echo eligible 2", "nonsense"}, Case{"echo eligible 1", "nonsense"},
        Case{"yes eligible 1", "nonsense"}, Case{"echo 'eligible 1\nframes -5'", "nonsense"}}) {
    CAPTURE(one.body);
    const VetOptions options{.program = script("child-" + std::to_string(number++), one.body)};
    auto verdict = vet_file(clock, options, file, Hash256{}, nullptr);
    REQUIRE(verdict);
    CHECK_FALSE(verdict->eligible);
    CHECK(verdict->reason.find(one.reason) != std::string::npos);
  }
  // No time at all: the child is killed, whatever it was about to say.
  auto verdict = vet_file(clock, {.program = script("slow", "exec sleep 600"), .timeout = 0}, file,
                          Hash256{}, nullptr);
  REQUIRE(verdict);
  CHECK_FALSE(verdict->eligible);
  CHECK(verdict->reason.find("not through") != std::string::npos);
}

TEST_CASE("a child that cannot be started leaves no verdict") {
  const SystemClock clock;
  CHECK_FALSE(vet_file(clock, {.program = "/nonexistent"}, still("one.png"), Hash256{}, nullptr));
}

TEST_CASE(
    "inside the sandbox a socket or another program is death, and opening or growing a file "
    "fails") {
  const int by_socket = inside([] { return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? 1 : 0; });
  CHECK(WIFSIGNALED(by_socket));
  CHECK(WTERMSIG(by_socket) == SIGSYS);
  const int by_exec = inside([] { return ::execl("/bin/true", "true", nullptr); });
  CHECK(WIFSIGNALED(by_exec));
  CHECK(WTERMSIG(by_exec) == SIGSYS);
  const int by_open = inside([] { return ::open("/etc/passwd", O_RDONLY) < 0 ? 7 : 0; });
  CHECK(WIFEXITED(by_open));
  CHECK(WEXITSTATUS(by_open) == 7);
  const fs::path path = written("grow.bin", "");
  const int fd = ::open(path.c_str(), O_WRONLY);
  const int by_write = inside([fd] { return ::write(fd, "x", 1) < 0 ? 7 : 0; });
  ::close(fd);
  CHECK((WIFSIGNALED(by_write) || WEXITSTATUS(by_write) == 7));
  CHECK(fs::file_size(path) == 0);
}

TEST_CASE("each file of the content store gets its verdict once; parts and strangers get none") {
  TempDirectory directory;
  StatePaths paths;
  paths.root = directory.path();
  REQUIRE(make_directories(paths.content()));
  REQUIRE(make_directories(paths.verdicts()));
  const fs::path good = clip("libx264", 25, 40), bad = written("text.mp4", "no video");
  const Hash256 good_hash = *sha256_of_file(good), bad_hash = *sha256_of_file(bad);
  fs::copy_file(good, paths.content() / to_hex(good_hash));
  fs::copy_file(bad, paths.content() / to_hex(bad_hash));
  fs::copy_file(good, paths.content() / (to_hex(bad_hash) + ".part"));
  fs::copy_file(good, paths.content() / "readme");
  const SystemClock clock;
  const VetOptions options{.program = VITRINE_VET};
  Misnamed misnamed;
  for (const bool more : {true, true, false}) {
    auto found = vet_next(clock, options, paths, misnamed, nullptr);
    REQUIRE(found);
    CHECK(*found == more);
  }
  CHECK(list_directory(paths.verdicts()).size() == 2);
  auto first = read_verdict(paths.verdicts(), good_hash);
  REQUIRE(first);
  REQUIRE(*first);
  CHECK((*first)->eligible);
  CHECK((*first)->sha256 == good_hash);
  auto second = read_verdict(paths.verdicts(), bad_hash);
  REQUIRE(second);
  REQUIRE(*second);
  CHECK_FALSE((*second)->eligible);
  CHECK((*second)->reason.find("MP4") != std::string::npos);
}

TEST_CASE(
    "other bytes under a creative's name get no verdict, hinder no other file, and the true ones "
    "do") {
  TempDirectory directory;
  StatePaths paths;
  paths.root = directory.path();
  REQUIRE(make_directories(paths.content()));
  REQUIRE(make_directories(paths.verdicts()));
  const fs::path good = clip("libx264", 25, 40), other = clip("libx264", 25, 80);
  const Hash256 good_hash = *sha256_of_file(good), other_hash = *sha256_of_file(other);
  const auto put = [&](const fs::path& from, const Hash256& name) {
    fs::copy_file(from, directory / "new");
    fs::rename(directory / "new", paths.content() / to_hex(name));
  };
  put(other, good_hash);
  put(good, other_hash);
  const fs::path third = still("one.png");
  put(third, *sha256_of_file(third));
  const SystemClock clock;
  const VetOptions options{.program = VITRINE_VET};
  Misnamed misnamed;
  const auto more = [&] { return *vet_next(clock, options, paths, misnamed, nullptr); };
  while (more()) {
  }
  CHECK(list_directory(paths.verdicts()) ==
        std::vector<std::string>{to_hex(*sha256_of_file(third))});
  CHECK(misnamed.size() == 2);
  put(good, good_hash);
  CHECK(more());
  CHECK_FALSE(more());
  auto verdict = read_verdict(paths.verdicts(), good_hash);
  REQUIRE(verdict);
  REQUIRE(*verdict);
  CHECK((*verdict)->eligible);
}

TEST_CASE("bytes that change after they were hashed end the examination without a verdict") {
  const fs::path good = clip("libx264", 25, 40), other = clip("libx264", 25, 80);
  const SystemClock clock;
  const auto examined = [&](const fs::path& file, const fs::path& hashed) {
    auto blocks = std::make_shared<const FileBlocks>(hash_file(hashed, 100'000'000)->blocks);
    return examine(clock, *open_read(file), "clip", blocks);
  };
  CHECK(examined(good, good)->eligible);
  const auto verdict = examined(other, good);
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().code == ErrorCode::corrupt);
}
