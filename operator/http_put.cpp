#include "operator/http_put.hpp"

#include <curl/curl.h>

#include <cstdio>
#include <memory>

#include "platform/crypto.hpp"

namespace vitrine::op {
namespace {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

constexpr long kConnectSeconds = 15;
constexpr long kStalledSeconds = 30;

struct Upload {
  std::FILE* file = nullptr;
  Sha256 hash;
};

std::size_t read_chunk(char* to, std::size_t size, std::size_t count, void* of) {
  auto& upload = *static_cast<Upload*>(of);
  const std::size_t got = std::fread(to, 1, size * count, upload.file);
  if (got == 0 && std::ferror(upload.file)) return CURL_READFUNC_ABORT;
  upload.hash.add({reinterpret_cast<const std::uint8_t*>(to), got});
  return got;
}

std::size_t drop(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

Easy make_easy(const std::string& url, const std::string& ca_file, char* error) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  Easy easy(started ? curl_easy_init() : nullptr);
  if (!easy) return easy;
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(easy.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, drop);
  if (!ca_file.empty()) curl_easy_setopt(easy.get(), CURLOPT_CAINFO, ca_file.c_str());
  return easy;
}

bool has_it(const std::string& url, const LocalContent& content, const std::string& ca_file) {
  // Only a path that is made of the hash says anything about the bytes behind it.
  if (!url.ends_with("/" + to_hex(content.sha256))) return false;
  char error[CURL_ERROR_SIZE] = "";
  const auto easy = make_easy(url, ca_file, error);
  if (!easy) return false;
  curl_easy_setopt(easy.get(), CURLOPT_NOBODY, 1L);
  if (curl_easy_perform(easy.get()) != CURLE_OK) return false;
  long status = 0;
  curl_off_t length = -1;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return status == 200 && length == static_cast<curl_off_t>(content.size);
}

}  // namespace

Status http_put(const std::string& url, const LocalContent& content, const std::string& ca_file) {
  if (has_it(url, content, ca_file)) return ok();
  char error[CURL_ERROR_SIZE] = "";
  const auto easy = make_easy(url, ca_file, error);
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(content.file.c_str(), "rb"));
  if (!easy)
    return fail(ErrorCode::internal, "cannot PUT " + url + ": the HTTP library does not start");
  if (!file) return fail(ErrorCode::not_found, "cannot read " + content.file.string());
  Upload upload{file.get(), {}};
  curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(content.size));
  curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, read_chunk);
  curl_easy_setopt(easy.get(), CURLOPT_READDATA, &upload);
  if (const auto code = curl_easy_perform(easy.get()); code != CURLE_OK) {
    return fail(ErrorCode::unavailable,
                "cannot PUT " + url + ": " + (*error ? error : curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 299) {
    return fail(ErrorCode::denied,
                "cannot PUT " + url + ": the server answered " + std::to_string(status));
  }
  if (upload.hash.finish() != content.sha256) {
    return fail(ErrorCode::conflict,
                content.file.string() + " changed while it was sent to " + url);
  }
  return ok();
}

}  // namespace vitrine::op
