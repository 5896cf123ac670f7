#include "codec/wire_columns.hpp"

namespace vitrine::wire_columns {

std::vector<Column> columns_of(wire::PlayColumns& m) {
  return {{"kind", m.mutable_kind()},
          {"boot_high", m.mutable_boot_high()},
          {"boot_low", m.mutable_boot_low()},
          {"planned_start_us", m.mutable_planned_start_us()},
          {"planned_length_us", m.mutable_planned_length_us()},
          {"first_flip_us", m.mutable_first_flip_us(), Carry::absent_plus_one},
          {"last_flip_us", m.mutable_last_flip_us(), Carry::absent_plus_one},
          {"zone", m.mutable_zone()},
          {"generation", m.mutable_generation()},
          {"schedule_version", m.mutable_schedule_version()},
          {"numbers_version", m.mutable_numbers_version()},
          {"profile_version", m.mutable_profile_version()},
          {"decision_seq", m.mutable_decision_seq()},
          {"reason", m.mutable_reason()},
          {"runner_up", m.mutable_runner_up()},
          {"live_q4", m.mutable_live_q4()},
          {"campaign", m.mutable_campaign()},
          {"flight_phase", m.mutable_flight_phase()},
          {"creative", m.mutable_creative()},
          {"variant", m.mutable_variant()},
          {"arm", m.mutable_arm()},
          {"content", m.mutable_content(), Carry::hash},
          {"frames_due", m.mutable_frames_due()},
          {"frames_shown", m.mutable_frames_shown()},
          {"frames_dropped", m.mutable_frames_dropped()},
          {"frames_repeated", m.mutable_frames_repeated()},
          {"gap_before_us", m.mutable_gap_before_us()},
          {"grade", m.mutable_grade()},
          {"display_bits", m.mutable_display_bits()},
          {"verdict_bits", m.mutable_verdict_bits()},
          {"cut_cause", m.mutable_cut_cause()},
          {"decoder", m.mutable_decoder()},
          {"clock_trust", m.mutable_clock_trust()},
          {"shot", m.mutable_shot(), Carry::hash},
          {"next_creative", m.mutable_next_creative()}};
}

std::vector<Column> columns_of(wire::ExposureColumns& m) {
  return {{"play_log_id", m.mutable_play_log_id()},
          {"play_seq", m.mutable_play_seq()},
          {"person_ms", m.mutable_person_ms()},
          {"ots", m.mutable_ots(), Carry::absent_plus_one},
          {"first_exposed", m.mutable_first_exposed(), Carry::absent_plus_one},
          {"viewers", m.mutable_viewers(), Carry::absent_plus_one},
          {"attention_ms", m.mutable_attention_ms(), Carry::absent_plus_one},
          {"crossings", m.mutable_crossings(), Carry::absent_plus_one},
          {"coverage_permille", m.mutable_coverage_permille()},
          {"quality", m.mutable_quality()},
          {"method", m.mutable_method()},
          {"model", m.mutable_model(), Carry::hash}};
}

std::vector<Column> columns_of(wire::FlowColumns& m) {
  return {{"boot_high", m.mutable_boot_high()},
          {"boot_low", m.mutable_boot_low()},
          {"minute_start_us", m.mutable_minute_start_us()},
          {"flow_in", m.mutable_flow_in()},
          {"flow_out", m.mutable_flow_out()},
          {"person_ms", m.mutable_person_ms()},
          {"dwell_0_5", m.mutable_dwell_0_5(), Carry::absent_plus_one},
          {"dwell_5_15", m.mutable_dwell_5_15(), Carry::absent_plus_one},
          {"dwell_15_30", m.mutable_dwell_15_30(), Carry::absent_plus_one},
          {"dwell_30_60", m.mutable_dwell_30_60(), Carry::absent_plus_one},
          {"dwell_60", m.mutable_dwell_60(), Carry::absent_plus_one},
          {"coverage_permille", m.mutable_coverage_permille()},
          {"quality", m.mutable_quality()},
          {"method", m.mutable_method()}};
}

void put_column(const std::vector<std::int64_t>& values, Field& field) {
  if (values.empty()) return;
  const std::int64_t head = values.front();
  if (std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v == head; })) {
    if (head != 0) field.Add(head);
    return;
  }
  std::int64_t before = 0;
  for (std::int64_t value : values) {
    field.Add(wrapping_sub(value, before));
    before = value;
  }
}

Result<std::vector<std::int64_t>> take_column(const Column& column, std::size_t rows) {
  const auto given = static_cast<std::size_t>(column.field->size());
  if (given == 0) return std::vector<std::int64_t>(rows, 0);
  if (given == 1) return std::vector<std::int64_t>(rows, column.field->Get(0));
  if (given != rows) {
    return fail(ErrorCode::invalid, "column " + std::string(column.name) + " has " +
                                        std::to_string(given) + " values for " +
                                        std::to_string(rows) + " rows");
  }
  std::vector<std::int64_t> values;
  values.reserve(rows);
  std::int64_t value = 0;
  for (std::int64_t difference : *column.field) {
    value = wrapping_add(value, difference);
    values.push_back(value);
  }
  return values;
}

PlayRow to_relative(PlayRow row) {
  const std::int64_t end = wrapping_add(row.planned_start_us, row.planned_length_us);
  if (row.first_flip_us != kAbsent)
    row.first_flip_us = wrapping_sub(row.first_flip_us, row.planned_start_us);
  if (row.last_flip_us != kAbsent) row.last_flip_us = wrapping_sub(row.last_flip_us, end);
  row.frames_shown =
      wrapping_sub(wrapping_sub(row.frames_due, row.frames_shown), row.frames_dropped);
  return row;
}

PlayRow from_relative(PlayRow row) {
  const std::int64_t end = wrapping_add(row.planned_start_us, row.planned_length_us);
  if (row.first_flip_us != kAbsent)
    row.first_flip_us = wrapping_add(row.first_flip_us, row.planned_start_us);
  if (row.last_flip_us != kAbsent) row.last_flip_us = wrapping_add(row.last_flip_us, end);
  row.frames_shown =
      wrapping_sub(wrapping_sub(row.frames_due, row.frames_shown), row.frames_dropped);
  return row;
}

}  // namespace vitrine::wire_columns
