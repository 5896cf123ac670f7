#include "rivals.hpp"

#include "rivals.pb.h"

namespace vitrine::bench {
namespace {

const std::vector<PlayRow>& plays_of(const Batch& batch) {
  return std::get<std::vector<PlayRow>>(batch.rows);
}

std::string raw(ByteView bytes) {
  return std::string(as_text(bytes));
}

}  // namespace

std::size_t json_bytes(const Batch& batch) {
  std::string text = "{\"rows\":[";
  for (const PlayRow& row : plays_of(batch)) {
    text += text.back() == '[' ? "{" : ",{";
    for_each_column(row, [&](const char* name, const auto& member) {
      if (text.back() != '{') text += ',';
      text += '"' + std::string(name) + "\":";
      if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
        text += member == Hash256{} ? "null" : '"' + to_hex(member) + '"';
      } else {
        const std::int64_t value = column_value(member);
        text += value == kAbsent ? "null" : std::to_string(value);
      }
    });
    text += '}';
  }
  text += "],\"chain_before\":\"" + to_hex(batch.chain_before) + "\",\"signature\":\"" +
          to_hex(batch.signature) + "\"}";
  return text.size();
}

std::size_t protobuf_bytes(const Batch& batch) {
  rival::Rows rows;
  for (const PlayRow& row : plays_of(batch)) {
    rival::Row& out = *rows.add_row();
    out.set_log_id(row.log_id);
    out.set_seq(row.seq);
    out.set_kind(column_value(row.kind));
    out.set_boot_high(static_cast<std::uint64_t>(row.boot.high));
    out.set_boot_low(static_cast<std::uint64_t>(row.boot.low));
    out.set_planned_start_us(row.planned_start_us);
    out.set_planned_length_us(row.planned_length_us);
    out.set_first_flip_us(row.first_flip_us);
    out.set_last_flip_us(row.last_flip_us);
    out.set_zone(row.zone);
    out.set_generation(column_value(row.generation));
    out.set_schedule_version(column_value(row.schedule_version));
    out.set_numbers_version(column_value(row.numbers_version));
    out.set_profile_version(column_value(row.profile_version));
    out.set_decision_seq(column_value(row.decision_seq));
    out.set_reason(column_value(row.reason));
    out.set_runner_up(row.runner_up);
    out.set_live_q4(row.live_q4);
    out.set_campaign(row.campaign);
    out.set_flight_phase(column_value(row.flight_phase));
    out.set_creative(row.creative);
    out.set_variant(row.variant);
    out.set_arm(column_value(row.arm));
    out.set_content(raw(row.content));
    out.set_frames_due(row.frames_due);
    out.set_frames_shown(row.frames_shown);
    out.set_frames_dropped(row.frames_dropped);
    out.set_frames_repeated(row.frames_repeated);
    out.set_gap_before_us(row.gap_before_us);
    out.set_grade(column_value(row.grade));
    out.set_display_bits(row.display_bits);
    out.set_verdict_bits(row.verdict_bits);
    out.set_cut_cause(column_value(row.cut_cause));
    out.set_decoder(column_value(row.decoder));
    out.set_clock_trust(column_value(row.clock_trust));
    if (row.shot != Hash256{}) out.set_shot(raw(row.shot));
    out.set_next_creative(row.next_creative);
  }
  rows.set_chain_before(raw(batch.chain_before));
  rows.set_signature(raw(batch.signature));
  return rows.ByteSizeLong();
}

std::size_t sparkplug_bytes(const Batch& batch) {
  constexpr std::uint32_t kInt64 = 4, kString = 12, kDataSet = 16, kBytes = 17;
  const auto utc_ms = static_cast<std::uint64_t>(batch.fix.utc_us / 1000);
  rival::Payload payload;
  payload.set_timestamp(utc_ms);
  payload.set_seq(17);
  const auto metric = [&](std::uint64_t alias, std::uint32_t type) -> rival::Metric& {
    rival::Metric& out = *payload.add_metrics();
    out.set_alias(alias);
    out.set_timestamp(utc_ms);
    out.set_datatype(type);
    return out;
  };
  rival::DataSet& set = *metric(1, kDataSet).mutable_dataset_value();
  for (const PlayRow& row : plays_of(batch)) {
    const bool first = set.rows_size() == 0;
    rival::DataSet::Line& line = *set.add_rows();
    for_each_column(row, [&](const char* name, const auto& member) {
      constexpr bool hash = is_hash_column<std::remove_reference_t<decltype(member)>>;
      if (first) {
        set.add_columns(name);
        set.add_types(hash ? kString : kInt64);
      }
      rival::DataSet::Value& value = *line.add_elements();
      if constexpr (hash) {
        value.set_string_value(member == Hash256{} ? "" : to_hex(member));
      } else {
        value.set_long_value(static_cast<std::uint64_t>(column_value(member)));
      }
    });
  }
  set.set_num_of_columns(static_cast<std::uint64_t>(set.columns_size()));
  metric(2, kBytes).set_bytes_value(raw(batch.chain_before));
  metric(3, kBytes).set_bytes_value(raw(batch.signature));
  return payload.ByteSizeLong();
}

}  // namespace vitrine::bench
