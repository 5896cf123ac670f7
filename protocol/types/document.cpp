#include "protocol/document.hpp"

namespace vitrine {

std::optional<DocumentKind> document_kind(std::string_view name) {
  for (std::size_t i = 0; i < kDocumentKindNames.size(); ++i) {
    if (kDocumentKindNames[i] == name) return static_cast<DocumentKind>(i);
  }
  return std::nullopt;
}

std::string Audience::text() const {
  return (kind == Kind::screen ? "screen/" : "group/") + name;
}

std::optional<Audience> Audience::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Audience audience;
  audience.name = text.substr(slash + 1);
  if (!is_valid_name(audience.name)) return std::nullopt;
  const auto kind = text.substr(0, slash);
  if (kind == "screen") {
    audience.kind = Kind::screen;
  } else if (kind == "group") {
    audience.kind = Kind::group;
  } else {
    return std::nullopt;
  }
  return audience;
}

}  // namespace vitrine
