#include "operator/push.hpp"

#include <unistd.h>

#include <cstdio>

#include "operator/documents.hpp"
#include "operator/origin.hpp"
#include "operator/push_link.hpp"
#include "operator/put_reference.hpp"
#include "platform/crypto.hpp"
#include "protocol/envelope.hpp"
#include "protocol/reference.hpp"

namespace vitrine::op {
namespace {

int refuse(const Error& error) {
  std::fprintf(stderr, "vitrine push: %s\n", error.message.c_str());
  return kRefused;
}

// On a terminal only: in a log it would be noise.
Progress bar(const char* doing) {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [doing](std::uint64_t done, std::uint64_t all) {
    const auto percent = all == 0 ? 100u : static_cast<unsigned>(done * 100 / all);
    std::fprintf(stderr, "\r%s %3u %% of %llu MB%s", doing, percent,
                 static_cast<unsigned long long>(all / 1000000), done >= all ? "\n" : "");
  };
}

Status put_all(const OriginOptions& origin, const std::vector<LocalContent>& content) {
  std::uint64_t all = 0;
  std::uint64_t done = 0;
  for (const auto& item : content) all += item.size;
  const auto progress = bar("copying");
  for (const auto& item : content) {
    if (auto put = put_content(origin, item); !put) return put;
    done += item.size;
    if (progress) progress(done, all);
  }
  return ok();
}

Result<DocumentHeader> header_of(const PushOptions& options, std::int64_t now_s) {
  DocumentHeader header;
  const auto kind = document_kind(options.kind);
  if (!kind) return fail(ErrorCode::invalid, "--kind " + options.kind + " is no kind of document");
  const auto audience = Audience::parse(options.to);
  if (!audience)
    return fail(ErrorCode::invalid,
                "--to " + options.to + " is neither screen/NAME nor group/NAME");
  if (options.version == 0) return fail(ErrorCode::invalid, "--version must be 1 or more");
  for (const auto& name : {options.key_id, options.operator_name}) {
    if (!is_valid_name(name))
      return fail(ErrorCode::invalid, "'" + name + "' is no name (1 to 64 of a-z, 0-9 and -)");
  }
  header.kind = *kind;
  header.audience = *audience;
  header.key_id = options.key_id;
  header.version = options.version;
  header.issued_at = now_s;
  header.expires_at =
      options.valid_days == 0 ? 0 : now_s + std::int64_t{options.valid_days} * 86400;
  return header;
}

}  // namespace

Result<PreparedPush> prepare_push(const PushOptions& options, const Progress& progress) {
  auto text = read_text(options.file, kMaxReferencedBody);
  if (!text) return std::move(text).error();
  PreparedPush prepared;
  const auto kind = document_kind(options.kind);
  if (!kind) return fail(ErrorCode::invalid, "--kind " + options.kind + " is no kind of document");
  if (!options.files.empty()) {
    if (*kind != DocumentKind::schedule && *kind != DocumentKind::takeover) {
      return fail(ErrorCode::invalid, "--files: a " + options.kind + " names no creatives");
    }
    auto json = parse_json(*text);
    if (!json) return std::move(json).error().context(options.file);
    auto filled = fill_content(*std::move(json), options.files, progress);
    if (!filled) return std::move(filled).error().context(options.file);
    *text = write_json(filled->document);
    prepared.content = std::move(filled->content);
  }
  auto payload = canonical(*kind, *text);
  if (!payload && options.files.empty() && names_files(*text)) {
    return fail(ErrorCode::invalid,
                options.file +
                    " names its creatives by file: say where they are with --files and "
                    "where screens fetch them with --origin");
  }
  if (!payload) return std::move(payload).error().context(options.file);
  prepared.by_reference = payload->size() > kMaxInlinePayload;
  if (prepared.by_reference && (options.origin.empty() || !may_be_referenced(*kind))) {
    return fail(ErrorCode::exhausted,
                options.file + ": the document has " + std::to_string(payload->size()) +
                    " bytes, a message carries at most " + std::to_string(kMaxInlinePayload) +
                    (may_be_referenced(*kind) ? ": say with --origin where screens fetch it" : "") +
                    "; nothing was published");
  }
  prepared.payload = *std::move(payload);
  const auto json = parse_json(prepared.payload);
  const Json* content = json ? json->find("content") : nullptr;
  if (content && content->array()) {
    for (const auto& item : *content->array()) prepared.hashes.insert(*item.find("sha256")->text());
  }
  return prepared;
}

int push(const PushOptions& options, const Clock& clock) {
  auto header = header_of(options, clock.realtime() / kSecond);
  if (!header) return refuse(header.error());
  if (!options.files.empty() && options.origin.empty()) {
    return refuse(fail(ErrorCode::invalid,
                       "--files needs --origin: one says where creatives are, the other where "
                       "screens fetch them"));
  }
  auto key = read_private_key(options.key_file);
  if (!key) return refuse(key.error());
  auto prepared = prepare_push(options, bar("hashing"));
  if (!prepared) return refuse(prepared.error());
  const OriginOptions origin{options.origin, options.origin_ca};
  if (auto put = put_all(origin, prepared->content); !put) return refuse(put.error());
  if (prepared->by_reference) {
    auto reference = put_reference(origin, prepared->payload);
    if (!reference) return refuse(reference.error());
    prepared->payload = write_reference(*reference);
  }

  PushLink link(options, *header, prepared->hashes, clock);
  return link.run(sign_document(*header, prepared->payload, *key));
}

}  // namespace vitrine::op
