// The play row: the proof of one play, written by the player at its end (docs/contracts.md,
// "Rows").
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/math.hpp"
#include "base/time.hpp"
#include "protocol/column.hpp"
#include "protocol/numbers.hpp"
#include "protocol/reason.hpp"
#include "protocol/schedule.hpp"

namespace vitrine {

enum class PlayKind { play, ghost, miss, takeover, house, lease };
enum class Grade { scheduled, presented, scanned_out, panel_confirmed };
enum class CutCause {
  none,
  killed,
  stopped,
  takeover,
  generation,
  daypart_end,
  decode_error,
  output_lost,
  sync_cycle  // the group's cycle went on
};
enum class Decoder { none, still, software, v4l2m2m };
enum class ClockTrust { none, held, trusted };

// display_bits
inline constexpr std::uint32_t kDisplayConnected = 1;
inline constexpr std::uint32_t kDisplayCrtcOn = 2;
inline constexpr std::uint32_t kDisplayVblankReal = 4;
inline constexpr std::uint32_t kDisplayKnownDark = 8;

// verdict_bits: full = played to within 500 ms of its planned length.
inline constexpr std::uint32_t kVerdictFull = 1;
inline constexpr std::uint32_t kVerdictThreeQuarters = 2;
inline constexpr std::uint32_t kVerdictTwoSeconds = 4;

struct PlayRow {
  LogId log_id = 0;
  std::uint64_t seq = 0;  // from 1
  PlayKind kind = PlayKind::play;
  BootId boot;
  std::int64_t planned_start_us = 0;  // CLOCK_BOOTTIME, as all *_us here
  std::int64_t planned_length_us = 0;
  std::int64_t first_flip_us = kAbsent;  // absent: never shown (miss, ghost)
  std::int64_t last_flip_us = kAbsent;
  std::uint32_t zone = 0;  // 0 main, 1 ticker, 2 corner
  std::uint64_t generation = 0;
  std::uint64_t schedule_version = 0;
  std::uint64_t numbers_version = 0;
  std::uint64_t profile_version = 0;
  std::uint64_t decision_seq = 0;
  Reason reason = Reason::none;
  CreativeId runner_up = 0;
  std::uint32_t live_q4 = 16;
  CampaignId campaign = 0;
  FlightPhase flight_phase = FlightPhase::launch;
  CreativeId creative = 0;
  VariantId variant = 0;
  Arm arm = Arm::none;
  Hash256 content{};
  std::int64_t frames_due = 0;  // source frames whose interval holds a vblank
  std::int64_t frames_shown = 0;
  std::int64_t frames_dropped = 0;   // due - shown
  std::int64_t frames_repeated = 0;  // held a vblank or more beyond cadence
  std::int64_t gap_before_us = 0;    // beyond one cadence step; 0 = seamless
  Grade grade = Grade::scheduled;
  std::uint32_t display_bits = 0;
  std::uint32_t verdict_bits = 0;
  CutCause cut_cause = CutCause::none;
  Decoder decoder = Decoder::none;
  ClockTrust clock_trust = ClockTrust::none;
  Hash256 shot{};  // of a sampled screenshot; zero = none
  CreativeId next_creative = 0;
  // Not part of the hashed row:
  Hash256 chain{};                           // h(seq)
  std::array<std::uint8_t, 64> signature{};  // over it
};

// The hashed columns, in table order. Changing the order or adding one changes every chain: a new
// log version.
template <class R, class F>
void for_each_play_column(R& row, F&& f) {
  f("log_id", row.log_id);
  f("seq", row.seq);
  f("kind", row.kind);
  f("boot_high", row.boot.high);
  f("boot_low", row.boot.low);
  f("planned_start_us", row.planned_start_us);
  f("planned_length_us", row.planned_length_us);
  f("first_flip_us", row.first_flip_us);
  f("last_flip_us", row.last_flip_us);
  f("zone", row.zone);
  f("generation", row.generation);
  f("schedule_version", row.schedule_version);
  f("numbers_version", row.numbers_version);
  f("profile_version", row.profile_version);
  f("decision_seq", row.decision_seq);
  f("reason", row.reason);
  f("runner_up", row.runner_up);
  f("live_q4", row.live_q4);
  f("campaign", row.campaign);
  f("flight_phase", row.flight_phase);
  f("creative", row.creative);
  f("variant", row.variant);
  f("arm", row.arm);
  f("content", row.content);
  f("frames_due", row.frames_due);
  f("frames_shown", row.frames_shown);
  f("frames_dropped", row.frames_dropped);
  f("frames_repeated", row.frames_repeated);
  f("gap_before_us", row.gap_before_us);
  f("grade", row.grade);
  f("display_bits", row.display_bits);
  f("verdict_bits", row.verdict_bits);
  f("cut_cause", row.cut_cause);
  f("decoder", row.decoder);
  f("clock_trust", row.clock_trust);
  f("shot", row.shot);
  f("next_creative", row.next_creative);
}
template <class F>
void for_each_column(PlayRow& row, F&& f) {
  for_each_play_column(row, f);
}
template <class F>
void for_each_column(const PlayRow& row, F&& f) {
  for_each_play_column(row, f);
}

// Any change of a decision input that is no play column, valid from decision_seq on: with these
// rows a past day can be decided again.
enum class InputKind {
  content_present,  // and free of quarantine; value: its measured length in ms, 0 = not known
  content_absent,
  quarantined,
  display_hours,
  clock_trust,
  tzdata,      // value: 202502 = 2025b
  generation,  // value: its number
  takeover,    // value: its version, 0 = none
  // What the rows before said of content, clock, generation, takeover and pending items is said
  // anew below. value: 1 = a player started here, 0 = a new local day.
  restated,
  clock_offset,  // value: UTC less CLOCK_BOOTTIME, us
  // value: bit i set = the decision i + 1 before this one was not yet on the glass when this one
  // was made, and had not failed.
  pending
};

struct InputRow {
  std::uint64_t seq = 0;
  std::uint64_t decision_seq = 0;
  BootId boot;
  std::int64_t at_us = 0;
  InputKind kind = InputKind::generation;
  std::int64_t value = 0;  // generation number, trust level, creative id, ...
  Hash256 content{};       // content_* and quarantined
};
template <class R, class F>
void for_each_input_column(R& row, F&& f) {
  f("seq", row.seq);
  f("decision_seq", row.decision_seq);
  f("boot_high", row.boot.high);
  f("boot_low", row.boot.low);
  f("at_us", row.at_us);
  f("kind", row.kind);
  f("value", row.value);
  f("content", row.content);
}
template <class F>
void for_each_column(InputRow& row, F&& f) {
  for_each_input_column(row, f);
}
template <class F>
void for_each_column(const InputRow& row, F&& f) {
  for_each_input_column(row, f);
}

}  // namespace vitrine
