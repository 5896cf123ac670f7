#include "operator/sign.hpp"

#include <cstdio>

#include "platform/crypto.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {
namespace {

Result<DocumentHeader> header_of(const PushOptions& options, std::int64_t now_s) {
  DocumentHeader header;
  const auto kind = document_kind(options.kind);
  if (!kind) return fail(ErrorCode::invalid, "--kind " + options.kind + " is no kind of document");
  const auto audience = Audience::parse(options.to);
  if (!audience)
    return fail(ErrorCode::invalid,
                "--to " + options.to + " is neither screen/NAME nor group/NAME");
  if (options.version == 0) return fail(ErrorCode::invalid, "--version must be 1 or more");
  if (!is_valid_name(options.key_id))
    return fail(ErrorCode::invalid,
                "--key-id '" + options.key_id + "' is no name (1 to 64 of a-z, 0-9 and -)");
  header.kind = *kind;
  header.audience = *audience;
  header.key_id = options.key_id;
  header.version = options.version;
  header.issued_at = now_s;
  header.expires_at =
      options.valid_days == 0 ? 0 : now_s + std::int64_t{options.valid_days} * 86400;
  return header;
}

// A second signature that the options ask for.
Status add_second(const PushOptions& options, std::string& jws) {
  if (options.countersign_key.empty()) return ok();
  if (!is_valid_name(options.countersign_id))
    return fail(ErrorCode::invalid, "--countersign-id is missing");
  auto key = read_private_key(options.countersign_key);
  if (!key) return std::move(key).error();
  auto twice = countersign_document(jws, options.countersign_id, *key);
  if (!twice) return std::move(twice).error();
  jws = std::move(*twice);
  return ok();
}

int refuse(const Error& error) {
  std::fprintf(stderr, "vitrine sign: %s\n", error.message.c_str());
  return kRefused;
}

}  // namespace

Result<SignedPush> sign_push(const PushOptions& options, const PreparedPush& prepared,
                             std::int64_t now_s) {
  auto header = header_of(options, now_s);
  if (!header) return std::move(header).error();
  auto key = read_private_key(options.key_file);
  if (!key) return std::move(key).error();
  std::string jws = sign_document(*header, prepared.payload, *key);
  if (auto second = add_second(options, jws); !second) return std::move(second).error();
  return SignedPush{*std::move(header), std::move(jws), prepared.hashes};
}

Result<SignedPush> signed_before(const PushOptions& options, const std::string& text) {
  std::string jws = text;
  while (!jws.empty() && jws.back() == '\n') jws.pop_back();
  if (auto second = add_second(options, jws); !second) return std::move(second).error();
  auto document = parse_envelope(jws);
  if (!document) return std::move(document).error().context(options.file);
  SignedPush ready{document->header, std::move(jws), {}};
  const auto json = parse_json(document->payload);
  const Json* content = json ? json->find("content") : nullptr;
  if (content != nullptr && content->array() != nullptr) {
    for (const Json& item : *content->array()) {
      const Json* hash = item.find("sha256");
      if (hash != nullptr && hash->text() != nullptr) ready.hashes.insert(*hash->text());
    }
  }
  return ready;
}

int sign(const PushOptions& options, bool second, const std::string& out, const Clock& clock) {
  Result<SignedPush> ready = fail(ErrorCode::internal, "not signed");
  if (second) {
    auto text = read_text(options.file, kMaxPacket);
    if (!text) return refuse(text.error());
    PushOptions by = options;
    by.countersign_key = options.key_file;
    by.countersign_id = options.key_id;
    ready = signed_before(by, *text);
  } else {
    auto prepared = prepare_push(options);
    if (!prepared) return refuse(prepared.error());
    ready = sign_push(options, *prepared, clock.realtime() / kSecond);
  }
  if (!ready) return refuse(ready.error());
  if (auto written = write_atomic(out, ready->jws + "\n", 0644); !written)
    return refuse(written.error());
  std::printf("%s %llu for %s, signed by %s%s, is in %s\n",
              std::string(name_of(ready->header.kind)).c_str(),
              static_cast<unsigned long long>(ready->header.version),
              ready->header.audience.text().c_str(), ready->header.key_id.c_str(),
              second ? (" and " + options.key_id).c_str() : "", out.c_str());
  return kDone;
}

}  // namespace vitrine::op
