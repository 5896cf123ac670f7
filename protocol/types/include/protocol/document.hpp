// What every signed document has in common (docs/contracts.md, "Signed documents").
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace vitrine {

enum class DocumentKind { schedule, numbers, profile, settings, takeover, command, trust };

inline constexpr std::array<std::string_view, 7> kDocumentKindNames = {
    "schedule", "numbers", "profile", "settings", "takeover", "command", "trust"};

constexpr std::string_view name_of(DocumentKind kind) {
  return kDocumentKindNames[static_cast<std::size_t>(kind)];
}
std::optional<DocumentKind> document_kind(std::string_view name);

// Whom a document is for. Written "screen/lobby-1" or "group/lifts" in `aud`.
struct Audience {
  enum class Kind { screen, group };
  Kind kind = Kind::screen;
  std::string name;
  auto operator<=>(const Audience&) const = default;
  std::string text() const;
  static std::optional<Audience> parse(std::string_view text);
};

struct DocumentHeader {
  DocumentKind kind = DocumentKind::schedule;
  Audience audience;
  std::string key_id;
  std::uint64_t version = 0;    // counts per (kind, audience), strictly rising
  std::int64_t issued_at = 0;   // seconds since 1970, UTC
  std::int64_t expires_at = 0;  // 0 = does not expire
};

// A document larger than an MQTT message should be is named by its hash and fetched like content.
struct DocumentReference {
  std::string url;
  std::array<std::uint8_t, 32> sha256{};
  std::uint64_t size = 0;
};

inline constexpr std::size_t kMaxInlinePayload = 64 * 1024;
inline constexpr std::size_t kMaxReferencedBody = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxPacket = 256 * 1024;

}  // namespace vitrine
