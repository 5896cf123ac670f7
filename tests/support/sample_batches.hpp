// RowRandom and realistic batches for the codec's tests; everything follows from the seed.
#pragma once

#include <random>

#include "protocol/batch.hpp"
#include "protocol/chain.hpp"

namespace vitrine::testing {

class RowRandom {
 public:
  explicit RowRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  Hash256 hash() {
    Hash256 hash;
    for (auto& byte : hash) byte = static_cast<std::uint8_t>(bits());
    return hash;
  }

 private:
  std::mt19937_64 engine_;
};

// Any value the member can hold that a log may hold: times stay below 2^62 us (146,000 years).
template <class Row>
void fill_row(RowRandom& random, Row& row, const std::vector<Hash256>& hashes) {
  for_each_column(row, [&](std::string_view name, auto& member) {
    using Member = std::remove_reference_t<decltype(member)>;
    if (name == "log_id" || name == "seq" || random.one_in(3)) return;
    if constexpr (is_hash_column<Member>) {
      member = hashes[random.below(hashes.size())];
    } else if constexpr (std::is_enum_v<Member>) {
      member = static_cast<Member>(random.below(8));
    } else if constexpr (std::is_same_v<Member, std::int64_t>) {
      const auto wide = static_cast<std::int64_t>(random.bits()) / 2;
      member = random.one_in(2) ? wide : static_cast<std::int64_t>(random.below(1000)) - 500;
      if (name.find("boot") == 0) member = static_cast<std::int64_t>(random.bits());
    } else {
      member = static_cast<Member>(random.one_in(2) ? random.bits() : random.below(100));
    }
  });
}

inline TimeFix sample_fix() {
  return {{11, 22}, 1'000'000, 1'790'000'000'000'000, 2500, TimeSource::ntp};
}

template <class Row>
Batch random_batch(Stream stream, std::uint64_t seed) {
  RowRandom random(seed);
  std::vector<Hash256> hashes{Hash256{}};
  for (int i = 0; i < 5; ++i) hashes.push_back(random.hash());
  Batch batch;
  batch.fix = sample_fix();
  const std::uint64_t count = 1 + random.below(40);
  const std::uint64_t first = 1 + random.below(1'000'000);
  batch.key = {stream, random.bits(), first, first + count - 1};
  std::vector<Row> rows(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0 && random.one_in(2)) rows[i] = rows[i - 1];
    fill_row(random, rows[i], hashes);
    rows[i].log_id = batch.key.log_id;
    rows[i].seq = first + i;
  }
  batch.rows = rows;
  return batch;
}

// What a day on a screen looks like: 10 s spots of six creatives, flips within a frame of the plan,
// no trouble.
inline std::vector<PlayRow> ordinary_plays(std::uint64_t count, LogId log_id = 0x0123456789abcdef) {
  RowRandom random(7);
  std::vector<Hash256> files;
  for (int i = 0; i < 6; ++i) files.push_back(random.hash());
  std::vector<PlayRow> rows(count);
  Micros at = 3'600 * kSecond;
  for (std::uint64_t i = 0; i < count; ++i) {
    PlayRow& row = rows[i];
    const std::size_t creative = i % files.size();
    row.log_id = log_id;
    row.seq = i + 1;
    row.boot = {0x1122334455667788, 0x0102030405060708};
    row.planned_start_us = at + static_cast<Micros>(random.below(16'000));
    row.planned_length_us = 10 * kSecond;
    row.first_flip_us = row.planned_start_us + static_cast<Micros>(random.below(16'667));
    row.last_flip_us =
        row.planned_start_us + row.planned_length_us - static_cast<Micros>(random.below(33'000));
    row.generation = 12;
    row.schedule_version = 41;
    row.decision_seq = i + 1;
    row.reason = Reason::weight_due;
    row.runner_up = static_cast<CreativeId>(100 + (creative + 2) % files.size());
    row.campaign = static_cast<CampaignId>(1 + creative / 2);
    row.creative = static_cast<CreativeId>(100 + creative);
    row.next_creative = static_cast<CreativeId>(100 + (creative + 1) % files.size());
    row.content = files[creative];
    row.frames_due = 250;
    row.frames_shown = 250;
    row.grade = Grade::presented;
    row.display_bits = kDisplayConnected | kDisplayCrtcOn;
    row.verdict_bits = kVerdictFull | kVerdictThreeQuarters | kVerdictTwoSeconds;
    row.decoder = Decoder::software;
    row.clock_trust = ClockTrust::trusted;
    at += 10 * kSecond;
  }
  return rows;
}

// A batch as telemetry freezes it: chained from the start of the log, signed by `key`. Rows from
// seq 1.
inline Batch signed_batch(std::vector<PlayRow> rows, const ScreenId& screen,
                          const PrivateKey& key) {
  Batch batch;
  batch.fix = sample_fix();
  batch.key = {Stream::play, rows.front().log_id, rows.front().seq, rows.back().seq};
  batch.chain_before = chain_start(screen, batch.key.log_id);
  Hash256 chain = batch.chain_before;
  for (PlayRow& row : rows) {
    chain = chain_next(chain, row);
    row.chain = chain;
  }
  batch.signature = sign_chain(key, screen, batch.key.log_id, batch.key.last, chain);
  rows.back().signature = batch.signature;
  batch.rows = std::move(rows);
  return batch;
}

}  // namespace vitrine::testing
