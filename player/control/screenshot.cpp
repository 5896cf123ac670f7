#include "player/screenshot.hpp"

#include "base/math.hpp"
#include "platform/crypto.hpp"
#include "player/jpeg.hpp"
#include "protocol/command_picture.hpp"
#include "state/live.hpp"

namespace vitrine {
namespace {

constexpr Micros kLeastBetween = 3 * kSecond;
constexpr auto kWait =
    std::chrono::milliseconds(1'500);  // what stands still is flipped each second

void add_plane(Sha256& hash, const std::uint8_t* plane, int width, int height, int stride) {
  for (int row = 0; row < height; ++row)
    hash.add({plane + static_cast<std::ptrdiff_t>(row) * stride, static_cast<std::size_t>(width)});
}

// In words, a line each; the picture's own hash binds it to the answer.
std::string describe(const StatePaths& paths, const Snapshot& snapshot, const Jpeg& jpeg,
                     bool in_row) {
  const Picture& picture = snapshot.frame.picture;
  std::string text = "shown: ";
  text += snapshot.ticket == 0
              ? "the status picture"
              : snapshot.label + " (decision " + std::to_string(snapshot.ticket) + " of this boot)";
  text += "\nat: " + std::to_string(snapshot.at) + " us since boot";
  if (const auto clock = read_clock_state(paths); clock && clock->trust != ClockTrust::none) {
    text += ", " + format_utc((snapshot.at + clock->utc_minus_boottime_us) / kSecond) + " (" +
            std::string(name_of(clock->trust)) + ")";
  }
  text += "\npicture: " + std::to_string(picture.width) + "x" + std::to_string(picture.height) +
          ", sha256 " + to_hex(picture_hash(picture));
  text += "\njpeg: " + std::to_string(jpeg.width) + "x" + std::to_string(jpeg.height) + ", " +
          std::to_string(jpeg.bytes.size()) + " bytes, quality " + std::to_string(jpeg.quality) +
          ", sha256 " + to_hex(sha256(jpeg.bytes));
  text += in_row ? "\nrow: the play's row names this jpeg\n"
                 : "\nrow: none names this jpeg (the play had ended, or has a picture already)\n";
  return text;
}

}  // namespace

Hash256 picture_hash(const Picture& picture) {
  Bytes begin;
  const auto purpose = as_bytes("vt1pic");
  begin.insert(begin.end(), purpose.begin(), purpose.end());
  append_le32(begin, static_cast<std::uint32_t>(picture.width));
  append_le32(begin, static_cast<std::uint32_t>(picture.height));
  Sha256 hash;
  hash.add(begin);
  add_plane(hash, picture.y, picture.width, picture.height, picture.y_stride);
  for (const std::uint8_t* plane : {picture.u, picture.v})
    add_plane(hash, plane, picture.width / 2, picture.height / 2, picture.uv_stride);
  return hash.finish();
}

CommandWatch::Act screenshot_act(const Clock& clock, const StatePaths& paths, SnapshotDesk& desk,
                                 ShotBook& shots) {
  return [&clock, paths, &desk, &shots, last = kAbsent]() mutable -> CommandWatch::Outcome {
    const Micros now = clock.boottime();
    if (last != kAbsent && now - last < kLeastBetween)
      return {false, "the last screenshot is younger than " +
                         std::to_string(kLeastBetween / kSecond) + " s; ask again"};
    last = now;
    const auto snapshot = desk.take(kWait);
    if (!snapshot) return {false, "nothing was flipped: the output is lost or off"};
    auto jpeg = encode_jpeg(snapshot->frame.picture, {kMostPictureSide, kMostPictureBytes});
    if (!jpeg) return {false, jpeg.error().message};
    const bool in_row = shots.note(snapshot->ticket, sha256(jpeg->bytes));
    return {true, describe(paths, *snapshot, *jpeg, in_row), std::move(jpeg->bytes)};
  };
}

}  // namespace vitrine
