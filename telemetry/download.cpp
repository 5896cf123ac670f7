// With https_post.cpp the only caller of libcurl on the device.
#include "download.hpp"

#include <curl/curl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>

namespace vitrine {

// One request; a redirect is the next request of the same transfer.
struct Transfer {
  std::uint64_t id = 0;
  Download wanted;
  std::string url;  // where the redirects have led
  int redirects = 0;

  CURL* curl = nullptr;
  curl_slist* headers = nullptr;
  char why[CURL_ERROR_SIZE] = "";
  Allowance* allowance = nullptr;
  FileDescriptor file;
  std::uint64_t asked_from = 0;  // first byte of the range, 0 without one
  bool ranged = false;
  std::uint64_t have = 0;  // bytes of the part
  std::uint64_t dropped = 0;
  bool answered = false;    // the body has begun
  bool is_content = false;  // and it is what was asked for
  bool out_of_allowance = false;
  std::optional<Error> error;  // ours, which says more than libcurl's

  ~Transfer() {
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
  }
};

namespace {

constexpr int kMostRedirects = 5;
constexpr std::uint64_t kMostDropped = 64 * 1024;
constexpr std::size_t kMostTag = 200;

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// "https|host|port" in one spelling; nullopt for anything that is not https or brings a name and
// password.
std::optional<std::string> origin_of(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return std::nullopt;
  char* user = nullptr;
  if (curl_url_get(url.get(), CURLUPART_USER, &user, 0) == CURLUE_OK) {
    curl_free(user);
    return std::nullopt;
  }
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
  if (!origin) return fail(ErrorCode::denied, url + " is no plain https address");
  const bool listed = std::any_of(allowed.begin(), allowed.end(),
                                  [&](const Origin& one) { return origin_of(one) == origin; });
  if (!listed) return fail(ErrorCode::denied, url + " is outside the origins of the settings");
  return ok();
}

std::string header_of(CURL* curl, const char* name) {
  curl_header* header = nullptr;
  if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) return "";
  return header->value;
}

// "bytes 100-299/300"; a total of `*` is absent.
struct ContentRange {
  std::uint64_t first = 0, last = 0;
  std::optional<std::uint64_t> total;
};
std::optional<ContentRange> read_range(std::string_view text) {
  ContentRange range;
  const auto number = [&](std::uint64_t& into, char after) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
    if (read.ec != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (after == '\0') return text.empty();
    if (text.empty() || text.front() != after) return false;
    text.remove_prefix(1);
    return true;
  };
  if (!text.starts_with("bytes ")) return std::nullopt;
  text.remove_prefix(6);
  if (!number(range.first, '-') || !number(range.last, '/')) return std::nullopt;
  if (text == "*") return range;
  if (!number(range.total.emplace(), '\0')) return std::nullopt;
  return range;
}

// Which version of which address the part came from, in a small file beside it, so that a file that
// changed is noticed before the rest of it has come. Nothing depends on it: the hash decides.
fs::path tag_file(const fs::path& part) {
  fs::path file = part;
  file.replace_extension(".tag");
  return file;
}

std::string known_tag(const Transfer& transfer) {
  const auto text = read_text(tag_file(transfer.wanted.part), 8192);
  const std::string head = transfer.url + "\n";
  return text && text->starts_with(head) ? text->substr(head.size()) : "";
}

void keep_tag(const Transfer& transfer) {
  const std::string tag = header_of(transfer.curl, "ETag");
  const fs::path file = tag_file(transfer.wanted.part);
  // Weak tags do not speak for every byte (RFC 9110, 13.1.5).
  if (tag.starts_with('"') && tag.size() <= kMostTag) {
    (void)replace_volatile(file, transfer.url + "\n" + tag);
  } else {
    (void)remove_file(file);
  }
}

Error other_size(const Transfer& transfer, std::uint64_t size) {
  return fail(ErrorCode::corrupt, transfer.url + " has " + std::to_string(size) + " bytes, " +
                                      std::to_string(transfer.wanted.size) + " were signed");
}

// What the answer's head says, before any of its body is written. False: no need to read on.
bool take_head(Transfer& transfer) {
  long code = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &code);
  transfer.is_content = code == 200 || code == 206;
  if (!transfer.is_content) return true;
  if (code == 206) {
    const auto range = read_range(header_of(transfer.curl, "Content-Range"));
    if (!transfer.ranged || !range || range->first != transfer.asked_from) {
      transfer.error = fail(ErrorCode::unavailable,
                            transfer.url + " answers with another range than was asked for");
      return false;
    }
    if (range->total && *range->total != transfer.wanted.size) {
      transfer.error = other_size(transfer, *range->total);
      return false;
    }
  } else {
    curl_off_t length = -1;
    curl_easy_getinfo(transfer.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0 && static_cast<std::uint64_t>(length) != transfer.wanted.size) {
      transfer.error = other_size(transfer, static_cast<std::uint64_t>(length));
      return false;
    }
    // It knows no ranges, or the file is another one by now: everything comes again.
    if (transfer.have > 0) {
      if (::ftruncate(transfer.file.get(), 0) != 0) {
        transfer.error =
            fail(ErrorCode::unavailable, "cannot empty " + transfer.wanted.part.string());
        return false;
      }
      transfer.have = 0;
    }
  }
  if (transfer.have == 0) keep_tag(transfer);
  return true;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* object) {
  auto& transfer = *static_cast<Transfer*>(object);
  transfer.allowance->received += size;
  if (!transfer.answered) {
    transfer.answered = true;
    if (!take_head(transfer)) return 0;
  }
  if (!transfer.is_content) {
    // The page that comes with a redirect or an error is read, or libcurl would not tell where to
    // go next, and dropped.
    transfer.dropped += size;
    return transfer.dropped > kMostDropped ? 0 : size;
  }
  if (transfer.have + size > transfer.wanted.size) {
    transfer.error =
        fail(ErrorCode::corrupt, transfer.url + " is larger than the " +
                                     std::to_string(transfer.wanted.size) + " bytes signed");
    return 0;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
  auto written = write_all(transfer.file.get(), {bytes, size}, transfer.wanted.part);
  if (!written) {
    transfer.error = std::move(written).error();
    return 0;
  }
  transfer.have += size;
  auto& left = transfer.allowance->left;
  std::uint64_t before = left;
  while (before != Allowance::kUnlimited &&
         !left.compare_exchange_weak(before, before > size ? before - size : 0)) {
  }
  return size;
}

int on_progress(void* object, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(object);
  if (transfer.allowance->left != 0 || transfer.have == transfer.wanted.size) return 0;
  transfer.out_of_allowance = true;
  return 1;
}

CURLcode on_tls_context(CURL*, void* ssl_ctx, void* object) {
  set_certificate_time(ssl_ctx, *static_cast<const CertificateTime*>(object));
  return CURLE_OK;
}

// What the server says with this code, and whether asking again later makes sense.
Status judge_code(long code, const std::string& url) {
  if (code == 200 || code == 206) return ok();
  const bool later = code >= 500 || code == 408 || code == 425 || code == 429;
  const ErrorCode kind = later                        ? ErrorCode::unavailable
                         : code == 404 || code == 410 ? ErrorCode::not_found
                                                      : ErrorCode::denied;
  return fail(kind, url + " answers " + std::to_string(code));
}

// Opens the part and says how many bytes of it are there.
Status open_part(Transfer& transfer) {
  const fs::path& part = transfer.wanted.part;
  auto file = open_append(part);
  if (!file) return std::move(file).error();
  transfer.file = *std::move(file);
  struct stat status {};
  if (::fstat(transfer.file.get(), &status) != 0)
    return fail(ErrorCode::unavailable, "cannot look at " + part.string());
  transfer.have = static_cast<std::uint64_t>(status.st_size);
  if (transfer.have <= transfer.wanted.size) return ok();
  if (::ftruncate(transfer.file.get(), 0) != 0)
    return fail(ErrorCode::unavailable, "cannot empty " + part.string());
  transfer.have = 0;
  return ok();
}

}  // namespace

Downloads::Downloads(std::string authority, Allowance& allowance, TransferLimits limits)
    : authority_(std::move(authority)), allowance_(allowance), limits_(limits) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  multi_ = curl_multi_init();
}

Downloads::~Downloads() {
  for (const auto& transfer : transfers_) curl_multi_remove_handle(multi_, transfer->curl);
  transfers_.clear();
  curl_multi_cleanup(multi_);
}

void Downloads::wake() {
  curl_multi_wakeup(multi_);
}

void Downloads::start(std::uint64_t id, Download request) {
  auto transfer = std::make_unique<Transfer>();
  transfer->id = id;
  transfer->url = request.url;
  transfer->wanted = std::move(request);
  transfer->allowance = &allowance_;
  if (begin(*transfer)) transfers_.push_back(std::move(transfer));
}

void Downloads::cancel(std::uint64_t id) {
  std::erase_if(transfers_, [&](const auto& transfer) {
    if (transfer->id != id) return false;
    curl_multi_remove_handle(multi_, transfer->curl);
    return true;
  });
}

bool Downloads::begin(Transfer& transfer) {
  const auto end = [&](Status status, bool paused = false) {
    ended_.push_back({transfer.id, std::move(status), paused});
    return false;
  };
  if (auto allowed = check_origin(transfer.url, transfer.wanted.origins); !allowed)
    return end(std::move(allowed));
  if (auto opened = open_part(transfer); !opened) return end(std::move(opened));
  const std::uint64_t rest = transfer.wanted.size - transfer.have;
  if (rest == 0) return end(ok());
  const std::uint64_t most = std::min(rest, allowance_.left.load());
  if (most == 0) return end(ok(), true);

  transfer.answered = transfer.is_content = false;
  transfer.dropped = 0;
  transfer.asked_from = transfer.have;
  transfer.ranged = transfer.have > 0 || most < rest;
  curl_easy_cleanup(std::exchange(transfer.curl, curl_easy_init()));
  curl_slist_free_all(std::exchange(transfer.headers, nullptr));
  CURL* curl = transfer.curl;
  if (curl == nullptr || multi_ == nullptr)
    return end(fail(ErrorCode::unavailable, "libcurl has no handle"));
  curl_easy_setopt(curl, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(curl, CURLOPT_URL, transfer.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(curl, CURLOPT_CAINFO, authority_.c_str());
  curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);  // the device's CA and no other
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &transfer.wanted.certificate_time);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // nor anybody's proxy
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  // Bytes as they are: whoever packs them all the same sends other bytes than were signed.
  curl_easy_setopt(curl, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, limits_.connect_s);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, limits_.least_bytes_s);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, limits_.slow_s);
  const auto seconds =
      limits_.grace_s + static_cast<long>(std::min<std::uint64_t>(
                            most / static_cast<std::uint64_t>(limits_.slowest_bytes_s), 7 * 86400));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, seconds);
  if (transfer.ranged) {
    std::string range = std::to_string(transfer.have) + "-";
    if (most < rest) range += std::to_string(transfer.have + most - 1);
    curl_easy_setopt(curl, CURLOPT_RANGE, range.c_str());
    if (const std::string tag = known_tag(transfer); transfer.have > 0 && !tag.empty()) {
      transfer.headers = curl_slist_append(nullptr, ("If-Range: " + tag).c_str());
      curl_easy_setopt(curl, CURLOPT_HTTPHEADER, transfer.headers);
    }
  }
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer.why);
  if (curl_multi_add_handle(multi_, curl) != CURLM_OK)
    return end(fail(ErrorCode::unavailable, "libcurl takes no more transfers"));
  return true;
}

// Where to go on, or an empty text when everything is there.
Result<std::string> Downloads::judge(Transfer& transfer, int result) {
  const fs::path& part = transfer.wanted.part;
  long code = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &code);
  char* redirect = nullptr;
  curl_easy_getinfo(transfer.curl, CURLINFO_REDIRECT_URL, &redirect);
  if (transfer.error) {
    if (transfer.error->code == ErrorCode::corrupt) {
      (void)remove_file(part);
      (void)remove_file(tag_file(part));
    }
    return *std::move(transfer.error);
  }
  if (code >= 300 && code < 400 && redirect != nullptr) {
    if (++transfer.redirects <= kMostRedirects) return std::string(redirect);
    return fail(ErrorCode::denied, transfer.wanted.url + " redirects more than " +
                                       std::to_string(kMostRedirects) + " times");
  }
  if (code == 416) {
    (void)remove_file(part);
    return fail(ErrorCode::unavailable,
                transfer.url + " cannot go on at byte " + std::to_string(transfer.asked_from));
  }
  if (code != 0) {
    if (auto judged = judge_code(code, transfer.url); !judged) return std::move(judged).error();
  }
  if (result != CURLE_OK) {
    const char* text = curl_easy_strerror(static_cast<CURLcode>(result));
    return fail(ErrorCode::unavailable,
                "cannot fetch " + transfer.url + ": " + (*transfer.why != 0 ? transfer.why : text));
  }
  if (transfer.have < transfer.wanted.size) {
    return fail(ErrorCode::unavailable, transfer.url + " ends at byte " +
                                            std::to_string(transfer.have) + " of " +
                                            std::to_string(transfer.wanted.size));
  }
  return std::string();
}

std::vector<Downloads::Ended> Downloads::run(int wait_ms) {
  int running = 0;
  curl_multi_perform(multi_, &running);
  if (ended_.empty() && static_cast<std::size_t>(running) == transfers_.size())
    curl_multi_poll(multi_, nullptr, 0, wait_ms, nullptr);
  curl_multi_perform(multi_, &running);
  int more = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &more)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    curl_multi_remove_handle(multi_, transfer->curl);
    finish(*transfer, result);
  }
  return std::exchange(ended_, {});
}

void Downloads::finish(Transfer& transfer, int result) {
  auto next = judge(transfer, result);
  const bool sliced = allowance_.left == 0 && transfer.is_content;
  if (next && !next->empty()) {
    // Followed by hand: each step is checked against the origins.
    transfer.url = *std::move(next);
    if (begin(transfer)) return;
  } else if (next) {
    ended_.push_back({transfer.id, ok(), false});
  } else {
    const bool paused = next.error().code == ErrorCode::unavailable &&
                        (transfer.out_of_allowance || sliced) &&
                        transfer.have < transfer.wanted.size;
    ended_.push_back({transfer.id, std::move(next).error(), paused});
  }
  std::erase_if(transfers_, [&](const auto& one) { return one.get() == &transfer; });
}

Status download(const Download& request, const std::string& authority,
                const TransferLimits& limits) {
  Allowance allowance;
  Downloads downloads(authority, allowance, limits);
  downloads.start(1, request);
  for (;;) {
    auto ended = downloads.run(1000);
    if (!ended.empty()) return std::move(ended.front().status);
  }
}

}  // namespace vitrine
