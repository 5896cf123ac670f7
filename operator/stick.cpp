#include "operator/stick.hpp"

#include "base/time.hpp"
#include "platform/certificate.hpp"

namespace vitrine::op {
namespace {

constexpr std::size_t kMostStick = 64 * 1024;

Error refused(const std::string& why) {
  return fail(ErrorCode::denied, "the stick is refused: " + why);
}

Status check_anchor(const Certificate& signer, const StickAnchor& anchor) {
  const std::string is = "it is signed by the installation " + spoken_code(signer.key_hash());
  if (!anchor.code.empty()) {
    if (is_spoken_code(anchor.code, signer.key_hash())) return ok();
    return refused(is + ", not by " + anchor.code);
  }
  if (anchor.ca_file.empty())
    return fail(ErrorCode::invalid,
                "a stick needs --ca FILE or --code CODE, by which it is known "
                "to be of your installation");
  auto pem = read_text(anchor.ca_file, kMostStick);
  if (!pem) return std::move(pem).error();
  auto known = Certificate::from_pem(*pem);
  if (!known) return std::move(known).error().context(anchor.ca_file.string());
  if (known->key_hash() == signer.key_hash() || signer.issued_by(*known)) return ok();
  return refused(is + ", not by that of " + anchor.ca_file.string());
}

// Form and signature: what every bundle must be, whoever it is of and for.
Result<Bundle> verified(const std::string& text) {
  auto read = read_bundle(text);
  if (!read) return refused(read.error().message);
  auto signer = Certificate::from_pem(read->bundle.signer);
  if (!signer) return refused("its signer is no certificate");
  if (!signer->verify(as_bytes(read->signed_text), read->signature))
    return refused("it was altered, its signature does not hold");
  return std::move(read->bundle);
}

// What is kept is the bundle without its signature: this directory is root's alone.
std::string kept_text(const Bundle& bundle) {
  return write_bundle(bundle_payload(bundle), {});
}

}  // namespace

Result<Bundle> open_stick(const fs::path& file, const StickAnchor& anchor, const std::string& board,
                          std::int64_t utc_s) {
  auto text = read_text(file, kMostStick);
  if (!text) return std::move(text).error();
  auto bundle = verified(*text);
  if (!bundle) return std::move(bundle).error().context(file.string());
  auto signer = Certificate::from_pem(bundle->signer);
  if (!signer) return std::move(signer).error();
  if (auto known = check_anchor(*signer, anchor); !known)
    return std::move(known).error().context(file.string());
  if (!bundle->board.empty() && bundle->board != board) {
    return refused("it is for board " + bundle->board + ", and this one is " + board)
        .context(file.string());
  }
  if (bundle->until <= utc_s) {
    return refused("it ran out on " + format_utc(bundle->until) +
                   "; `vitrine token --bundle` makes "
                   "a new one")
        .context(file.string());
  }
  return bundle;
}

Status keep_stick(const StatePaths& paths, const Bundle& bundle) {
  const fs::path folder = paths.pending_bundle().parent_path();
  if (auto made = make_directories(folder); !made) return made;
  std::error_code error;
  fs::permissions(folder, fs::perms::owner_all, error);
  if (error)
    return fail(ErrorCode::unavailable, "cannot close " + folder.string() + ": " + error.message());
  for (auto put : {write_atomic(paths.pending_authority(), bundle.authority, 0600),
                   write_atomic(paths.awaited(), bundle.screen + "\n", 0644),
                   write_atomic(paths.pending_bundle(), kept_text(bundle), 0600)}) {
    if (!put) return put;
  }
  return ok();
}

Result<Bundle> kept_stick(const StatePaths& paths) {
  auto text = read_text(paths.pending_bundle(), kMostStick);
  if (!text) return std::move(text).error();
  auto read = read_bundle(*text);
  if (!read) return std::move(read).error().context(paths.pending_bundle().string());
  return std::move(read->bundle);
}

Status forget_stick(const StatePaths& paths) {
  for (const fs::path& file :
       {paths.pending_bundle(), paths.pending_authority(), paths.awaited()}) {
    if (auto gone = remove_file(file); !gone) return gone;
  }
  return ok();
}

Result<std::string> spend_kept_stick(const StatePaths& paths, const HttpsPoster& post) {
  auto bundle = kept_stick(paths);
  if (!bundle) return std::move(bundle).error();
  EnrolOptions options;
  options.state = paths.root;
  options.server = bundle->server;
  options.token = bundle->token;
  options.ca_file = paths.pending_authority().string();
  options.expected = {bundle->screen, static_cast<std::uint32_t>(bundle->area), bundle->zone,
                      bundle->root_key};
  auto screen = enrol(options, post);
  // A no is final: the stick has run out, was used elsewhere, or was followed by a newer token.
  const bool over = screen.ok() || screen.error().code == ErrorCode::denied;
  if (!over) return screen;
  if (auto gone = forget_stick(paths); !gone) return std::move(gone).error();
  return screen;
}

}  // namespace vitrine::op
