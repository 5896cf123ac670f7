#include "operator/documents.hpp"

#include "protocol/documents.hpp"

namespace vitrine::op {
namespace {

template <class T>
Result<std::string> rewritten(Result<T> document, std::string (*write)(const T&)) {
  if (!document) return std::move(document).error();
  return write(*document);
}

}  // namespace

Result<std::string> canonical(DocumentKind kind, std::string_view json) {
  switch (kind) {
    case DocumentKind::schedule:
      return rewritten(read_schedule(json), write_schedule);
    case DocumentKind::numbers:
      return rewritten(read_numbers(json), write_numbers);
    case DocumentKind::profile:
      return rewritten(read_profile(json), write_profile);
    case DocumentKind::settings:
      return rewritten(read_settings(json), write_settings);
    case DocumentKind::takeover:
      return rewritten(read_takeover(json), write_takeover);
    case DocumentKind::command:
      return rewritten(read_command(json), write_command);
    case DocumentKind::trust:
      return rewritten(read_trust(json), write_trust);
  }
  return fail(ErrorCode::internal, "no such kind of document");
}

}  // namespace vitrine::op
