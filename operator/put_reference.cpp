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

Result<DocumentReference> put_reference(const OriginOptions& origin, const std::string& text) {
  DocumentReference reference;
  reference.sha256 = sha256(as_bytes(text));
  reference.size = text.size();
  reference.url = "documents/" + to_hex(reference.sha256);
  const Scratch scratch;
  if (!scratch.made) {
    return fail(ErrorCode::unavailable,
                "cannot make a directory like " + scratch.path + ": " + std::strerror(errno));
  }
  const fs::path file = fs::path(scratch.path) / "document";
  if (auto written = write_atomic(file, text); !written) return std::move(written).error();
  const LocalContent body{file, reference.sha256, reference.size, reference.url};
  if (auto put = put_content(origin, body); !put) return std::move(put).error();
  return reference;
}

}  // namespace vitrine::op
