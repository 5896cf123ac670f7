#include "protocol/command_picture.hpp"

#include <algorithm>
#include <array>

namespace vitrine {
namespace {

constexpr std::array<std::uint8_t, 3> kJpegBegins = {0xff, 0xd8, 0xff};

}  // namespace

Bytes write_command_picture(const CommandPicture& picture) {
  Bytes bytes(picture.command.begin(), picture.command.end());
  bytes.insert(bytes.end(), picture.jpeg.begin(), picture.jpeg.end());
  return bytes;
}

std::optional<CommandPicture> read_command_picture(ByteView bytes) {
  CommandPicture picture;
  const std::size_t name = picture.command.size();
  if (bytes.size() < name + kJpegBegins.size() || bytes.size() > name + kMostPictureBytes)
    return std::nullopt;
  std::copy_n(bytes.begin(), name, picture.command.begin());
  picture.jpeg.assign(bytes.begin() + static_cast<std::ptrdiff_t>(name), bytes.end());
  if (!std::equal(kJpegBegins.begin(), kJpegBegins.end(), picture.jpeg.begin()))
    return std::nullopt;
  return picture;
}

}  // namespace vitrine
