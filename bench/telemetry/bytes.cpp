// What a play costs on the wire: MQTT PUBLISH of a live batch, its header included; TLS and TCP/IP
// are not counted. Means over all batches of one simulated day.
#include <array>
#include <cstdio>
#include <functional>

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
    batch.fix = day.fix;
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

// What the payload is shorter when a column says nothing, or a part is not there.
void show_parts(const std::vector<Batch>& batches, std::size_t rows, const Size& size) {
  const auto total = [&](const std::function<void(Batch&)>& without) {
    double bytes = 0;
    for (Batch batch : batches) {
      without(batch);
      bytes += static_cast<double>(size(batch));
    }
    return bytes / static_cast<double>(batches.size() * rows);
  };
  const double all = total([](Batch&) {});
  std::printf("  by part, %zu plays a batch, bytes a play\n", rows);
  const std::string topic = DeviceTopics(kScreen).up(Stream::play);
  const double of_rows = static_cast<double>(rows);
  double rest = all;
  const auto line = [&](const char* name, double bytes) {
    if (bytes >= 0.005) std::printf("    %-20s %6.2f\n", name, bytes);
  };
  line("MQTT header", static_cast<double>(publish_bytes(topic, 400) - 400) / of_rows);
  const double fixed = (2 + 32 + 2 + 64) / of_rows;
  line("chain and signature", fixed);
  const double fix = all - total([](Batch& batch) {
                       batch.fix = {};
                       for (PlayRow& row : std::get<std::vector<PlayRow>>(batch.rows)) row.boot = {};
                     });
  line("time fix", fix);
  rest -= fixed + fix;
  std::size_t columns = 0;
  for_each_column(PlayRow{}, [&](const char*, const auto&) { ++columns; });
  for (std::size_t column = 5; column < columns; ++column) {  // keys, boot ids: above
    const char* named = "";
    const double bytes = all - total([&](Batch& batch) {
                           for (PlayRow& row : std::get<std::vector<PlayRow>>(batch.rows)) {
                             std::size_t at = 0;
                             for_each_column(row, [&](const char* name, auto& member) {
                               if (at++ != column) return;
                               named = name;
                               member = std::remove_reference_t<decltype(member)>{};
                             });
                           }
                         });
    line(named, bytes);
    rest -= bytes;
  }
  line("key, forms, frame", rest);
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
  std::printf("bytes on the wire: %zu plays of %zu creatives, screen %s, QoS 1, all columns, signed\n",
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
