#include "backflow/picture_archive.hpp"

#include "platform/crypto.hpp"
#include "protocol/command_picture.hpp"

namespace vitrine {

fs::path PictureArchive::file_of(const Hash256& sha256) const {
  const std::string name = to_hex(sha256);
  return directory_ / name.substr(0, 2) / (name + ".jpg");
}

Status PictureArchive::keep(ByteView jpeg) const {
  const fs::path file = file_of(sha256(jpeg));
  std::error_code error;
  if (fs::exists(file, error)) return ok();
  if (auto made = make_directories(file.parent_path()); !made) return made;
  return write_atomic(file, jpeg);
}

Result<Bytes> PictureArchive::read(const Hash256& hash) const {
  const fs::path file = file_of(hash);
  auto jpeg = read_file(file, kMostPictureBytes);
  if (!jpeg) return jpeg;
  if (sha256(*jpeg) != hash)
    return fail(ErrorCode::corrupt, file.string() + " is not what its name says");
  return jpeg;
}

}  // namespace vitrine
