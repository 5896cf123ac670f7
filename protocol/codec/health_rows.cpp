// Health rows: the same sixty figures a minute, so each name travels once a batch and each value as
// what it has more than before.
#include <map>

#include "codec/wire_columns.hpp"
#include "codec/wire_rows.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

using wire_columns::wrapping_add;
using wire_columns::wrapping_sub;

// What is read must not grow far beyond the bytes it came in.
constexpr int kMostNames = 1000, kMostFigures = 1000;
constexpr std::size_t kLongestName = 64;

std::uint64_t bits(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}
std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

// What the next row is told relative to.
struct Before {
  BootId boot;
  std::int64_t at_us = 0;
  std::map<std::uint32_t, std::int64_t> values;  // by figure
};

Status take_row(const wire::HealthRow& message, const wire::HealthRows& rows, Before& before,
                HealthRow& row) {
  const bool in_order = message.figure().empty();
  if (message.value_size() > kMostFigures ||
      (!in_order && message.figure_size() != message.value_size())) {
    return fail(ErrorCode::invalid, "health row " + std::to_string(message.seq()) + " has " +
                                        std::to_string(message.value_size()) + " values for " +
                                        std::to_string(message.figure_size()) + " figures");
  }
  row.seq = message.seq();
  before.boot = {number(bits(before.boot.high) ^ message.boot_high()),
                 number(bits(before.boot.low) ^ message.boot_low())};
  before.at_us = wrapping_add(before.at_us, message.at_us());
  row.boot = before.boot;
  row.at_us = before.at_us;
  for (int i = 0; i < message.value_size(); ++i) {
    const std::uint32_t figure = in_order ? static_cast<std::uint32_t>(i) : message.figure(i);
    if (figure >= static_cast<std::uint32_t>(rows.name_size())) {
      return fail(ErrorCode::invalid,
                  "health row " + std::to_string(message.seq()) + " has a figure without a name");
    }
    std::int64_t& value = before.values[figure];
    value = wrapping_add(value, message.value(i));
    row.figures.emplace_back(rows.name(static_cast<int>(figure)), value);
  }
  return ok();
}

}  // namespace

void put_health(const std::vector<HealthRow>& rows, wire::HealthRows& message) {
  std::map<std::string, std::uint32_t> index;
  Before before;
  for (const HealthRow& row : rows) {
    wire::HealthRow& out = *message.add_row();
    out.set_seq(row.seq);
    out.set_boot_high(bits(row.boot.high) ^ bits(before.boot.high));
    out.set_boot_low(bits(row.boot.low) ^ bits(before.boot.low));
    out.set_at_us(wrapping_sub(row.at_us, before.at_us));
    before.boot = row.boot;
    before.at_us = row.at_us;
    bool in_order = true;
    for (const auto& [name, value] : row.figures) {
      const std::string text = printable(name.substr(0, kLongestName));
      const auto next = static_cast<std::uint32_t>(index.size());
      const auto [at, added] = index.try_emplace(text, next);
      if (added) message.add_name(text);
      in_order = in_order && at->second == static_cast<std::uint32_t>(out.figure_size());
      out.add_figure(at->second);
      std::int64_t& last = before.values[at->second];
      out.add_value(wrapping_sub(value, last));
      last = value;
    }
    if (in_order) out.clear_figure();
  }
}

Result<std::vector<HealthRow>> take_health(const wire::HealthRows& message) {
  if (message.name_size() > kMostNames)
    return fail(ErrorCode::invalid, std::to_string(message.name_size()) + " names of figures");
  for (const std::string& name : message.name()) {
    if (name.size() > kLongestName)
      return fail(ErrorCode::invalid,
                  "a figure's name has " + std::to_string(name.size()) + " bytes");
  }
  std::vector<HealthRow> rows;
  Before before;
  for (const wire::HealthRow& one : message.row()) {
    HealthRow row;
    if (auto taken = take_row(one, message, before, row); !taken) return std::move(taken).error();
    rows.push_back(std::move(row));
  }
  return rows;
}

Bytes encode_health(const HealthRow& row) {
  wire::HealthRows message;
  put_health({row}, message);
  return to_bytes(message);
}

Result<HealthRow> decode_health(ByteView bytes) {
  wire::HealthRows message;
  if (!from_bytes(bytes, message) || message.row_size() != 1)
    return fail(ErrorCode::invalid, "these bytes are no health row");
  auto rows = take_health(message);
  if (!rows) return std::move(rows).error();
  return std::move(rows->front());
}

}  // namespace vitrine
