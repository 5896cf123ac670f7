#include "protocol/bundle.hpp"

#include <algorithm>

#include "codec/members.hpp"

namespace vitrine {
namespace {

constexpr std::string_view kBegin = "vitrine-bundle-1.";
constexpr std::size_t kMostBundle = 64 * 1024;
// Crockford's: no I, L, O, U.
constexpr std::string_view kSpoken = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

Error no_bundle(const std::string& why) {
  return fail(ErrorCode::invalid, "the bundle " + why);
}

}  // namespace

Result<SignedBundle> read_bundle(std::string_view text) {
  if (text.size() > kMostBundle)
    return no_bundle("is none: more than " + std::to_string(kMostBundle) + " bytes");
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (!text.starts_with(kBegin)) {
    // A stick pulled too early leaves files of few bytes or none.
    if (kBegin.starts_with(text)) return no_bundle("is cut short: copy it again");
    return no_bundle("is none: it does not begin with " + std::string(kBegin));
  }
  if (!text.ends_with('.') || std::count(text.begin(), text.end(), '.') != 3)
    return no_bundle("is cut short: copy it again");
  text.remove_prefix(kBegin.size());
  text.remove_suffix(1);
  const auto dot = text.find('.');
  auto payload = from_base64url(text.substr(0, dot));
  auto signature = from_base64url(text.substr(dot + 1));
  if (!payload || !signature) return no_bundle("is damaged: it holds what is no base64url");
  const std::string_view json = as_text(*payload);
  Bundle bundle;
  codec::Members members(json, "the bundle");
  members.text("server", bundle.server)
      .text("token", bundle.token)
      .text("authority", bundle.authority)
      .text("signer", bundle.signer)
      .bytes("root_key", bundle.root_key, 32)
      .text("screen", bundle.screen)
      .integer("area", bundle.area, 1, UINT32_MAX)
      .text("zone", bundle.zone)
      .texts("groups", bundle.groups)
      .text("board", bundle.board)
      .integer("until", bundle.until, 1, 253'402'300'799);
  auto read = members.done(bundle);
  if (!read) return std::move(read).error();
  return SignedBundle{*std::move(read), bundle_signed_text(json), *std::move(signature)};
}

std::string bundle_payload(const Bundle& bundle) {
  Json::Array groups(bundle.groups.begin(), bundle.groups.end());
  return write_json(Json::Object{{"server", bundle.server},
                                 {"token", bundle.token},
                                 {"authority", bundle.authority},
                                 {"signer", bundle.signer},
                                 {"root_key", to_base64url(bundle.root_key)},
                                 {"screen", bundle.screen},
                                 {"area", bundle.area},
                                 {"zone", bundle.zone},
                                 {"groups", std::move(groups)},
                                 {"board", bundle.board},
                                 {"until", bundle.until}});
}

// The word in front keeps a signature made for one purpose from serving another.
std::string bundle_signed_text(std::string_view payload) {
  return "vt1bundle" + std::string(payload);
}

std::string write_bundle(std::string_view payload, ByteView signature) {
  return std::string(kBegin) + to_base64url(as_bytes(payload)) + "." + to_base64url(signature) +
         ".\n";
}

std::string spoken_code(const Hash256& key_hash) {
  std::string code;
  std::uint64_t bits = 0;
  int held = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    bits = bits << 8 | key_hash[i];
    for (held += 8; held >= 5; held -= 5) {
      if (code.size() % 5 == 4) code += '-';
      code += kSpoken[bits >> (held - 5) & 31];
    }
  }
  return code;
}

bool is_spoken_code(std::string_view typed, const Hash256& key_hash) {
  const auto plain = [](std::string_view text) {
    std::string letters;
    for (char c : text) {
      if (c == '-' || c == ' ') continue;
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      letters += c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    }
    return letters;
  };
  return plain(typed) == plain(spoken_code(key_hash));
}

}  // namespace vitrine
