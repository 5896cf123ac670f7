#include "courier.hpp"

#include <algorithm>

#include "platform/log.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

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
}

std::size_t Courier::in_flight() const {
  std::size_t bytes = 0;
  for (const auto& [id, flight] : flights_) bytes += flight.size;
  return bytes;
}

bool Courier::send(std::int64_t id, Flight& flight) {
  auto body = outbox_.body(id);
  if (!body) {
    log_error("cannot send a batch: {}", body.error().message);
    return false;
  }
  auto published = transport_.publish(flight.topic, *body);
  if (!published) {
    if (published.error().code == ErrorCode::invalid) {
      // Too large for this broker: said once a try, and it must not hold up the others.
      log_error("cannot send a batch: {}; trying again later", published.error().message);
    } else {
      return false;
    }
  }
  const Micros wait = options_.jitter(flight.tries, options_.resend_base, options_.resend_cap);
  flight.next_try = clock_.boottime() + std::max(wait, options_.resend_least);
  if (flight.tries == 0) flight.first_try = clock_.boottime();
  ++flight.tries;
  return true;
}

void Courier::tick(Micros batch_period) {
  if (!transport_.connected()) return;
  const Micros now = clock_.boottime();
  for (auto& [id, flight] : flights_) {
    if (flight.next_try <= now && !send(id, flight)) return;
  }
  auto waiting = outbox_.unacked(now - batch_period, flights_.size() + 16);
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
    Flight flight{batch.size, 0, 0, 0,
                  batch.live ? topics_.up(batch.key.stream) : topics_.up_back()};
    if (!send(batch.id, flight)) return;
    flights_[batch.id] = flight;
    bytes += batch.size;
  }
}

void Courier::receive_ack(ByteView bytes, const Trust& trust) {
  auto ack = decode_ack(bytes, screen_, trust);
  if (!ack) {
    log_warn("an ack is ignored: {}; the batches are kept and sent again", ack.error().message);
    return;
  }
  for (const BatchAck& entry : ack->batches) {
    const Micros utc_us = options_.utc_us ? options_.utc_us() : clock_.realtime();
    auto outcome = outbox_.acknowledge(entry, utc_us);
    if (!outcome) {
      log_error("cannot note an ack for {}: {}", text_of(entry.key), outcome.error().message);
      continue;
    }
    using Outcome = AckResult::Outcome;
    if (outcome->outcome == Outcome::mismatch) {
      log_warn("an ack for {} names another hash; the batch is kept and sent again",
               text_of(entry.key));
    }
    if (const auto flight = flights_.find(outcome->id);
        outcome->outcome == Outcome::done && flight != flights_.end()) {
      round_trip_ = clock_.boottime() - flight->second.first_try;
    }
    if (outcome->outcome == Outcome::done || outcome->outcome == Outcome::repeated)
      flights_.erase(outcome->id);
    if (outcome->outcome != Outcome::done) continue;
    ++acked_;
    if (entry.status == AckStatus::quarantined) {
      notify_("batch-quarantined",
              "the backend set " + text_of(entry.key) + " aside; it is not sent again");
    }
  }
  if (ack->credit_bytes > 0) window_ = ack->credit_bytes;
}

}  // namespace vitrine
