// Files as they must not be, each between two good ones: none crashes the player or leaves more
// than a frame's time at a seam, whether vet was asked or its verdict was forged.
#include <doctest/doctest.h>
#include <unistd.h>

#include <map>

#include "clips.hpp"
#include "platform/crypto.hpp"
#include "presenter_support.hpp"
#include "vet/vet.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr Micros kPlanned = 1 * kSecond;
constexpr Micros kFrame = 40 * kMillisecond;

struct Broken {
  std::string what;
  fs::path file;
};

std::string bytes_of(const fs::path& path) {
  auto body = read_text(path);
  REQUIRE_MESSAGE(body, body.error().message);
  return *std::move(body);
}

// The same bytes under other names, one a kind of creative.
std::map<std::string, fs::path> whole_files() {
  const std::string faststart = " -c copy -movflags +faststart";
  const std::string h264 = clip("libx264", 25, 50).string();
  return {
      {"h264.mp4", made("whole-h264.mp4", "-i " + h264 + faststart)},
      {"index-last.mp4", h264},
      {"hevc.mp4", made("whole-hevc.mp4", "-i " + clip("libx265", 25, 50).string() + faststart)},
      {"mpeg4.mp4", made("whole-mpeg4.mp4", "-i " + clip("mpeg4", 25, 50).string() + faststart)},
      {"vp9.webm", clip("libvpx-vp9", 25, 50)},
      {"h264.mkv", made("whole-h264.mkv", "-i " + h264 + " -c copy")},
      {"still.jpg", still("whole.jpg")},
      {"still.png", still("whole.png")},
      {"still.webp", still("whole.webp")}};
}

std::vector<Broken> cut_at_every_tenth() {
  std::vector<Broken> corpus;
  for (const auto& [name, path] : whole_files()) {
    for (int tenths = 1; tenths < 10; ++tenths) {
      corpus.push_back(
          {name + " cut at " + std::to_string(10 * tenths) + " %", truncated(path, 100 * tenths)});
    }
  }
  return corpus;
}

// Runs of bytes turned over, more of them and elsewhere in each variant.
std::vector<Broken> with_flipped_bytes() {
  std::vector<Broken> corpus;
  for (const auto& [name, path] : whole_files()) {
    const std::string whole = bytes_of(path);
    for (std::size_t variant = 1; variant <= 6; ++variant) {
      std::string body = whole;
      for (std::size_t run = 0; run < variant * variant; ++run) {
        std::size_t at = (run * 7919 + variant * 104729) % body.size();
        for (std::size_t i = 0; i < variant && at < body.size(); ++i, ++at) body[at] ^= '\xff';
      }
      corpus.push_back({name + " flipped " + std::to_string(variant),
                        written("flipped-" + std::to_string(variant) + "-" + name, body)});
    }
  }
  return corpus;
}

std::vector<Broken> oddities() {
  const std::string h264 = bytes_of(clip("libx264", 25, 50));
  const auto index = h264.find("moov");
  REQUIRE(index != std::string::npos);
  const std::string encoded = " -c:v libx264 -preset ultrafast -pix_fmt yuv420p ";
  // A stream that nobody closed: no length, no index, and a cluster that never ends.
  const fs::path endless = made("endless.mkv", "-f lavfi -i testsrc2=s=160x90:r=25 -t 20" +
                                                   encoded + "-g 25 -live 1 -f matroska");
  return {{"nothing at all", written("zero.mp4", "")},
          {"one byte", written("one-byte.mp4", "x")},
          {"zeros", written("zeros.mp4", std::string(100'000, '\0'))},
          {"a video called a picture", written("video.png", h264)},
          {"a picture called a video", written("picture.mp4", bytes_of(still("whole.png")))},
          {"a list of files", written("list.mp4", "ffconcat version 1.0\nfile /etc/passwd\n")},
          {"a list of addresses",
           written("live.mp4", "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n#EXT-X-ENDLIST\n")},
          {"8K", made("8k.mp4", "-f lavfi -i color=gray:s=7680x4320:r=1 -frames:v 1" + encoded)},
          {"8K still", made("8k.jpg", "-f lavfi -i color=gray:s=7680x4320 -frames:v 1")},
          {"a picture larger than any", hollow_png(60'000, 60'000)},
          {"1x1", made("1x1.png", "-f lavfi -i color=red:s=2x2,format=rgb24,crop=1:1 -frames:v 1")},
          {"2x2", made("2x2.webm",
                       "-f lavfi -i color=red:s=2x2:r=25 -frames:v 25 "
                       "-c:v libvpx-vp9 -deadline realtime")},
          {"1 frame a second",
           made("1fps.mp4", "-f lavfi -i testsrc2=s=160x90:r=1 -frames:v 4" + encoded)},
          {"without its index", written("no-index.mp4", h264.substr(0, index - 4))},
          {"endless", endless},
          {"two videos joined as bytes", written("joined.mp4", h264 + h264)}};
}

// Every broken one between two good ones.
std::vector<ScriptItem> among_good(const std::vector<Broken>& corpus) {
  std::vector<ScriptItem> script;
  for (const Broken& broken : corpus) {
    script.push_back({clip("libx264", 25, 25), kPlanned});
    script.push_back({broken.file, kPlanned});
  }
  script.push_back({clip("libx264", 25, 25), kPlanned});
  return script;
}

void play(const std::vector<Broken>& corpus) {
  Rig rig(among_good(corpus), 50'000);
  rig.run();
  REQUIRE(rig.programme.ends.size() == 2 * corpus.size() + 1);
  int shown = 0;
  for (const auto& [ticket, figures] : rig.programme.ends) {
    const bool good = ticket % 2 == 1;
    const std::string what = good ? "a good one" : corpus[ticket / 2 - 1].what;
    CAPTURE(ticket);
    CAPTURE(what);
    CAPTURE(figures.error);
    CHECK(figures.gap_before <= kFrame);
    CHECK(figures.frames_dropped == 0);
    if (good) {
      CHECK(figures.error.empty());
      CHECK(figures.frames_shown == 25);
      CHECK(figures.ended - figures.first_flip == kPlanned);
    } else if (figures.shown) {
      shown += figures.error.empty();
      CHECK(figures.error.empty() == (figures.cut_cause == CutCause::none));
    } else {
      CHECK_FALSE(figures.error.empty());
    }
  }
  MESSAGE(corpus.size() << " files, of which " << shown << " were shown to their end");
  // Never a second without a picture.
  for (std::size_t i = 1; i < rig.output.flips.size(); ++i) {
    CHECK(rig.output.flips[i].flip.at - rig.output.flips[i - 1].flip.at <= kSecond);
  }
}

// What vet lets through of them.
std::vector<Broken> eligible(const std::vector<Broken>& corpus) {
  const SystemClock clock;
  std::vector<Broken> passed;
  for (const Broken& broken : corpus) {
    CAPTURE(broken.what);
    auto verdict = vet_file(clock, {.program = VITRINE_VET}, broken.file,
                            *sha256_of_file(broken.file), nullptr);
    REQUIRE_MESSAGE(verdict, verdict.error().message);
    CHECK(verdict->eligible == verdict->reason.empty());
    if (verdict->eligible) passed.push_back(broken);
  }
  return passed;
}

// Verdicts "good" for all of them, and then only what vet lets through, which plays to its end.
void play_both_ways(const std::vector<Broken>& corpus) {
  play(corpus);
  const std::vector<Broken> passed = eligible(corpus);
  Rig rig(among_good(passed), 50'000);
  rig.run();
  for (const auto& [ticket, figures] : rig.programme.ends) {
    CAPTURE(ticket % 2 == 1 ? "a good one" : passed[ticket / 2 - 1].what);
    CHECK(figures.shown);
    CHECK(figures.error.empty());
    CHECK(figures.gap_before <= kFrame);
  }
}

}  // namespace

TEST_CASE("files cut at every tenth of their length") {
  play_both_ways(cut_at_every_tenth());
}

TEST_CASE("files with bytes turned over") {
  play_both_ways(with_flipped_bytes());
}

TEST_CASE("files that are empty, disguised, enormous, tiny, slow, without index or end") {
  play_both_ways(oddities());
}
