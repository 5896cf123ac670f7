#include "codec/wire_columns.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace vitrine::wire_columns {
namespace {

enum class Form : std::uint8_t { zeros, constant, varied };
constexpr std::size_t kFormsAByte = 4;
constexpr unsigned kFormBits = 2;

void put_number(std::int64_t value, std::string& out) {
  auto rest =
      (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value < 0 ? -1 : 0);
  for (; rest >= 0x80; rest >>= 7) out.push_back(static_cast<char>(0x80 | (rest & 0x7f)));
  out.push_back(static_cast<char>(rest));
}

// Reads numbers one after the other; an unfinished or too long one ends it.
class Numbers {
 public:
  explicit Numbers(ByteView bytes) : bytes_(bytes) {}
  std::optional<std::int64_t> next() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70 && at_ < bytes_.size(); shift += 7) {
      const std::uint64_t byte = bytes_[at_++];
      if (shift == 63 && byte > 1) return std::nullopt;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
    }
    return std::nullopt;
  }
  bool done() const { return at_ == bytes_.size(); }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

// Predicts row after row of one column; told what each really was.
class Prediction {
 public:
  Prediction(Predict rule, const Values* creatives) : rule_(rule), creatives_(creatives) {
    if (rule == Predict::creative && creatives == nullptr) rule_ = Predict::before;
  }
  std::int64_t next() const {
    switch (rule_) {
      case Predict::plain:
        return 0;
      case Predict::line:
        return wrapping_add(before_, row_ < 2 ? 0 : wrapping_sub(before_, earlier_));
      case Predict::creative:
        if (const auto found = of_.find((*creatives_)[row_]); found != of_.end())
          return found->second;
        return before_;
      case Predict::before:
        break;
    }
    return before_;
  }
  void was(std::int64_t value) {
    if (rule_ == Predict::creative) of_[(*creatives_)[row_]] = value;
    earlier_ = before_;
    before_ = value;
    ++row_;
  }

 private:
  Predict rule_;
  const Values* creatives_;
  std::map<std::int64_t, std::int64_t> of_;
  std::int64_t before_ = 0, earlier_ = 0;
  std::size_t row_ = 0;
};

void put_varied(const Values& values, Prediction prediction, std::string& out) {
  std::int64_t zeros = 0;
  const auto end_run = [&] {
    if (zeros == 0) return;
    put_number(0, out);
    put_number(zeros - 1, out);
    zeros = 0;
  };
  for (std::int64_t value : values) {
    const std::int64_t more = wrapping_sub(value, prediction.next());
    prediction.was(value);
    if (more == 0) {
      ++zeros;
      continue;
    }
    end_run();
    put_number(more, out);
  }
  end_run();
}

// What each row has more than predicted; false when the bytes do not say it for `rows` rows.
bool take_varied(Numbers& numbers, std::size_t rows, Values& values) {
  while (values.size() < rows) {
    const auto number = numbers.next();
    if (!number) return false;
    if (*number != 0) {
      values.push_back(*number);
      continue;
    }
    const auto more = numbers.next();
    if (!more || *more < 0 || static_cast<std::uint64_t>(*more) >= rows - values.size())
      return false;
    values.insert(values.end(), static_cast<std::size_t>(*more) + 1, 0);
  }
  return true;
}

void add_predictions(Values& values, Prediction prediction) {
  for (std::int64_t& value : values) {
    value = wrapping_add(value, prediction.next());
    prediction.was(value);
  }
}

// Its own inverse; zero for the boot id of the fix.
BootId relative(const BootId& id, const BootId& to) {
  return {id.high ^ to.high, id.low ^ to.low};
}

// When a play that follows `row` is planned to begin.
std::int64_t end_of(const PlayRow& row) {
  const std::int64_t begun =
      row.first_flip_us != kAbsent ? row.first_flip_us : row.planned_start_us;
  return wrapping_add(begun, row.planned_length_us);
}

// When the last frame of an even play is due: a frame's share of its length before the end.
std::int64_t last_frame_of(const PlayRow& row) {
  const std::int64_t due = row.frames_due;
  return wrapping_sub(end_of(row), due > 0 ? row.planned_length_us / due : 0);
}

}  // namespace

template <>
const std::vector<Column>& columns_of<PlayRow>() {
  static const std::vector<Column> columns = {
      {"kind", Predict::before},
      {"boot_high", Predict::before},
      {"boot_low", Predict::before},
      {"planned_start_us", Predict::plain},
      {"planned_length_us", Predict::creative},
      {"first_flip_us", Predict::before, Carry::absent_plus_one},
      {"last_flip_us", Predict::creative, Carry::absent_plus_one},
      {"zone", Predict::before},
      {"generation", Predict::before},
      {"schedule_version", Predict::before},
      {"numbers_version", Predict::before},
      {"profile_version", Predict::before},
      {"decision_seq", Predict::line},
      {"reason", Predict::before},
      {"runner_up", Predict::plain},
      {"live_q4", Predict::before},
      {"campaign", Predict::creative},
      {"flight_phase", Predict::creative},
      {"creative", Predict::before},
      {"variant", Predict::creative},
      {"arm", Predict::creative},
      {"content", Predict::plain, Carry::content},
      {"frames_due", Predict::creative},
      {"frames_shown", Predict::plain},
      {"frames_dropped", Predict::plain},
      {"frames_repeated", Predict::creative},
      {"gap_before_us", Predict::plain},
      {"grade", Predict::before},
      {"display_bits", Predict::before},
      {"verdict_bits", Predict::before},
      {"cut_cause", Predict::before},
      {"decoder", Predict::creative},
      {"clock_trust", Predict::before},
      {"shot", Predict::plain, Carry::hash},
      {"next_creative", Predict::plain}};
  return columns;
}

template <>
const std::vector<Column>& columns_of<ExposureRow>() {
  static const std::vector<Column> columns = {
      {"play_log_id", Predict::before},
      {"play_seq", Predict::line},
      {"person_ms", Predict::plain},
      {"ots", Predict::plain, Carry::absent_plus_one},
      {"first_exposed", Predict::plain, Carry::absent_plus_one},
      {"viewers", Predict::plain, Carry::absent_plus_one},
      {"attention_ms", Predict::plain, Carry::absent_plus_one},
      {"crossings", Predict::plain, Carry::absent_plus_one},
      {"coverage_permille", Predict::before},
      {"quality", Predict::before},
      {"method", Predict::before},
      {"model", Predict::plain, Carry::hash}};
  return columns;
}

template <>
const std::vector<Column>& columns_of<FlowRow>() {
  static const std::vector<Column> columns = {
      {"boot_high", Predict::before},
      {"boot_low", Predict::before},
      {"minute_start_us", Predict::line},
      {"flow_in", Predict::plain},
      {"flow_out", Predict::plain},
      {"person_ms", Predict::plain},
      {"dwell_0_5", Predict::plain, Carry::absent_plus_one},
      {"dwell_5_15", Predict::plain, Carry::absent_plus_one},
      {"dwell_15_30", Predict::plain, Carry::absent_plus_one},
      {"dwell_30_60", Predict::plain, Carry::absent_plus_one},
      {"dwell_60", Predict::plain, Carry::absent_plus_one},
      {"coverage_permille", Predict::before},
      {"quality", Predict::before},
      {"method", Predict::before}};
  return columns;
}

std::size_t place_of(const std::vector<Column>& columns, std::string_view name) {
  return static_cast<std::size_t>(
      std::find_if(columns.begin(), columns.end(),
                   [&](const Column& column) { return column.name == name; }) -
      columns.begin());
}

std::string put_table(const std::vector<Column>& columns, const std::vector<Values>& table,
                      std::size_t creative, std::vector<std::size_t>* sizes) {
  std::string out((columns.size() + kFormsAByte - 1) / kFormsAByte, '\0');
  const Values* creatives = creative < columns.size() ? &table[creative] : nullptr;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Values& values = table[i];
    const std::size_t before = out.size();
    const bool constant = std::all_of(values.begin(), values.end(),
                                      [&](std::int64_t v) { return v == values.front(); });
    Form form = Form::varied;
    if (constant) form = values.empty() || values.front() == 0 ? Form::zeros : Form::constant;
    out[i / kFormsAByte] =
        static_cast<char>(static_cast<unsigned char>(out[i / kFormsAByte]) |
                          static_cast<unsigned>(form) << (kFormBits * (i % kFormsAByte)));
    if (form == Form::constant) put_number(values.front(), out);
    if (form == Form::varied) put_varied(values, {columns[i].predict, creatives}, out);
    if (sizes != nullptr) sizes->push_back(out.size() - before);
  }
  return out;
}

Result<std::vector<Values>> take_table(const std::vector<Column>& columns, ByteView bytes,
                                       std::size_t rows, std::size_t creative) {
  const std::size_t head = (columns.size() + kFormsAByte - 1) / kFormsAByte;
  if (bytes.size() < head)
    return fail(ErrorCode::invalid, "the columns of the batch are cut short");
  const auto form_of = [&](std::size_t i) {
    return static_cast<Form>(bytes[i / kFormsAByte] >> (kFormBits * (i % kFormsAByte)) & 3u);
  };
  Numbers numbers(bytes.subspan(head));
  std::vector<Values> table(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::optional<std::int64_t> value = 0;
    if (form_of(i) == Form::constant) value = numbers.next();
    const bool read = form_of(i) == Form::varied ? take_varied(numbers, rows, table[i])
                                                 : value.has_value() && form_of(i) < Form::varied;
    if (!read) {
      return fail(ErrorCode::invalid, "column " + std::string(columns[i].name) + " does not hold " +
                                          std::to_string(rows) + " rows");
    }
    if (form_of(i) != Form::varied) table[i].assign(rows, *value);
  }
  if (!numbers.done()) return fail(ErrorCode::invalid, "bytes follow the last column of the batch");
  // Others are predicted from it, so it comes first.
  const auto restore = [&](std::size_t i, const Values* creatives) {
    if (form_of(i) == Form::varied) add_predictions(table[i], {columns[i].predict, creatives});
  };
  if (creative < columns.size()) restore(creative, nullptr);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i != creative) restore(i, creative < columns.size() ? &table[creative] : nullptr);
  }
  return table;
}

void to_relative(std::vector<PlayRow>& rows, const BootId& boot) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    PlayRow& row = rows[i];
    const CreativeId next = i + 1 < rows.size() ? rows[i + 1].creative : row.creative;
    row.next_creative -= next;
    row.runner_up -= next;
    row.boot = relative(row.boot, boot);
    row.variant -= row.creative;
    row.frames_shown =
        wrapping_sub(wrapping_sub(row.frames_due, row.frames_shown), row.frames_dropped);
  }
  // Backwards: what a row is relative to still stands.
  for (std::size_t i = rows.size(); i-- > 0;) {
    PlayRow& row = rows[i];
    if (row.last_flip_us != kAbsent)
      row.last_flip_us = wrapping_sub(row.last_flip_us, last_frame_of(row));
    if (row.first_flip_us != kAbsent)
      row.first_flip_us = wrapping_sub(row.first_flip_us, row.planned_start_us);
    if (i > 0) row.planned_start_us = wrapping_sub(row.planned_start_us, end_of(rows[i - 1]));
  }
}

void from_relative(std::vector<PlayRow>& rows, const BootId& boot) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    PlayRow& row = rows[i];
    if (i > 0) row.planned_start_us = wrapping_add(row.planned_start_us, end_of(rows[i - 1]));
    if (row.first_flip_us != kAbsent)
      row.first_flip_us = wrapping_add(row.first_flip_us, row.planned_start_us);
    if (row.last_flip_us != kAbsent)
      row.last_flip_us = wrapping_add(row.last_flip_us, last_frame_of(row));
    row.frames_shown =
        wrapping_sub(wrapping_sub(row.frames_due, row.frames_shown), row.frames_dropped);
    row.boot = relative(row.boot, boot);
    row.variant += row.creative;
    const CreativeId next = i + 1 < rows.size() ? rows[i + 1].creative : row.creative;
    row.next_creative += next;
    row.runner_up += next;
  }
}

void to_relative(std::vector<FlowRow>& rows, const BootId& boot) {
  for (FlowRow& row : rows) {
    row.boot = relative(row.boot, boot);
  }
}

void from_relative(std::vector<FlowRow>& rows, const BootId& boot) {
  to_relative(rows, boot);
}

std::int64_t Hashes::expected(Carry carry, std::int64_t creative) const {
  if (carry != Carry::content) return before_;
  const auto found = of_creative_.find(creative);
  return found == of_creative_.end() ? fresh_ : found->second;
}

// What was left out stands where a hash is used for the first time.
bool Hashes::fill_in(std::int64_t place, std::int64_t creative) {
  if (left_out_ == 0 || place != static_cast<std::int64_t>(count()) + 1) return false;
  const auto found = contents_->find(static_cast<CreativeId>(creative));
  if (found == contents_->end()) return false;
  --left_out_;
  bytes.append(as_text(found->second));
  return true;
}

void Hashes::used(std::int64_t place, Carry carry, std::int64_t creative) {
  fresh_ = std::max(fresh_, place + 1);
  (carry == Carry::content ? of_creative_[creative] : before_) = place;
}

std::int64_t Hashes::put(const Hash256& hash, Carry carry, std::int64_t creative) {
  const std::int64_t should = expected(carry, creative);
  std::int64_t place = 0;
  if (hash != Hash256{}) {
    const auto [entry, is_new] = place_.try_emplace(hash, static_cast<std::int64_t>(count()) + 1);
    if (is_new) bytes.append(as_text(hash));
    place = entry->second;
  }
  used(place, carry, creative);
  return place == should ? 0 : place + 1;
}

bool Hashes::take(std::int64_t code, Carry carry, std::int64_t creative, Hash256& hash) {
  const std::int64_t place = code == 0 ? expected(carry, creative) : code - 1;
  if (code < 0) return false;
  if (place > static_cast<std::int64_t>(count()) &&
      (carry != Carry::content || !fill_in(place, creative))) {
    return false;
  }
  hash = {};
  if (place > 0) {
    std::memcpy(hash.data(), bytes.data() + static_cast<std::size_t>(place - 1) * hash.size(),
                hash.size());
  }
  used(place, carry, creative);
  return true;
}

}  // namespace vitrine::wire_columns
