#include "prepared_log.hpp"

#include <algorithm>

#include "protocol/chain.hpp"

namespace vitrine::fleet {
namespace {

constexpr std::size_t kLoop = 24;  // creatives in the loop of an ordinary screen

// What differs from play to play on a screen where nothing goes wrong.
PlayRow ordinary_play(std::size_t number, Micros start) {
  const auto in_loop = static_cast<CreativeId>(number % kLoop);
  const auto late = static_cast<Micros>(number * 7919 % 16'667);  // within a frame of 60 Hz
  PlayRow row;
  row.planned_start_us = start;
  row.planned_length_us = kPlayEvery;
  row.first_flip_us = start + late;
  row.last_flip_us = start + kPlayEvery - 33'333 + late;
  row.generation = 12;
  row.schedule_version = 41;
  row.numbers_version = 7;
  row.profile_version = 3;
  row.decision_seq = number + 1;
  row.reason = Reason::quota_due;
  row.runner_up = 1000 + (in_loop + 2) % static_cast<CreativeId>(kLoop);
  row.campaign = 100 + in_loop / 2;
  row.creative = 1000 + in_loop;
  row.next_creative = 1000 + (in_loop + 1) % static_cast<CreativeId>(kLoop);
  row.variant = 1;
  row.content = sha256(as_bytes("creative " + std::to_string(in_loop)));
  row.frames_due = 450;
  row.frames_shown = 450;
  row.grade = Grade::presented;
  row.display_bits = kDisplayConnected | kDisplayCrtcOn | kDisplayVblankReal;
  row.verdict_bits = kVerdictFull | kVerdictThreeQuarters | kVerdictTwoSeconds;
  row.decoder = Decoder::v4l2m2m;
  row.clock_trust = ClockTrust::trusted;
  return row;
}

}  // namespace

std::vector<PlayRow> make_plays(const ScreenId& screen, LogId log_id, const PrivateKey& proof_key,
                                std::size_t count, BootId boot, Micros until) {
  std::vector<PlayRow> rows(count);
  Hash256 chain = chain_start(screen, log_id);
  for (std::size_t i = 0; i < count; ++i) {
    PlayRow& row = rows[i];
    row = ordinary_play(i, until - static_cast<Micros>(count - i) * kPlayEvery);
    row.log_id = log_id;
    row.seq = i + 1;
    row.boot = boot;
    row.chain = chain = chain_next(chain, row);
    if ((i + 1) % kBatchRows == 0 || i + 1 == count)
      row.signature = sign_chain(proof_key, screen, log_id, row.seq, chain);
  }
  return rows;
}

Result<Batch> PreparedLog::rows_after(std::uint64_t after, std::size_t limit) {
  const std::size_t from = std::min<std::size_t>(after, released_);
  const std::size_t to = std::min(released_, from + limit);
  Batch batch;
  batch.rows = std::vector<PlayRow>(rows_.begin() + static_cast<std::ptrdiff_t>(from),
                                    rows_.begin() + static_cast<std::ptrdiff_t>(to));
  return batch;
}

}  // namespace vitrine::fleet
