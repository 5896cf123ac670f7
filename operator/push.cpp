#include "operator/push.hpp"

#include <unistd.h>

#include <cstdio>

#include "operator/documents.hpp"
#include "operator/origin.hpp"
#include "operator/push_link.hpp"
#include "operator/put_reference.hpp"
#include "operator/sign.hpp"
#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
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
  const bool by_reference = payload->size() > kMaxInlinePayload;
  if (by_reference && (options.origin.empty() || !may_be_referenced(*kind))) {
    return fail(ErrorCode::exhausted,
                options.file + ": the document has " + std::to_string(payload->size()) +
                    " bytes, a message carries at most " + std::to_string(kMaxInlinePayload) +
                    (may_be_referenced(*kind) ? ": say with --origin where screens fetch it" : "") +
                    "; nothing was published");
  }
  const auto json = parse_json(*payload);
  const Json* content = json ? json->find("content") : nullptr;
  if (content && content->array()) {
    for (const auto& item : *content->array()) prepared.hashes.insert(*item.find("sha256")->text());
  }
  prepared.payload = by_reference ? write_reference(reference_to(*payload)) : *payload;
  if (by_reference) prepared.body = *std::move(payload);
  return prepared;
}

int push(const PushOptions& options, const Clock& clock) {
  if (!is_valid_name(options.operator_name))
    return refuse(fail(ErrorCode::invalid, "--operator '" + options.operator_name +
                                               "' is no name (1 to 64 of a-z, 0-9 and -)"));
  if (!options.files.empty() && options.origin.empty()) {
    return refuse(fail(ErrorCode::invalid,
                       "--files needs --origin: one says where creatives are, the other where "
                       "screens fetch them"));
  }
  Registry registry;
  if (!options.registry.empty()) {
    auto text = read_text(options.registry);
    auto read = text ? read_registry(*text) : Result<Registry>(std::move(text).error());
    if (!read) return refuse(std::move(read).error().context("--registry " + options.registry));
    registry = *std::move(read);
  }
  auto text = read_text(options.file, kMaxReferencedBody);
  if (!text) return refuse(text.error());
  Result<SignedPush> ready = fail(ErrorCode::internal, "not signed");
  if (text->starts_with("eyJ")) {
    ready = signed_before(options, *text);
  } else {
    auto prepared = prepare_push(options, bar("hashing"));
    if (!prepared) return refuse(prepared.error());
    ready = sign_push(options, *prepared, clock.realtime() / kSecond);
    // Signed first: a wrong key file must not cost the upload.
    if (!ready) return refuse(ready.error());
    const OriginOptions origin{options.origin, options.origin_ca};
    if (auto put = put_all(origin, prepared->content); !put) return refuse(put.error());
    if (!prepared->body.empty()) {
      if (auto put = put_reference(origin, prepared->body); !put) return refuse(put.error());
    }
  }
  if (!ready) return refuse(ready.error());
  PushLink link(options, ready->header, ready->hashes, registry, clock);
  return link.run(ready->jws);
}

}  // namespace vitrine::op
