#include "renewal.hpp"

#include <algorithm>

#include "platform/log.hpp"
#include "protocol/enrolment.hpp"
#include "protocol/envelope.hpp"

namespace vitrine {
namespace {

constexpr Micros kFirstWait = kMinute, kLongestWait = kHour;

}  // namespace

Renewal::Renewal(const StatePaths& paths, const Clock& clock, std::string url, Notify notify,
                 Post post, std::function<Micros(int, Micros, Micros)> jitter)
    : paths_(paths),
      identity_(paths),
      clock_(clock),
      url_(std::move(url)),
      notify_(std::move(notify)),
      post_(std::move(post)),
      jitter_(std::move(jitter)) {
  while (url_.ends_with('/')) url_.pop_back();
  if (!url_.empty()) read_life();
}

Renewal::~Renewal() {
  stop_ = true;
  if (running_.valid()) running_.wait();
}

void Renewal::read_life() {
  life_.reset();
  auto certificate = identity_.certificate();
  if (certificate) {
    life_ = Life{certificate->valid_from(), certificate->valid_until()};
  } else {
    log_warn("nothing to renew: {}", certificate.error().message);
  }
}

bool Renewal::tick(std::int64_t utc_s, CertificateTime at) {
  certificate_time_ = at;
  if (url_.empty()) return false;
  if (running_.valid()) {
    if (running_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
    return finish();
  }
  if (clock_.boottime() < next_try_ || !life_) return false;
  if (link_is_up_ && identity_.to_be_seen()) {
    begin_seen();
  } else if (utc_s != kNoClock && utc_s >= life_->until - (life_->until - life_->from) / 3) {
    begin_renewal();
  }
  return false;
}

void Renewal::start(std::string path, std::string body) {
  HttpsPost request;
  request.url = url_ + std::move(path);
  request.body = std::move(body);
  request.authority = paths_.tls_authority().string();
  request.certificate_time = certificate_time_;
  request.stop = &stop_;
  running_ = std::async(std::launch::async, [post = post_, request] { return post(request); });
}

void Renewal::begin_renewal() {
  auto certificate = identity_.certificate();
  auto key = identity_.key();
  auto next = identity_.next_key();
  if (!certificate || !key || !next) {
    const Error& error = !certificate ? certificate.error() : !key ? key.error() : next.error();
    return failed(error.message, *life_);
  }
  RenewRequest request;
  request.csr = next->signing_request(certificate->common_name());
  request.certificate = certificate->pem();
  request.signature = key->sign(as_bytes(renewal_text(request.csr)));
  renewing_ = true;
  start(std::string(kRenewPath), write_renew_request(request));
}

void Renewal::begin_seen() {
  auto certificate = identity_.certificate();
  auto key = identity_.key();
  if (!certificate || !key)
    return failed(!certificate ? certificate.error().message : key.error().message, *life_);
  SeenRequest request;
  request.certificate = certificate->pem();
  request.signature = key->sign(as_bytes(seen_text(certificate->fingerprint())));
  renewing_ = false;
  start(std::string(kSeenPath), write_seen_request(request));
}

bool Renewal::finish() {
  auto answer = running_.get();
  const Life life = *life_;
  if (!answer) {
    failed(answer.error().message, life);
    return false;
  }
  if (answer->status != 200) {
    failed(url_ + " answers " + std::to_string(answer->status) + ", " + read_refusal(answer->body),
           life);
    return false;
  }
  failures_ = 0;
  next_try_ = 0;
  told_.clear();
  if (!renewing_) {
    if (auto noted = identity_.mark_seen(); !noted) failed(noted.error().message, life);
    return false;
  }
  auto read = read_renew_answer(answer->body);
  if (!read) {
    failed(read.error().message, life);
    return false;
  }
  if (auto put = identity_.install(read->certificate, read->authority, true); !put) {
    failed(put.error().message, life);
    return false;
  }
  link_is_up_ = false;
  read_life();
  log_info("the certificate is renewed");
  return true;
}

void Renewal::failed(const std::string& why, const Life& life) {
  // A certificate of minutes, as in tests, cannot wait for an hour.
  const Micros whole = std::max<Micros>(life.until - life.from, 1) * kSecond;
  next_try_ = clock_.boottime() + jitter_(failures_, std::min(kFirstWait, whole / 60),
                                          std::min(kLongestWait, whole / 12));
  if (failures_ < 30) ++failures_;
  const std::string text =
      (renewing_ ? "the certificate is not renewed: " : "the old certificate is not given up: ") +
      why + "; trying again";
  if (text != told_) notify_("renewal", text);
  told_ = text;
}

}  // namespace vitrine
