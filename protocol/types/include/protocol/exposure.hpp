// What the camera says of a play, and of a minute: sums only, never a person (docs/contracts.md,
// "Rows").
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/math.hpp"
#include "protocol/column.hpp"

namespace vitrine {

enum class Quality { none, flow, people };
enum class Method { none, mog2, dnn, face };

// One row a play, written by the audience daemon once its timeline has passed the play's end.
// (play_log_id, play_seq) is unique. Absent = the method cannot know.
struct ExposureRow {
  LogId log_id = 0;
  std::uint64_t seq = 0;
  LogId play_log_id = 0;
  std::uint64_t play_seq = 0;
  std::int64_t person_ms = 0;  // sum of the overlaps of presence intervals with the play
  std::int64_t ots = kAbsent;  // tracks overlapping at least 1 s
  std::int64_t first_exposed = kAbsent;
  std::int64_t viewers = kAbsent;
  std::int64_t attention_ms = kAbsent;
  std::int64_t crossings = kAbsent;
  std::int64_t coverage_permille = 0;  // share of the play with valid frames
  Quality quality = Quality::none;
  Method method = Method::none;
  Hash256 model{};  // zero = no model file
};
template <class R, class F>
void for_each_exposure_column(R& row, F&& f) {
  f("log_id", row.log_id);
  f("seq", row.seq);
  f("play_log_id", row.play_log_id);
  f("play_seq", row.play_seq);
  f("person_ms", row.person_ms);
  f("ots", row.ots);
  f("first_exposed", row.first_exposed);
  f("viewers", row.viewers);
  f("attention_ms", row.attention_ms);
  f("crossings", row.crossings);
  f("coverage_permille", row.coverage_permille);
  f("quality", row.quality);
  f("method", row.method);
  f("model", row.model);
}
template <class F>
void for_each_column(ExposureRow& row, F&& f) {
  for_each_exposure_column(row, f);
}
template <class F>
void for_each_column(const ExposureRow& row, F&& f) {
  for_each_exposure_column(row, f);
}

struct FlowRow {
  LogId log_id = 0;
  std::uint64_t seq = 0;
  BootId boot;
  std::int64_t minute_start_us = 0;  // CLOCK_BOOTTIME
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::int64_t person_ms = 0;
  std::int64_t dwell_0_5 = kAbsent;  // visits that ended in this minute, by seconds of stay
  std::int64_t dwell_5_15 = kAbsent;
  std::int64_t dwell_15_30 = kAbsent;
  std::int64_t dwell_30_60 = kAbsent;
  std::int64_t dwell_60 = kAbsent;
  std::int64_t coverage_permille = 0;
  Quality quality = Quality::none;
  Method method = Method::none;
};
template <class R, class F>
void for_each_flow_column(R& row, F&& f) {
  f("log_id", row.log_id);
  f("seq", row.seq);
  f("boot_high", row.boot.high);
  f("boot_low", row.boot.low);
  f("minute_start_us", row.minute_start_us);
  f("flow_in", row.in);
  f("flow_out", row.out);
  f("person_ms", row.person_ms);
  f("dwell_0_5", row.dwell_0_5);
  f("dwell_5_15", row.dwell_5_15);
  f("dwell_15_30", row.dwell_15_30);
  f("dwell_30_60", row.dwell_30_60);
  f("dwell_60", row.dwell_60);
  f("coverage_permille", row.coverage_permille);
  f("quality", row.quality);
  f("method", row.method);
}
template <class F>
void for_each_column(FlowRow& row, F&& f) {
  for_each_flow_column(row, f);
}
template <class F>
void for_each_column(const FlowRow& row, F&& f) {
  for_each_flow_column(row, f);
}

}  // namespace vitrine
