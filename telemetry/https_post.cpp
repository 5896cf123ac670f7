#include "https_post.hpp"

#include <curl/curl.h>

#include <memory>
#include <mutex>

namespace vitrine {
namespace {

constexpr long kConnectTimeoutS = 10, kWholeTimeoutS = 30;
constexpr std::size_t kMostAnswer = 1024 * 1024;

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* object) {
  auto& body = *static_cast<std::string*>(object);
  if (body.size() + size > kMostAnswer) return 0;
  body.append(data, size);
  return size;
}

int on_progress(void* object, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* stop = static_cast<const std::atomic<bool>*>(object);
  return stop != nullptr && *stop ? 1 : 0;
}

CURLcode on_tls_context(CURL*, void* ssl_ctx, void* object) {
  set_certificate_time(ssl_ctx, *static_cast<const CertificateTime*>(object));
  return CURLE_OK;
}

}  // namespace

Result<HttpsAnswer> https_post(const HttpsPost& request) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, CurlDeleter> curl(curl_easy_init());
  const std::unique_ptr<curl_slist, ListDeleter> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"));
  if (!curl || !headers) return fail(ErrorCode::unavailable, "libcurl has no handle");
  HttpsAnswer answer;
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "https");
  if (!request.authority.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, request.authority.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_CAPATH, nullptr);
  }
  CertificateTime certificate_time = request.certificate_time;
  curl_easy_setopt(curl.get(), CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
  curl_easy_setopt(curl.get(), CURLOPT_SSL_CTX_DATA, &certificate_time);
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectTimeoutS);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kWholeTimeoutS);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, request.stop);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, why);
  const CURLcode result = curl_easy_perform(curl.get());
  if (result != CURLE_OK) {
    return fail(ErrorCode::unavailable, "cannot reach " + request.url + ": " +
                                            (*why != 0 ? why : curl_easy_strerror(result)));
  }
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace vitrine
