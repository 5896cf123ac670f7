#include "player/keeper.hpp"

#include <algorithm>
#include <chrono>

#include "platform/log.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"

namespace vitrine {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(250);
constexpr std::uint32_t kMostAttempts = 2;
constexpr Micros kMostUnplayable = 60 * kSecond;
constexpr std::size_t kRejectedKept = 16;

std::string named(std::uint64_t generation) {
  return "generation " + std::to_string(generation);
}

}  // namespace

Keeper::Keeper(Setup setup)
    : setup_(std::move(setup)),
      store_(setup_.paths),
      floors_(setup_.paths.floors()),
      content_(setup_.paths) {}

Keeper::~Keeper() {
  stop();
}

void Keeper::begin() {
  if (auto state = read_active(setup_.paths)) {
    state_ = std::move(*state);
  } else {
    log_error("{}; what was confirmed is not known, the newest offer is tried",
              state.error().message);
  }
  ++state_.starts;
  (void)save();  // on a disk that takes nothing what was confirmed goes on all the same

  look_for_trust();
  if (state_.confirmed != 0) {
    auto documents = load(state_.confirmed, false);
    if (documents) {
      confirmed_ = std::move(*documents);
      newest_iat_ = confirmed_->newest_iat;
      log_info("{} is confirmed and goes on (schedule {})", named(state_.confirmed),
               confirmed_->schedule_version);
    } else {
      log_error("cannot load the confirmed {}: {}; waiting for a new one", named(state_.confirmed),
                documents.error().message);
    }
  }
  if (const std::uint64_t number = state_.trying; number != 0) {
    // Whoever tried it before us never came to confirm it.
    if (state_.attempts >= kMostAttempts) {
      fall_back(std::to_string(state_.attempts) + " starts with it did not last");
    } else {
      try_generation(number, state_.attempts + 1);
    }
  }
  tick();
}

void Keeper::tick() {
  for (const Hash256& content : setup_.board.take_quarantined()) {
    if (auto kept = content_.quarantine(content); !kept) {
      log_error("{}; the quarantine of {} ends with this player", kept.error().message,
                to_hex(content).substr(0, 12));
    }
  }
  for (const Hash256& content : setup_.board.take_doubted()) {
    content_.doubt(content);
    content_looked_at_ = kAbsent;
  }
  look_for_trust();
  look_for_takeover();
  watch_trial();
  look_for_offer();
  publish();
}

void Keeper::start() {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kLookEvery, [this] { return stopping_; })) {
      lock.unlock();
      tick();
      lock.lock();
    }
  });
}

void Keeper::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (state_.trying != 0 && state_.attempts > 0) {
    --state_.attempts;
    (void)save();
  }
}

void Keeper::look_for_trust() {
  auto newest = store_.newest_trust();
  if (!newest || newest->empty()) return;
  const std::string seen =
      *newest + " " + std::to_string(list_directory(setup_.paths.trust()).size());
  if (seen == trust_seen_) return;
  trust_seen_ = seen;
  TrustFound found = find_trust(setup_.paths, setup_.root_key, floors_);
  if (!found.complaint.empty()) {
    log_error("cannot apply the trust document: {}; {}", found.complaint,
              trust_ || found.held ? "keeping the one before"
                                   : "nothing new can be applied until one holds");
  }
  if (!found.held || (trust_ && found.held->header.version <= trust_->header.version)) return;
  const DocumentHeader header = found.held->header;
  if (auto raised = floors_.raise(DocumentKind::trust, header.audience, header.version); !raised) {
    log_error("cannot apply trust {}: {}", header.version, raised.error().message);
    trust_seen_.clear();
    return;
  }
  trust_ = std::move(found.held);
  log_info("trust {} holds: {} keys", header.version, trust_->trust.keys.size());
  // What was refused for want of a key may hold now, and what a revoked key signed may not.
  if (std::erase(state_.rejected, denied_) > 0) looked_at_ = 0;
  denied_ = 0;
  takeover_jws_.clear();
  takeover_.reset();
  if (!trying_) return;
  auto again = load(state_.trying, true);
  if (again || again.error().code != ErrorCode::denied) return;
  denied_ = state_.trying;
  fall_back(again.error().message);
}

void Keeper::look_for_takeover() {
  if (!trust_) return;
  auto jws = store_.newest_takeover();
  if (!jws || jws->empty() || *jws == takeover_jws_) return;
  takeover_jws_ = *jws;
  auto takeover = check_takeover(*jws, rules(now_utc_s()));
  if (takeover) {
    const VersionMark& mark = takeover->mark;
    if (auto raised = floors_.raise(mark.kind, mark.audience, mark.version); !raised) {
      takeover = std::move(raised).error();
    }
  }
  if (!takeover) {
    log_error("cannot apply the takeover: {}; going on without it", takeover.error().message);
    return;
  }
  log_info("takeover {} is {}", takeover->mark.version,
           takeover->takeover.withdraw ? "withdrawn" : "in force as long as it says");
  takeover_ = std::make_shared<const ActiveTakeover>(std::move(*takeover));
}

void Keeper::watch_trial() {
  if (!trying_) return;
  const PlaybackReport report = setup_.board.last_report();
  if (report.generation != state_.trying) return;  // its first slot is still to come
  if (report.shown >= Micros{trying_->settings.confirm_s} * kSecond) {
    confirm();
  } else if (report.unplayable_since != kAbsent &&
             setup_.clock.boottime() - report.unplayable_since >= kMostUnplayable) {
    fall_back("nothing of it could be shown for " + std::to_string(kMostUnplayable / kSecond) +
              " s");
  }
}

void Keeper::look_for_offer() {
  const auto offers = store_.list();
  if (offers.empty()) return;
  const std::uint64_t newest = offers.back();
  if (newest == looked_at_ || newest <= std::max(state_.confirmed, state_.trying)) return;
  if (!trust_) {
    if (!waiting_for_trust_) {
      log_warn("cannot apply {}: no trust document holds yet; keeping what is shown",
               named(newest));
    }
    waiting_for_trust_ = true;
    return;
  }
  looked_at_ = newest;
  const auto& rejected = state_.rejected;
  if (std::find(rejected.begin(), rejected.end(), newest) != rejected.end()) return;
  try_generation(newest, 1);
}

Result<std::shared_ptr<const ActiveDocuments>> Keeper::load(std::uint64_t number, bool new_offer) {
  auto generation = store_.read(number);
  if (!generation) return std::move(generation).error();
  // What was confirmed once does not expire under us: an old schedule beats a dark screen.
  DocumentRules against = rules(new_offer ? now_utc_s() : kNoClock);
  if (!new_offer && state_.confirmed_digest != Hash256{}) {
    if (digest_of(generation->files) != state_.confirmed_digest)
      return fail(ErrorCode::denied, "its documents are not those that were confirmed");
    against.confirmed = true;
  } else if (!trust_) {
    return fail(ErrorCode::unavailable, "no trust document holds");
  }
  if (new_offer) against.before = confirmed_.get();
  auto documents = check_documents(*generation, against);
  if (!documents) return std::move(documents).error();
  documents->digest = digest_of(generation->files);
  const auto content =
      content_.look(content_of(documents->schedule.creatives, documents->schedule.content)).state;
  const bool any =
      std::any_of(content.eligible.begin(), content.eligible.end(),
                  [&](const Hash256& hash) { return !content.quarantined.contains(hash); });
  if (new_offer && !any) {
    return fail(ErrorCode::invalid, "schedule " + std::to_string(documents->schedule_version) +
                                        ": none of its creatives can be shown (" +
                                        std::to_string(content.rejected.size()) +
                                        " rejected by vet, " +
                                        std::to_string(content.quarantined.size()) +
                                        " quarantined, the others absent or altered)");
  }
  return std::make_shared<const ActiveDocuments>(std::move(*documents));
}

void Keeper::try_generation(std::uint64_t number, std::uint32_t attempts) {
  auto documents = load(number, true);
  if (!documents) {
    if (documents.error().code == ErrorCode::denied) denied_ = number;
    reject(number,
           "cannot apply " + named(number) + ": " + documents.error().message + "; keeping " +
               (in_force() ? named(in_force()->generation) : "nothing, none was confirmed yet"));
    return;
  }
  const ActiveState before = state_;
  state_.trying = number;
  state_.attempts = attempts;
  if (!save()) {  // not on disk, so it must not be shown
    state_ = before;
    looked_at_ = 0;
    return;
  }
  trying_ = std::move(*documents);
  newest_iat_ = std::max(newest_iat_, trying_->newest_iat);
  log_info("trying {} (schedule {}), attempt {}", named(number), trying_->schedule_version,
           attempts);
}

void Keeper::confirm() {
  for (const VersionMark& mark : trying_->marks) {
    if (auto raised = floors_.raise(mark.kind, mark.audience, mark.version); !raised) {
      if (unwritten_ != raised.error().message) {
        log_error("cannot confirm {}: {}; still trying it", named(state_.trying),
                  raised.error().message);
      }
      unwritten_ = raised.error().message;
      return;
    }
  }
  const ActiveState before = state_;
  state_.confirmed = state_.trying;
  state_.confirmed_digest = trying_->digest;
  state_.trying = 0;
  state_.attempts = 0;
  if (!save()) {
    state_ = before;
    return;
  }
  confirmed_ = std::move(trying_);
  trying_.reset();
  log_info("{} is confirmed (schedule {})", named(state_.confirmed), confirmed_->schedule_version);
}

void Keeper::fall_back(const std::string& why) {
  reject(state_.trying,
         "giving up " + named(state_.trying) + ": " + why + "; back to " +
             (confirmed_ ? named(confirmed_->generation) : "nothing, none was confirmed yet"));
}

void Keeper::reject(std::uint64_t number, const std::string& line) {
  log_error("{}", line);
  if (state_.trying == number) {
    state_.trying = 0;
    state_.attempts = 0;
    trying_.reset();
  }
  state_.rejected.push_back(number);
  if (state_.rejected.size() > kRejectedKept) state_.rejected.erase(state_.rejected.begin());
  state_.rejected_reason = line;
  (void)save();
}

bool Keeper::save() {
  const auto written = write_active(setup_.paths, state_);
  if (!written && unwritten_ != written.error().message) {
    log_error("{}; no new generation can be tried or confirmed", written.error().message);
  }
  unwritten_ = written ? "" : written.error().message;
  return written.ok();
}

DocumentRules Keeper::rules(std::int64_t now) const {
  static const Trust kNobody;
  return {trust_ ? trust_->trust : kNobody, now, setup_.identity, floors_, nullptr, false};
}

}  // namespace vitrine
