#include <curl/curl.h>

#include <memory>

#include "billing/proof_calls.hpp"

namespace vitrine::billing {
namespace {

constexpr long kConnectSeconds = 10;
constexpr long kAnswerSeconds = 20;

struct EasyCloser {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

std::size_t drop_body(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

}  // namespace

HttpGet make_http_get(const std::string& ca_file) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  std::shared_ptr<CURL> easy(started ? curl_easy_init() : nullptr, EasyCloser());
  return [easy, ca_file](const std::string& address) -> Result<long> {
    if (!easy) return fail(ErrorCode::internal, "the HTTP library does not start");
    char error[CURL_ERROR_SIZE] = "";
    curl_easy_reset(easy.get());
    curl_easy_setopt(easy.get(), CURLOPT_URL, address.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT, kAnswerSeconds);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, drop_body);
    if (!ca_file.empty()) curl_easy_setopt(easy.get(), CURLOPT_CAINFO, ca_file.c_str());
    const CURLcode code = curl_easy_perform(easy.get());
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    // The buffer does not outlive this call.
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, nullptr);
    if (code != CURLE_OK)
      return fail(ErrorCode::unavailable,
                  "no answer: " + std::string(*error != 0 ? error : curl_easy_strerror(code)));
    return status;
  };
}

}  // namespace vitrine::billing
