#include "operator/put_reference.hpp"

#include <stdlib.h>

#include <cerrno>
#include <cstring>

#include "platform/crypto.hpp"

namespace vitrine::op {
namespace {

// A directory of our own that goes with the object.
struct Scratch {
  std::string path = (fs::temp_directory_path() / "vitrine-push-XXXXXX").string();
  bool made = ::mkdtemp(path.data()) != nullptr;
  ~Scratch() {
    std::error_code error;
    if (made) fs::remove_all(path, error);
  }
};

}  // namespace

DocumentReference reference_to(const std::string& text) {
  const Hash256 hash = sha256(as_bytes(text));
  return {"documents/" + to_hex(hash), hash, text.size()};
}

Status put_reference(const OriginOptions& origin, const std::string& text) {
  const DocumentReference reference = reference_to(text);
  const Scratch scratch;
  if (!scratch.made) {
    return fail(ErrorCode::unavailable,
                "cannot make a directory like " + scratch.path + ": " + std::strerror(errno));
  }
  const fs::path file = fs::path(scratch.path) / "document";
  if (auto written = write_atomic(file, text); !written) return written;
  const LocalContent body{file, reference.sha256, reference.size, reference.url};
  return put_content(origin, body);
}

}  // namespace vitrine::op
