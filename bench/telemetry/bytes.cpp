// What a play costs on the wire: MQTT PUBLISH of a live batch, its header included; TLS and TCP/IP
// are not counted. Means over all batches of one simulated day.
#include <array>
#include <cstdio>
#include <functional>
#include <map>

#include "play_day.hpp"
#include "protocol/chain.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"
#include "rivals.hpp"
#include "sections.hpp"

namespace vitrine::bench {
namespace {

const ScreenId kScreen = "lobby-1";
constexpr std::array<std::size_t, 4> kSizes = {1, 4, 20, 200};

// Fixed header, topic, packet id, and an empty property list (MQTT 5.0, section 3.3).
std::size_t publish_bytes(const std::string& topic, std::size_t payload) {
  const std::size_t rest = 2 + topic.size() + 2 + 1 + payload;
  const std::size_t length = rest < 128 ? 1 : rest < 16'384 ? 2 : rest < 2'097'152 ? 3 : 4;
  return 1 + length + rest;
}

std::vector<Batch> play_batches(const PlayDay& day, std::size_t rows) {
  const PrivateKey key = PrivateKey::from_seed({1});
  std::vector<Batch> batches;
  Hash256 chain = chain_start(kScreen, day.plays.front().log_id);
  for (std::size_t at = 0; at + rows <= day.plays.size(); at += rows) {
    const auto from = day.plays.begin() + static_cast<std::ptrdiff_t>(at);
    Batch& batch = batches.emplace_back();
    batch.rows = std::vector<PlayRow>(from, from + static_cast<std::ptrdiff_t>(rows));
    const PlayRow& last = *(from + static_cast<std::ptrdiff_t>(rows) - 1);
    batch.key = {Stream::play, last.log_id, from->seq, last.seq};
    batch.fix = day.fix;
    batch.chain_before = chain;
    batch.signature = sign_chain(key, kScreen, last.log_id, last.seq, last.chain);
    chain = last.chain;
  }
  return batches;
}

std::vector<Batch> exposure_batches(const PlayDay& day, std::size_t rows) {
  std::vector<Batch> batches;
  for (std::size_t at = 0; at + rows <= day.exposures.size(); at += rows) {
    const auto from = day.exposures.begin() + static_cast<std::ptrdiff_t>(at);
    Batch& batch = batches.emplace_back();
    batch.rows = std::vector<ExposureRow>(from, from + static_cast<std::ptrdiff_t>(rows));
    batch.key = {Stream::exposure, from->log_id, from->seq, from->seq + rows - 1};
  }
  return batches;
}

using Size = std::function<std::size_t(const Batch&)>;

double mean_a_row(const std::vector<Batch>& batches, std::size_t rows, Stream stream,
                  const Size& size) {
  const std::string topic = DeviceTopics(kScreen).up(stream);
  double bytes = 0;
  for (const Batch& batch : batches)
    bytes += static_cast<double>(publish_bytes(topic, size(batch)));
  return bytes / static_cast<double>(batches.size() * rows);
}

void show_parts(const std::vector<Batch>& batches, std::size_t rows, const Size& size) {
  const double plays = static_cast<double>(batches.size() * rows);
  const std::string topic = DeviceTopics(kScreen).up(Stream::play);
  std::vector<std::pair<std::string, double>> parts;
  double rest = 0, fix = 0;
  std::map<std::string_view, double> columns;
  std::vector<std::string_view> order;
  for (const Batch& batch : batches) {
    rest += static_cast<double>(size(batch));
    Batch without = batch;
    without.fix = {};
    auto& unfixed = std::get<std::vector<PlayRow>>(without.rows);
    for (PlayRow& row : unfixed) row.boot = {};
    fix += static_cast<double>(encode_batch(batch).size()) -
           static_cast<double>(encode_batch(without).size());
    for (const auto& [name, bytes] :
         column_bytes(std::get<std::vector<PlayRow>>(batch.rows), batch.fix.boot)) {
      if (!columns.contains(name)) order.push_back(name);
      columns[name] += static_cast<double>(bytes);
    }
  }
  parts.emplace_back("MQTT header", plays / static_cast<double>(rows) *
                                        static_cast<double>(publish_bytes(topic, 400) - 400));
  parts.emplace_back("signature", plays / static_cast<double>(rows) * (2 + 64));
  parts.emplace_back("chain", plays / static_cast<double>(rows) * (2 + 32));
  parts.emplace_back("time fix", fix);
  for (std::size_t i = 1; i < parts.size(); ++i) rest -= parts[i].second;
  for (std::string_view name : order) {
    parts.emplace_back(name, columns[name]);
    rest -= columns[name];
  }
  parts.emplace_back("key, forms, frame", rest);
  std::printf("  by part, %zu plays a batch, bytes a play\n", rows);
  for (const auto& [name, bytes] : parts) {
    if (bytes / plays >= 0.005) std::printf("    %-20s %6.2f\n", name.c_str(), bytes / plays);
  }
}

}  // namespace

void show_bytes() {
  const PlayDay day = play_day(1);
  // Known to both ends once the first batches of these creatives were acknowledged.
  Batch whole_day;
  whole_day.rows = day.plays;
  const ContentOf known = contents_of(whole_day);
  const Size encoded = [](const Batch& batch) { return encode_batch(batch).size(); };
  const Size sent = [&](const Batch& batch) {
    return leave_out_hashes(encode_batch(batch), known).size();
  };
  std::printf(
      "bytes on the wire: %zu plays of %zu creatives, screen %s, QoS 1, all columns, signed\n",
      day.plays.size(), known.size(), kScreen.c_str());
  std::printf("  %-34s", "bytes a play; plays a batch");
  for (std::size_t rows : kSizes) std::printf(" %8zu", rows);
  std::printf("\n");
  const auto row = [&](const char* name, Stream stream, const Size& size) {
    std::printf("  %-34s", name);
    for (std::size_t rows : kSizes) {
      const auto batches =
          stream == Stream::play ? play_batches(day, rows) : exposure_batches(day, rows);
      std::printf(" %8.2f", mean_a_row(batches, rows, stream, size));
    }
    std::printf("\n");
  };
  row("play", Stream::play, sent);
  row("play, creatives never seen before", Stream::play, encoded);
  row("exposure", Stream::exposure, encoded);
  row("rival: protobuf, a message a play", Stream::play, protobuf_bytes);
  row("rival: Sparkplug B DataSet", Stream::play, sparkplug_bytes);
  row("rival: JSON, an object a play", Stream::play, json_bytes);
  show_parts(play_batches(day, 20), 20, sent);
  show_parts(play_batches(day, 200), 200, sent);
}

}  // namespace vitrine::bench
