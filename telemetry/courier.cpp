#include "courier.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "platform/log.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

// Beside those in flight. More follow at the next turn, which comes at the latest with the next
// ack.
constexpr std::size_t kBatchesATurn = 64;

std::string text_of(const BatchKey& key) {
  return fmt::format("{} rows {}..{} of log {:016x}", name_of(key.stream), key.first, key.last,
                     key.log_id);
}

}  // namespace

Courier::Courier(Outbox& outbox, MqttTransport& transport, const Clock& clock, ScreenId screen,
                 Notify notify, CourierOptions options)
    : outbox_(outbox),
      transport_(transport),
      clock_(clock),
      screen_(std::move(screen)),
      topics_(screen_),
      notify_(std::move(notify)),
      options_(std::move(options)),
      window_(options_.window_bytes) {}

void Courier::link_up() {
  flights_.clear();
  turn_ = acked_turn_ = 0;
}

// As long without an ack as the newest one took: what is left is lost.
bool Courier::still_queued(const Flight& flight) const {
  if (flight.turn <= acked_turn_) return false;  // overtaken
  return acked_turn_ > 0 &&
         clock_.boottime() - acked_at_ < std::max(options_.resend_least, queue_time_);
}

std::size_t Courier::in_flight() const {
  std::size_t bytes = 0;
  for (const auto& [id, flight] : flights_) bytes += flight.size;
  return bytes;
}

Courier::Sent Courier::send(std::int64_t id, Flight& flight) {
  auto body = outbox_.body(id);
  if (!body) {
    if (body.error().code == ErrorCode::not_found) return Sent::gone;  // dropped for room
    log_error("cannot send {}: {}", text_of(flight.key), body.error().message);
    return Sent::blocked;
  }
  auto published = transport_.publish(flight.topic, leave_out_hashes(*body, contents_));
  if (!published) {
    // Too large for this broker: said once a try, and it must not hold up the others.
    if (published.error().code != ErrorCode::invalid) return Sent::blocked;
    log_error("cannot send {}: {}; trying again later", text_of(flight.key),
              published.error().message);
  }
  const Micros wait = options_.jitter(flight.tries, options_.resend_base, options_.resend_cap);
  flight.next_try = clock_.boottime() + std::max(wait, options_.resend_least);
  if (flight.tries == 0) flight.first_try = clock_.boottime();
  ++flight.tries;
  flight.turn = ++turn_;
  return Sent::yes;
}

// False: the transport takes no more for now.
bool Courier::launch(const FrozenBatch& batch) {
  Flight flight{.key = batch.key,
                .size = batch.size,
                .topic = batch.live ? topics_.up(batch.key.stream) : topics_.up_back()};
  const Sent sent = send(batch.id, flight);
  if (sent == Sent::yes) flights_[batch.id] = flight;
  return sent != Sent::blocked;
}

void Courier::tick(Micros batch_period) {
  for (const BatchAck& ack : std::exchange(unnoted_, {})) note(ack, true);
  if (!transport_.connected()) return;
  if (window_ == 0) return probe(batch_period);
  const Micros now = clock_.boottime();
  for (auto it = flights_.begin(); it != flights_.end();) {
    const bool due = it->second.next_try <= now && !still_queued(it->second);
    const Sent sent = due ? send(it->first, it->second) : Sent::yes;
    if (sent == Sent::blocked) return;
    it = sent == Sent::gone ? flights_.erase(it) : std::next(it);
  }
  auto waiting = outbox_.unacked(now - batch_period, flights_.size() + kBatchesATurn);
  if (!waiting) {
    log_error("cannot read the outbox: {}; trying again", waiting.error().message);
    return;
  }
  std::size_t bytes = in_flight();
  for (const FrozenBatch& batch : *waiting) {
    if (flights_.contains(batch.id)) continue;
    // One batch always travels, however small the window; a live one may pass a backlog that fills
    // it.
    const std::size_t room = batch.live ? 2 * window_ : window_;
    if (bytes > 0 && bytes + batch.size > room) break;
    if (!launch(batch)) return;
    bytes += batch.size;
  }
}

void Courier::probe(Micros batch_period) {
  const Micros now = clock_.boottime();
  if (now < next_probe_) return;
  auto first = outbox_.unacked(now - batch_period, 1);
  if (!first || first->empty()) return;
  const FrozenBatch& batch = first->front();
  const auto flight = flights_.find(batch.id);
  const bool sent =
      flight == flights_.end() ? launch(batch) : send(batch.id, flight->second) == Sent::yes;
  if (!sent) return;
  const Micros wait = options_.jitter(probes_++, options_.resend_base, options_.resend_cap);
  next_probe_ = now + std::max(wait, options_.resend_least);
}

// Its spool is not the one that acknowledged the others, or a creative has another file since.
void Courier::send_whole(const BatchKey& key) {
  contents_.clear();
  for (auto& [id, flight] : flights_) {
    if (flight.key == key) flight.next_try = 0, flight.turn = 0;
  }
}

void Courier::note(const BatchAck& ack, bool again) {
  if (ack.status == AckStatus::whole) return send_whole(ack.key);
  const Micros utc_us = options_.utc_us ? options_.utc_us() : clock_.realtime();
  auto outcome = outbox_.acknowledge(ack, utc_us);
  if (!outcome) {
    if (!again)
      log_error("cannot note that {} arrived: {}; trying again", text_of(ack.key),
                outcome.error().message);
    // It arrived all the same: it is not sent again while this process lives.
    for (auto& [id, flight] : flights_) {
      if (flight.key == ack.key) flight.next_try = std::numeric_limits<Micros>::max();
    }
    unnoted_.push_back(ack);
    return;
  }
  using Outcome = AckResult::Outcome;
  if (outcome->outcome == Outcome::mismatch) {
    log_warn("an ack for {} names another hash; the batch is kept and sent again",
             text_of(ack.key));
  }
  if (const auto flight = flights_.find(outcome->id);
      outcome->outcome == Outcome::done && flight != flights_.end()) {
    round_trip_ = clock_.boottime() - flight->second.first_try;
    if (flight->second.tries == 1) queue_time_ = *round_trip_;
    acked_turn_ = std::max(acked_turn_, flight->second.turn);
    acked_at_ = clock_.boottime();
  }
  if (outcome->outcome == Outcome::done || outcome->outcome == Outcome::repeated)
    flights_.erase(outcome->id);
  if (outcome->outcome != Outcome::done) return;
  ++acked_;
  if (options_.leave_out_hashes && ack.key.stream == Stream::play &&
      ack.status == AckStatus::stored) {
    if (const auto body = outbox_.body(outcome->id)) {
      if (const auto batch = decode_batch(*body)) {
        for (const auto& [creative, content] : contents_of(*batch)) contents_[creative] = content;
      }
    }
  }
  if (ack.status == AckStatus::quarantined) {
    notify_("batch-quarantined",
            "the backend set " + text_of(ack.key) + " aside; it is not sent again");
  }
}

// One commit, for each costs the flash several pages.
void Courier::note_all(const std::vector<BatchAck>& acks) {
  auto together = outbox_.together();
  const auto flights = flights_;
  for (const BatchAck& ack : acks) note(ack, false);
  if (!together) return;  // each was noted alone
  const auto kept = together->commit();
  if (kept) return;
  log_error("cannot note what arrived: {}; trying again", kept.error().message);
  // It arrived all the same: it is not sent again while this process lives.
  flights_ = flights;
  for (auto& [id, flight] : flights_) {
    for (const BatchAck& ack : acks) {
      if (flight.key == ack.key) flight.next_try = std::numeric_limits<Micros>::max();
    }
  }
  unnoted_.insert(unnoted_.end(), acks.begin(), acks.end());
}

void Courier::receive_ack(ByteView bytes, const Trust& trust, std::int64_t now_utc_s) {
  auto ack = decode_ack(bytes, screen_, trust, now_utc_s);
  if (!ack) {
    log_warn("an ack is ignored: {}; the batches are kept and sent again", ack.error().message);
    return;
  }
  note_all(ack->batches);
  const std::size_t granted = std::min<std::size_t>(ack->credit_bytes, options_.most_in_flight);
  if (granted == 0 && window_ > 0) {
    log_warn("the ingest has no room: nothing is sent but one batch now and then to ask again");
    next_probe_ =
        clock_.boottime() + std::max(options_.jitter(0, options_.resend_base, options_.resend_cap),
                                     options_.resend_least);
    probes_ = 1;
  }
  window_ = granted;
}

}  // namespace vitrine
