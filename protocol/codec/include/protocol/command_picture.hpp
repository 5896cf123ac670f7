// What a screen shows, on up/picture: the SHA-256 of the command that asked for it, raw, and then a
// JPEG. Who asked knows by the first that it is theirs; what it shows is said by the answer on
// up/reply, which follows it (docs/contracts.md, "Wire").
#pragma once

#include <optional>

#include "base/bytes.hpp"

namespace vitrine {

inline constexpr std::size_t kMostPictureBytes = 200 * 1024;  // of the JPEG
inline constexpr int kMostPictureSide = 640;

struct CommandPicture {
  Hash256 command{};
  Bytes jpeg;
};
Bytes write_command_picture(const CommandPicture& picture);
// nullopt: it is none, or too large. What is in the JPEG is not looked at.
std::optional<CommandPicture> read_command_picture(ByteView bytes);

}  // namespace vitrine
