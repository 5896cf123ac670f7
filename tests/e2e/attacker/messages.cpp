// What telemetry can send and the ingest reads.
#include <map>

#include "attacker/attacker.hpp"
#include "mqtt/transport.hpp"
#include "protocol/chain.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"
#include "state/play_log.hpp"
#include "state/trust_file.hpp"

namespace vitrine::attacker {
namespace {

constexpr Micros kPatience = 5 * kSecond;

// What was never shown, so that it cannot be taken for a row of the log.
constexpr CreativeId kInvented = 666;

// Chained on and signed as if `key` were the screen's.
Batch signed_as(std::vector<PlayRow> rows, const Hash256& before, const ScreenId& screen,
                const PrivateKey& key) {
  Batch batch;
  batch.key = {Stream::play, rows.front().log_id, rows.front().seq, rows.back().seq};
  batch.chain_before = before;
  Hash256 chain = before;
  for (PlayRow& row : rows) row.chain = chain = chain_next(chain, row);
  batch.signature = sign_chain(key, screen, batch.key.log_id, batch.key.last, chain);
  batch.rows = std::move(rows);
  return batch;
}

class Sender {
 public:
  explicit Sender(const Attacker& attacker)
      : attacker_(attacker), own_(attacker.identity.screen), link_(make_mosquitto_transport([&] {
          MqttOptions options;
          options.host = attacker.identity.mqtt_host;
          options.port = attacker.identity.mqtt_port;
          options.client_id = attacker.identity.screen;
          options.ca_file = attacker.paths.tls_authority();
          options.certificate_file = attacker.paths.tls_certificate();
          options.key_file = attacker.paths.tls_key();
          return options;
        }())) {}

  Status begin() {
    auto root = read_public_key(attacker_.paths.root_key());
    if (!root) return std::move(root).error();
    auto found = find_trust(attacker_.paths, *root, VersionFloors(attacker_.paths.floors()));
    if (!found.held) return fail(ErrorCode::not_found, found.complaint);
    trust_ = found.held->trust;
    auto log = PlayLogReader::open(attacker_.paths.plays_log());
    if (!log) return std::move(log).error();
    auto rows = log->rows_after(0);
    if (!rows) return std::move(rows).error();
    if (rows->size() < 4) return fail(ErrorCode::not_found, "fewer than four plays in the log");
    rows_ = *std::move(rows);

    MqttTransport::Handlers handlers;
    handlers.connected = [this] { (void)link_->subscribe(own_.ack()); };
    handlers.message = [this](const MqttMessage& message) {
      const auto ack = decode_ack(message.payload, attacker_.identity.screen, trust_);
      if (!ack) return;
      for (const BatchAck& one : ack->batches)
        answers_[one.hash_prefix] = one.status == AckStatus::stored        ? "stored"
                                    : one.status == AckStatus::quarantined ? "quarantined"
                                                                           : "whole";
    };
    handlers.published = [this](int id) { published_[id] = "taken"; };
    handlers.refused = [this](int id, const std::string& reason) {
      published_[id] = "refused, " + reason;
    };
    link_->set_handlers(std::move(handlers));
    if (auto done = link_->connect(); !done) return done;
    if (!poll_until([&] { return link_->connected(); }))
      return fail(ErrorCode::unavailable, "telemetry's certificate opens no link");
    return ok();
  }

  // The ingest's own answer, or none.
  Status send(const std::string& name, ByteView bytes, const std::string& topic) {
    const std::uint64_t prefix = batch_hash_prefix(bytes);
    answers_.erase(prefix);
    if (auto sent = link_->publish(topic, bytes); !sent) return std::move(sent).error();
    poll_until([&] { return answers_.contains(prefix); });
    tell(name, answers_.contains(prefix) ? answers_[prefix] : "no answer");
    return ok();
  }
  Status send(const std::string& name, const Batch& batch) {
    return send(name, encode_batch(batch), own_.up(batch.key.stream));
  }
  // The broker's answer.
  Status trespass(const std::string& name, const std::string& topic, ByteView bytes) {
    auto id = link_->publish(topic, bytes);
    if (!id) return std::move(id).error();
    poll_until([&] { return published_.contains(*id); });
    tell(name, published_.contains(*id) ? published_[*id] : "no answer");
    return ok();
  }

  // Rows of the real log from its first, as they were signed.
  Batch true_batch(std::size_t count) const {
    Batch batch;
    batch.key = {Stream::play, rows_.front().log_id, rows_.front().seq, rows_[count - 1].seq};
    batch.chain_before = chain_start(attacker_.identity.screen, batch.key.log_id);
    batch.signature = rows_[count - 1].signature;
    batch.rows = std::vector<PlayRow>(rows_.begin(), rows_.begin() + std::ptrdiff_t(count));
    return batch;
  }

  Status invented() {
    const ScreenId& screen = attacker_.identity.screen;
    const auto made_up = PrivateKey::generate();
    std::vector<PlayRow> rows = {rows_[0], rows_[1]};
    for (PlayRow& row : rows) row.creative = kInvented;
    rows[0].log_id = rows[1].log_id = 0x666;
    if (auto done = send("invented-log",
                         signed_as(rows, chain_start(screen, rows[0].log_id), screen, made_up));
        !done)
      return done;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i].log_id = rows_.back().log_id;
      rows[i].seq = rows_.back().seq + 1 + i;
    }
    return send("invented-rows", signed_as(rows, rows_.back().chain, screen, made_up));
  }

  Status altered() {
    Batch batch = true_batch(4);
    std::get<0>(batch.rows)[1].creative = kInvented;
    if (auto done = send("altered-row", batch); !done) return done;
    batch = true_batch(4);  // the third play left out, the fourth in its place
    auto& rows = std::get<0>(batch.rows);
    rows[2] = rows[3];
    rows[2].seq = batch.key.last = 3;
    rows.pop_back();
    if (auto done = send("gap", batch); !done) return done;
    batch = true_batch(3);  // the signature of a later row
    batch.signature = rows_[3].signature;
    if (auto done = send("shortened", batch); !done) return done;
    batch = true_batch(3);
    if (auto done = send("true-rows", batch); !done) return done;
    return send("replayed", batch);
  }

  Status another_screen() {
    const auto key = PrivateKey::generate();
    std::vector<PlayRow> rows = {rows_[0]};
    rows[0].log_id = 0x667;
    rows[0].creative = kInvented;
    const Batch batch = signed_as(rows, chain_start("lobby-2", 0x667), "lobby-2", key);
    if (auto done = send("another-screens-log", batch); !done) return done;
    return trespass("another-screens-topic", DeviceTopics("lobby-2").up(Stream::play),
                    encode_batch(batch));
  }

  Status no_batches() {
    for (const auto& [name, bytes] : std::initializer_list<std::pair<const char*, std::string>>{
             {"no-batch", std::string(200'000, '[')}, {"empty", ""}}) {
      if (auto done = send(name, as_bytes(bytes), own_.up(Stream::play)); !done) return done;
    }
    return ok();
  }

  // Says that rows were dropped which are there. Its own word, and the rows count as stored.
  Status false_notices() {
    Batch batch;
    batch.key = {Stream::event, 0x668, 1, 1};
    batch.rows = std::vector<EventRow>{
        {1, DropNotice{Stream::play, rows_[0].log_id, 1, rows_.back().seq, {}, "disk-full"}}};
    return send("false-drop-notice", batch);
  }

  // Sums that the camera never saw: not signed, so they are believed.
  Status false_counts() {
    Batch batch;
    batch.key = {Stream::flow, 0x669, 1, 1};
    FlowRow row;
    row.log_id = 0x669;
    row.seq = 1;
    batch.rows = std::vector<FlowRow>{row};
    return send("false-counts", batch);
  }

  // What only the server may say, written to the topics on which a screen hears it.
  Status servers_part() {
    const auto made_up = PrivateKey::generate();
    const Ack ack{{{true_batch(4).key, batch_hash_prefix(encode_batch(true_batch(4)))}}, 0};
    if (auto done = trespass("forged-ack", own_.ack(),
                             encode_ack(ack, attacker_.identity.screen, "ingest-1", made_up));
        !done)
      return done;
    if (auto done = trespass("forged-ack-elsewhere", DeviceTopics("lobby-2").ack(),
                             encode_ack(ack, "lobby-2", "ingest-1", made_up));
        !done)
      return done;
    if (auto done = trespass("group-topic", group_desired_topic("demo", DocumentKind::schedule),
                             as_bytes(loot(attacker_, "older.jws")));
        !done)
      return done;
    return trespass("own-desired-topic", own_.desired(DocumentKind::schedule),
                    as_bytes(loot(attacker_, "older.jws")));
  }

  // More than the broker takes from anybody; it said so when the link was made.
  Status oversized() {
    const auto id = link_->publish(own_.up(Stream::play), Bytes(300'000, '['));
    tell("oversized", id ? "SENT" : id.error().message);
    return ok();
  }

  Status end() {
    link_->disconnect();
    return ok();
  }

 private:
  bool poll_until(const std::function<bool()>& holds) {
    const Micros until = attacker_.clock.boottime() + kPatience;
    while (!holds()) {
      if (attacker_.clock.boottime() >= until) return false;
      link_->poll(50 * kMillisecond);
    }
    return true;
  }

  const Attacker& attacker_;
  DeviceTopics own_;
  std::unique_ptr<PolledTransport> link_;
  Trust trust_;
  std::vector<PlayRow> rows_;
  std::map<std::uint64_t, std::string> answers_;  // by what a batch's bytes hash to
  std::map<int, std::string> published_;
};

}  // namespace

Status forge_messages(const Attacker& attacker) {
  Sender sender(attacker);
  for (auto attack : {&Sender::begin, &Sender::invented, &Sender::altered, &Sender::another_screen,
                      &Sender::no_batches, &Sender::false_notices, &Sender::false_counts,
                      &Sender::servers_part, &Sender::oversized, &Sender::end}) {
    if (auto done = (sender.*attack)(); !done) return done;
  }
  return ok();
}

}  // namespace vitrine::attacker
