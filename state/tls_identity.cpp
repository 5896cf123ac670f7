#include "state/tls_identity.hpp"

namespace vitrine {
namespace {

Result<TlsKey> read_key(const fs::path& path) {
  auto pem = read_text(path, 64 * 1024);
  if (!pem) return std::move(pem).error();
  auto key = TlsKey::from_pem(*pem);
  if (!key) return std::move(key).error().context(path.string());
  return key;
}

Status remove_directory(const fs::path& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  if (error)
    return fail(ErrorCode::unavailable,
                "cannot remove " + directory.string() + ": " + error.message());
  return ok();
}

}  // namespace

Result<Certificate> TlsIdentity::certificate() const {
  auto pem = read_text(paths_.tls_certificate(), 64 * 1024);
  if (!pem) return std::move(pem).error();
  auto certificate = Certificate::from_pem(*pem);
  if (!certificate)
    return std::move(certificate).error().context(paths_.tls_certificate().string());
  return certificate;
}

Result<TlsKey> TlsIdentity::key() const {
  return read_key(paths_.tls_key());
}

Result<TlsKey> TlsIdentity::next_key() const {
  const fs::path next = paths_.tls_next();
  std::error_code error;
  // Both files there: the old pair after a swap, or a new one before it. The server gives the
  // latter again.
  if (fs::exists(next / "cert.pem", error)) {
    if (auto removed = remove_directory(next); !removed) return std::move(removed).error();
  }
  auto waiting = read_key(next / "key.pem");
  if (waiting) return waiting;
  if (auto made = make_directories(next); !made) return std::move(made).error();
  auto fresh = TlsKey::generate();
  if (auto put = write_atomic(next / "key.pem", fresh.pem(), 0600); !put)
    return std::move(put).error();
  if (auto synced = sync_directory(next.parent_path()); !synced) return std::move(synced).error();
  return fresh;
}

Status TlsIdentity::install(const std::string& certificate, const std::string& authority,
                            bool renewed) const {
  const fs::path next = paths_.tls_next(), now = paths_.tls_key().parent_path();
  auto key = read_key(next / "key.pem");
  if (!key) return std::move(key).error();
  auto own = Certificate::from_pem(certificate);
  if (!own) return std::move(own).error();
  auto request = SigningRequest::from_pem(key->signing_request("x"));
  if (!request) return std::move(request).error();
  if (own->key_hash() != request->key_hash())
    return fail(ErrorCode::invalid, "the certificate that came is for another key");
  if (auto issuer = Certificate::from_pem(authority); !issuer)
    return std::move(issuer).error().context("the authority that came");
  if (renewed) {
    if (auto put = write_atomic(next / "unseen", std::string_view(), 0640); !put) return put;
  }
  for (auto put : {write_atomic(next / "ca.pem", authority, 0640),
                   write_atomic(next / "cert.pem", own->pem(), 0640), make_directories(now),
                   exchange_directories(now, next)}) {
    if (!put) return put;
  }
  return remove_directory(next);
}

bool TlsIdentity::to_be_seen() const {
  std::error_code error;
  return fs::exists(note(), error);
}

Status TlsIdentity::mark_seen() const {
  return remove_file(note());
}

}  // namespace vitrine
