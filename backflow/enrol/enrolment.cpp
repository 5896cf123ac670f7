#include "backflow/enrolment.hpp"

#include <algorithm>

#include "enrol/book.hpp"
#include "enrol/broker_files.hpp"
#include "enrol/registry_book.hpp"
#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "platform/time_zone.hpp"

namespace vitrine {
namespace {

// A screen's clock may be a little late; its certificate holds for it at once all the same.
constexpr std::int64_t kMostBackdateS = 300;
// An overdue list would lock everybody out, and no stranger brings this one: it lies on the
// broker's own disk and is written anew at every change. So it never becomes overdue.
constexpr std::int64_t kListLifeS = 10 * 365 * 86400ll;

std::int64_t seconds(const Clock& clock) {
  return clock.realtime() / kSecond;
}

Error denied(std::string why) {
  return fail(ErrorCode::denied, std::move(why));
}

// The broker knows people and programs of the backend by their certificates' names too. A screen
// with the name of one of them would have its rights.
Result<bool> is_name_of_backend(const EnrolConfig& config, const std::string& name) {
  const auto& people = config.operators;
  if (std::find(people.begin(), people.end(), name) != people.end()) return true;
  if (config.acl_base.empty()) return false;
  auto base = read_text(config.acl_base);
  if (!base) return std::move(base).error();
  return ("\n" + *base + "\n").find("\nuser " + name + "\n") != std::string::npos;
}

}  // namespace

struct Enrolment::State {
  EnrolConfig config;
  const Clock& clock;
  Authority ca;
  std::string authority_pem;
  std::string acl_base;
  Book book;
  RegistryBook registry;
  std::uint64_t broker_knows = UINT64_MAX;  // registry.version() that ACL and CRL show
  bool book_changed = true;                 // since the CRL was written
  bool broker_told = false;                 // of the two files as they are

  Result<Certificate> certify(const SigningRequest& request, const ScreenId& screen,
                              const std::string& predecessor);
  Status replace_predecessor(const Issued& current, std::int64_t now);
  Result<EnrolAnswer> answer(const RegisteredScreen& screen, const std::string& certificate) const;
  Status tell_broker();
  Result<Issued> holder_of(const Certificate& certificate);
};

Enrolment::Enrolment(std::unique_ptr<State> state) : state_(std::move(state)) {}
Enrolment::~Enrolment() = default;

Result<std::unique_ptr<Enrolment>> Enrolment::open(const EnrolConfig& config, const Clock& clock) {
  auto certificate = read_text(config.ca_certificate);
  if (!certificate) return std::move(certificate).error();
  auto key = read_text(config.ca_key);
  if (!key) return std::move(key).error();
  auto ca = Authority::from_pem(*certificate, *key);
  if (!ca) {
    return std::move(ca).error().context(config.ca_certificate.string() + " with " +
                                         config.ca_key.string());
  }
  auto authority = read_text(config.authority);
  if (!authority) return std::move(authority).error();
  std::string acl_base;
  if (!config.acl_base.empty()) {
    auto base = read_text(config.acl_base);
    if (!base) return std::move(base).error();
    acl_base = *std::move(base);
  }
  auto book = Book::open(config.book);
  if (!book) return std::move(book).error();
  RegistryBook registry(config.registry);
  if (auto loaded = registry.load(); !loaded) return std::move(loaded).error();
  return std::unique_ptr<Enrolment>(new Enrolment(std::unique_ptr<State>(
      new State{config, clock, *std::move(ca), *std::move(authority), std::move(acl_base),
                *std::move(book), std::move(registry)})));
}

// Issues and notes; the caller commits.
Result<Certificate> Enrolment::State::certify(const SigningRequest& request, const ScreenId& screen,
                                              const std::string& predecessor) {
  const std::int64_t now = seconds(clock);
  const Certificate fresh = ca.issue(
      request, screen, now - std::min(kMostBackdateS, config.life_s / 20), now + config.life_s);
  const Issued row{fresh.fingerprint(),      fresh.serial(),      screen,
                   to_hex(fresh.key_hash()), predecessor,         fresh.pem(),
                   fresh.valid_until(),      predecessor.empty(), 0};
  if (auto noted = book.add_issued(row); !noted) return std::move(noted).error();
  return fresh;
}

// The screen holds `current`: whoever has its older key has it from elsewhere.
Status Enrolment::State::replace_predecessor(const Issued& current, std::int64_t now) {
  if (current.seen) return ok();
  if (auto marked = book.mark_seen(current.fingerprint); !marked) return marked;
  if (current.predecessor.empty()) return ok();
  book_changed = true;
  return book.revoke(current.predecessor, now);
}

Result<EnrolAnswer> Enrolment::State::answer(const RegisteredScreen& screen,
                                             const std::string& certificate) const {
  auto root = read_public_key(config.root_key);
  if (!root) return std::move(root).error();
  auto trust = read_text(config.trust, 1024 * 1024);
  if (!trust) return std::move(trust).error();
  EnrolAnswer answer;
  answer.certificate = certificate;
  answer.authority = authority_pem;
  answer.root_key.assign(root->raw.begin(), root->raw.end());
  answer.trust = *std::move(trust);
  if (!config.tenant_key.empty()) {
    auto tenant = read_private_key(config.tenant_key);
    if (!tenant) return std::move(tenant).error();
    const Hash256 key = hkdf(tenant->seed(), as_bytes(screen.screen));
    answer.qr_key.assign(key.begin(), key.end());
  }
  answer.screen = screen.screen;
  answer.area = screen.area;
  answer.zone = screen.zone;
  answer.groups = screen.groups;
  answer.mqtt_host = config.mqtt_host;
  answer.mqtt_port = config.mqtt_port;
  answer.enrol_url = config.url;
  return answer;
}

Result<EnrolAnswer> Enrolment::enrol(const EnrolRequest& request) {
  State& at = *state_;
  const std::int64_t now = seconds(at.clock);
  auto csr = SigningRequest::from_pem(request.csr);
  if (!csr) return std::move(csr).error();
  auto transaction = at.book.begin();
  if (!transaction) return std::move(transaction).error();
  if (auto loaded = at.registry.load(); !loaded) return std::move(loaded).error();
  auto token = at.book.token(request.token);
  if (!token) return std::move(token).error();
  if (!*token) return denied("no such token");
  const Token& given = **token;
  if (given.until <= now) return denied("the token for " + given.screen + " has run out");
  if (given.spent_on) {
    auto issued = at.book.issued(*given.spent_on);
    if (!issued) return std::move(issued).error();
    const RegisteredScreen* screen = at.registry.find(given.screen);
    const bool same = *issued && screen != nullptr && !screen->revoked &&
                      (*issued)->revoked_at == 0 &&
                      screen->certificate_sha256 == (*issued)->fingerprint &&
                      (*issued)->key_hash == to_hex(csr->key_hash()) &&
                      equal_secrets(screen->proof_key, request.proof_key);
    if (!same) return denied("the token for " + given.screen + " has been used");
    return at.answer(*screen, (*issued)->pem);
  }
  if (auto old = at.book.revoke_screen(given.screen, now); !old) return std::move(old).error();
  auto fresh = at.certify(*csr, given.screen, "");
  if (!fresh) return std::move(fresh).error();
  if (auto spent = at.book.spend_token(request.token, fresh->fingerprint()); !spent)
    return std::move(spent).error();
  RegisteredScreen entry;
  entry.screen = given.screen;
  entry.area = given.area;
  entry.zone = given.zone;
  entry.groups = given.groups;
  entry.shard = shard_of(given.screen);
  entry.certificate_sha256 = fresh->fingerprint();
  std::copy_n(request.proof_key.begin(), std::min(request.proof_key.size(), entry.proof_key.size()),
              entry.proof_key.begin());
  const RegisteredScreen* before = at.registry.find(given.screen);
  entry.valid_from = before != nullptr ? before->valid_from : now;
  at.book_changed = true;
  // Before the commit: killed in between, the registry names a certificate nobody was given, and
  // the token can be used again.
  if (auto put = at.registry.put(entry); !put) return std::move(put).error();
  auto answer = at.answer(entry, fresh->pem());
  if (!answer) return answer;
  if (auto done = transaction->commit(); !done) return std::move(done).error();
  log_info("{} is enrolled: certificate {}", given.screen, fresh->fingerprint().substr(0, 12));
  return answer;
}

// The row of a certificate that is ours and counts, whatever its times.
Result<Issued> Enrolment::State::holder_of(const Certificate& certificate) {
  if (!certificate.issued_by(ca.certificate()))
    return denied("the certificate is not of our authority");
  auto issued = book.issued(certificate.fingerprint());
  if (!issued) return std::move(issued).error();
  if (!*issued) return denied("the certificate was not issued by enrolment");
  const RegisteredScreen* screen = registry.find((*issued)->screen);
  if (screen == nullptr) return denied((*issued)->screen + " is not in the registry");
  if (screen->revoked) return denied(screen->screen + " is revoked");
  if ((*issued)->revoked_at != 0)
    return denied("this certificate of " + screen->screen + " is revoked");
  return **issued;
}

Result<RenewAnswer> Enrolment::renew(const RenewRequest& request) {
  State& at = *state_;
  const std::int64_t now = seconds(at.clock);
  auto csr = SigningRequest::from_pem(request.csr);
  if (!csr) return std::move(csr).error();
  auto certificate = Certificate::from_pem(request.certificate);
  if (!certificate) return std::move(certificate).error();
  auto transaction = at.book.begin();
  if (!transaction) return std::move(transaction).error();
  if (auto loaded = at.registry.load(); !loaded) return std::move(loaded).error();
  auto held = at.holder_of(*certificate);
  if (!held) return std::move(held).error();
  if (!certificate->verify(as_bytes(renewal_text(request.csr)), request.signature))
    return denied("the request for " + held->screen + " is not signed by its certificate's key");
  if (now > held->until + at.config.grace_s) {
    return denied("the certificate of " + held->screen + " ran out more than " +
                  std::to_string(at.config.grace_s / 86400) + " days ago; it needs a new token");
  }
  const std::string key_hash = to_hex(csr->key_hash());
  if (key_hash == held->key_hash) return denied("a renewal needs a new key");

  RegisteredScreen screen = *at.registry.find(held->screen);
  if (screen.certificate_sha256 == held->fingerprint) {
    if (auto done = at.replace_predecessor(*held, now); !done) return std::move(done).error();
  } else {
    // The registry is one further. Is that the answer which got lost?
    auto current = at.book.issued(screen.certificate_sha256);
    if (!current) return std::move(current).error();
    // Unknown to the book: we were killed before the commit, and it was given to nobody.
    if (*current) {
      const Issued& pending = **current;
      if (pending.predecessor != held->fingerprint || pending.seen)
        return denied("the certificate of " + held->screen + " has been replaced");
      if (pending.key_hash == key_hash && pending.until > now && pending.revoked_at == 0)
        return RenewAnswer{pending.pem, at.authority_pem};
      if (auto dropped = at.book.revoke(pending.fingerprint, now); !dropped)
        return std::move(dropped).error();
    }
  }
  auto fresh = at.certify(*csr, held->screen, held->fingerprint);
  if (!fresh) return std::move(fresh).error();
  screen.certificate_sha256 = fresh->fingerprint();
  at.book_changed = true;
  if (auto put = at.registry.put(screen); !put) return std::move(put).error();
  if (auto done = transaction->commit(); !done) return std::move(done).error();
  log_info("{} renews: certificate {} after {}", screen.screen, fresh->fingerprint().substr(0, 12),
           held->fingerprint.substr(0, 12));
  return RenewAnswer{fresh->pem(), at.authority_pem};
}

Status Enrolment::seen(const SeenRequest& request) {
  State& at = *state_;
  auto certificate = Certificate::from_pem(request.certificate);
  if (!certificate) return std::move(certificate).error();
  auto transaction = at.book.begin();
  if (!transaction) return std::move(transaction).error();
  if (auto loaded = at.registry.load(); !loaded) return loaded;
  auto held = at.holder_of(*certificate);
  if (!held) return std::move(held).error();
  if (!certificate->verify(as_bytes(seen_text(held->fingerprint)), request.signature))
    return denied("the notice of " + held->screen + " is not signed by its certificate's key");
  if (at.registry.find(held->screen)->certificate_sha256 != held->fingerprint)
    return denied("the certificate of " + held->screen + " has been replaced");
  if (auto done = at.replace_predecessor(*held, seconds(at.clock)); !done) return done;
  return transaction->commit();
}

Status Enrolment::State::tell_broker() {
  if (broker_told) return ok();
  auto told = reload_broker(config.broker_pid);
  // One that does not run reads the files when it starts.
  if (!told && told.error().code != ErrorCode::not_found)
    return std::move(told).error().context("the broker goes on with its old ACL and CRL");
  broker_told = true;
  return ok();
}

Status Enrolment::refresh_broker() {
  State& at = *state_;
  if (auto loaded = at.registry.load(); !loaded) return loaded;
  if (at.broker_knows == at.registry.version() && !at.book_changed) return at.tell_broker();
  const std::int64_t now = seconds(at.clock);
  if (!at.config.acl.empty()) {
    const auto text = broker_access(at.acl_base, at.registry.registry(), at.config.operators);
    if (auto put = write_atomic(at.config.acl, text, 0644); !put) return put;
  }
  if (!at.config.crl.empty()) {
    std::vector<ScreenId> gone;
    for (const RegisteredScreen& screen : at.registry.registry().screens) {
      if (screen.revoked) gone.push_back(screen.screen);
    }
    auto revoked = at.book.revoked(gone, now);
    if (!revoked) return std::move(revoked).error();
    const auto list = at.ca.revocation_list(*revoked, now, now + kListLifeS);
    if (auto put = write_atomic(at.config.crl, list, 0644); !put) return put;
  }
  if (auto kept = at.book.forget(now - at.config.grace_s - kTokenLifeS); !kept) return kept;
  at.broker_knows = at.registry.version();
  at.book_changed = false;
  at.broker_told = at.config.broker_pid.empty();
  return at.tell_broker();
}

Result<std::string> make_token(const EnrolConfig& config, const TokenRequest& request,
                               const Clock& clock) {
  const std::int64_t now = seconds(clock);
  if (!is_valid_name(request.screen)) {
    return fail(ErrorCode::invalid,
                "--screen '" + request.screen + "' is no name (1 to 64 of a-z, 0-9 and -)");
  }
  auto taken = is_name_of_backend(config, request.screen);
  if (!taken) return std::move(taken).error();
  if (*taken) {
    return fail(ErrorCode::conflict, "--screen '" + request.screen +
                                         "' is the name of an operator or a program of the "
                                         "backend, whose rights at the broker it would get");
  }
  if (request.area == 0) return fail(ErrorCode::invalid, "--area must be 1 or more");
  if (request.groups.empty()) return fail(ErrorCode::invalid, "--group is missing");
  for (const auto& group : request.groups) {
    if (!is_valid_name(group)) {
      return fail(ErrorCode::invalid,
                  "--group '" + group + "' is no name (1 to 64 of a-z, 0-9 and -)");
    }
  }
  if (auto zone = load_zone(request.zone, now, now + 86400); !zone)
    return std::move(zone).error().context("--zone");
  auto book = Book::open(config.book);
  if (!book) return std::move(book).error();
  std::array<std::uint8_t, 16> random;
  fill_random(random);
  const std::string secret = to_base64url(random);
  const Token token{request.screen, request.area,         request.zone,
                    request.groups, now + request.life_s, {}};
  // One token a screen: an older one that nobody used must not take the screen over afterwards.
  auto transaction = book->begin();
  if (!transaction) return std::move(transaction).error();
  for (auto done :
       {book->drop_tokens(request.screen), book->add_token(secret, token), transaction->commit()}) {
    if (!done) return std::move(done).error();
  }
  return secret;
}

Status revoke_screen(const EnrolConfig& config, const ScreenId& screen) {
  auto book = Book::open(config.book);
  if (!book) return std::move(book).error();
  RegistryBook registry(config.registry);
  auto transaction = book->begin();
  if (!transaction) return std::move(transaction).error();
  if (auto loaded = registry.load(); !loaded) return loaded;
  const RegisteredScreen* found = registry.find(screen);
  if (found == nullptr)
    return fail(ErrorCode::not_found, screen + " is not in " + config.registry.string());
  RegisteredScreen entry = *found;
  entry.revoked = true;
  if (auto dropped = book->drop_tokens(screen); !dropped) return dropped;
  if (auto put = registry.put(std::move(entry)); !put) return put;
  return transaction->commit();
}

}  // namespace vitrine
