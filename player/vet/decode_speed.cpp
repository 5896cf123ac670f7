#include "vet/decode_speed.hpp"

#include <algorithm>
#include <map>

#include "base/time.hpp"

namespace vitrine {
namespace {

constexpr std::uint32_t kFastEnough = 1'500;
constexpr std::uint32_t kRealTime = 1'000;
constexpr Micros kTooShort = 1 * kSecond;  // to tell decoding from opening

std::string codec_name(const std::string& codec) {
  static const std::map<std::string, std::string> kNames = {{"h264", "H.264"}, {"hevc", "HEVC"},
                                                            {"vp8", "VP8"},    {"vp9", "VP9"},
                                                            {"av1", "AV1"},    {"mpeg4", "MPEG-4"}};
  const auto known = kNames.find(codec);
  return known == kNames.end() ? codec : known->second;
}

// "1080p60"; what is no wide picture by its size, "1080x1920 at 60 fps".
std::string format_name(const Verdict& verdict) {
  const std::string fps = std::to_string((verdict.fps_milli + 500) / 1'000);
  if (verdict.width * 9 == verdict.height * 16) return std::to_string(verdict.height) + "p" + fps;
  return std::to_string(verdict.width) + "x" + std::to_string(verdict.height) + " at " + fps +
         " fps";
}

}  // namespace

void settle_threads(Verdict& verdict, int most,
                    const std::function<DecodeSpeed(int threads)>& measure) {
  verdict.speed_permille = 0;
  std::uint32_t possible = 0;
  for (int threads = 1; threads <= most; ++threads) {
    const DecodeSpeed speed = measure(threads);
    possible = std::max({possible, speed.by_wall, speed.by_cpu});
    if (speed.by_wall > verdict.speed_permille) {
      verdict.speed_permille = speed.by_wall;
      verdict.threads = static_cast<std::uint32_t>(threads);
    }
    if (verdict.speed_permille >= kFastEnough) return;
  }
  if (possible >= kRealTime || verdict.fps_milli == 0 || verdict.duration_us < kTooShort) return;
  verdict.eligible = false;
  const auto fps = std::uint64_t{verdict.fps_milli} * possible / 1'000'000;
  verdict.reason = format_name(verdict) + " " + codec_name(verdict.codec) + ": this board " +
                   std::to_string(fps) + " fps";
}

}  // namespace vitrine
