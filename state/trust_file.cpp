#include "state/trust_file.hpp"

#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"

namespace vitrine {
namespace {

// Nobody keeps more; a directory stuffed with forgeries must not cost a start its time.
constexpr std::size_t kMostLookedAt = 16;

}  // namespace

Result<HeldTrust> check_trust(const std::string& jws, const PublicKey& root,
                              const VersionFloors& floors) {
  auto document = verify_with_key(jws, DocumentKind::trust, root);
  if (!document) return std::move(document).error();
  const std::uint64_t floor = floors.highest(DocumentKind::trust);
  if (document->header.version < floor) {
    return fail(ErrorCode::stale, "trust " + std::to_string(document->header.version) +
                                      ": older version, " + std::to_string(floor) + " is known");
  }
  auto trust = read_trust(document->payload);
  if (!trust) return std::move(trust).error();
  return HeldTrust{std::move(*trust), document->header};
}

TrustFound find_trust(const StatePaths& paths, const PublicKey& root, const VersionFloors& floors) {
  TrustFound found;
  std::size_t looked_at = 0;
  for (const auto& file : numbered_files(paths.trust())) {
    if (++looked_at > kMostLookedAt) break;
    auto jws = read_text(file, kMaxPacket);
    auto held = jws ? check_trust(*jws, root, floors) : Result<HeldTrust>(std::move(jws).error());
    if (held) {
      found.held = std::move(*held);
      return found;
    }
    if (found.complaint.empty()) found.complaint = held.error().message;
  }
  if (found.complaint.empty()) found.complaint = "no trust document in " + paths.trust().string();
  return found;
}

}  // namespace vitrine
