// The only caller of libcurl.
#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "fetch.hpp"

namespace vitrine {
namespace {

constexpr int kMostRedirects = 5;
constexpr long kConnectTimeoutS = 10;
// Slower than this for so long is a dead connection; a resume costs little.
constexpr long kLeastBytesPerSecond = 512, kSlowForS = 30;

constexpr std::uint64_t kMostDropped = 64 * 1024;

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// "https://host:port" in one spelling; nullopt for anything that is not https.
std::optional<std::string> origin_of(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return std::nullopt;
  std::string out;
  for (const CURLUPart part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
    char* piece = nullptr;
    if (curl_url_get(url.get(), part, &piece, CURLU_DEFAULT_PORT) != CURLUE_OK) return std::nullopt;
    out += (out.empty() ? "" : "|") + std::string(piece);
    curl_free(piece);
  }
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!out.starts_with("https|")) return std::nullopt;
  return out;
}

Status check_origin(const std::string& url, const std::vector<Origin>& allowed) {
  const auto origin = origin_of(url);
  if (!origin) return fail(ErrorCode::denied, url + " is no https address");
  const bool listed = std::any_of(allowed.begin(), allowed.end(),
                                  [&](const Origin& one) { return origin_of(one) == origin; });
  if (!listed) return fail(ErrorCode::denied, url + " is outside the origins of the settings");
  return ok();
}

struct Transfer {
  CURL* curl = nullptr;
  int fd = -1;
  std::uint64_t resumed_at = 0;
  std::uint64_t have = 0;
  std::uint64_t most = 0;
  std::uint64_t dropped = 0;
  bool started = false;
  bool is_content = false;
  bool too_large = false;
  std::string disk_error;
  const std::atomic<bool>* stop = nullptr;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* object) {
  auto& transfer = *static_cast<Transfer*>(object);
  if (!transfer.started) {
    transfer.started = true;
    long code = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &code);
    transfer.is_content = code == 200 || code == 206;
    if (code == 200 && transfer.resumed_at > 0) {
      // The server does not know ranges: everything comes again.
      if (::ftruncate(transfer.fd, 0) != 0) return 0;
      transfer.have = 0;
    }
  }
  if (!transfer.is_content) {
    // The page that comes with a redirect or an error is read, or libcurl would not tell where to
    // go next, and dropped.
    transfer.dropped += size;
    return transfer.dropped > kMostDropped ? 0 : size;
  }
  if (transfer.have + size > transfer.most) {
    transfer.too_large = true;
    return 0;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
  if (auto written = write_all(transfer.fd, {bytes, size}, "the part"); !written) {
    transfer.disk_error = written.error().message;
    return 0;
  }
  transfer.have += size;
  return size;
}

int on_progress(void* object, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& transfer = *static_cast<const Transfer*>(object);
  return transfer.stop != nullptr && *transfer.stop ? 1 : 0;
}

CURLcode on_tls_context(CURL*, void* ssl_ctx, void* object) {
  set_certificate_time(ssl_ctx, *static_cast<const CertificateTime*>(object));
  return CURLE_OK;
}

// What the server says with this code, and whether asking again later makes sense.
Status judge(long code, const std::string& url) {
  if (code == 200 || code == 206) return ok();
  const bool later = code >= 500 || code == 408 || code == 429;
  const ErrorCode kind = later                        ? ErrorCode::unavailable
                         : code == 404 || code == 410 ? ErrorCode::not_found
                                                      : ErrorCode::denied;
  return fail(kind, url + " answers " + std::to_string(code));
}

}  // namespace

Status download(const Download& request) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });

  std::string url = request.url;
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    if (auto allowed = check_origin(url, request.origins); !allowed) return allowed;
    auto file = open_append(request.part);
    if (!file) return std::move(file).error();
    Transfer transfer;
    transfer.fd = file->get();
    transfer.most = request.size;
    transfer.stop = request.stop;
    std::error_code error;
    transfer.resumed_at = transfer.have = fs::file_size(request.part, error);
    if (error)
      return fail(ErrorCode::unavailable,
                  "cannot read " + request.part.string() + ": " + error.message());
    if (transfer.have == request.size) return ok();
    if (transfer.have > request.size) {
      if (::ftruncate(transfer.fd, 0) != 0)
        return fail(ErrorCode::unavailable, "cannot empty " + request.part.string());
      transfer.resumed_at = transfer.have = 0;
    }

    const std::unique_ptr<CURL, CurlDeleter> curl(curl_easy_init());
    if (!curl) return fail(ErrorCode::unavailable, "libcurl has no handle");
    transfer.curl = curl.get();
    char why[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, request.authority.c_str());
    CertificateTime certificate_time = request.certificate_time;
    curl_easy_setopt(curl.get(), CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
    curl_easy_setopt(curl.get(), CURLOPT_SSL_CTX_DATA, &certificate_time);
    curl_easy_setopt(curl.get(), CURLOPT_CAPATH, nullptr);  // the device's CA and no other
    curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");        // nor anybody's proxy
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectTimeoutS);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, kLeastBytesPerSecond);
    curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, kSlowForS);
    curl_easy_setopt(curl.get(), CURLOPT_RESUME_FROM_LARGE,
                     static_cast<curl_off_t>(transfer.resumed_at));
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, why);
    const CURLcode result = curl_easy_perform(curl.get());
    long code = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
    char* redirect = nullptr;
    curl_easy_getinfo(curl.get(), CURLINFO_REDIRECT_URL, &redirect);

    if (transfer.too_large) {
      (void)remove_file(request.part);
      return fail(ErrorCode::corrupt,
                  url + " is larger than the " + std::to_string(request.size) + " bytes signed");
    }
    if (!transfer.disk_error.empty()) return fail(ErrorCode::unavailable, transfer.disk_error);
    if (code >= 300 && code < 400 && redirect != nullptr) {
      url = redirect;  // followed by hand: each step is checked against the origins
      continue;
    }
    if (code == 416) {
      (void)remove_file(request.part);
      return fail(ErrorCode::unavailable,
                  url + " cannot go on at byte " + std::to_string(transfer.resumed_at));
    }
    if (code != 0) {
      if (auto judged = judge(code, url); !judged) return judged;
    }
    if (result != CURLE_OK) {
      return fail(ErrorCode::unavailable,
                  "cannot fetch " + url + ": " + (*why != 0 ? why : curl_easy_strerror(result)));
    }
    return ok();
  }
  return fail(ErrorCode::denied,
              request.url + " redirects more than " + std::to_string(kMostRedirects) + " times");
}

}  // namespace vitrine
