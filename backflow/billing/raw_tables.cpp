#include "billing/raw_tables.hpp"

#include <optional>

#include "billing/bill_play.hpp"
#include "protocol/column.hpp"

namespace vitrine::billing {
namespace {

using Key = std::tuple<ScreenId, std::int64_t, std::int64_t>;  // device, log_id, seq

std::int64_t number(const SqlValue& value) {
  const auto* found = std::get_if<std::int64_t>(&value);
  return found == nullptr ? kAbsent : *found;
}

template <class T>
void take(T& member, const SqlValue& value) {
  if constexpr (is_hash_column<T>) {
    if (const auto hash = hash_from_hex(sql_text(value))) member = *hash;
  } else {
    set_column(member, number(value));
  }
}

std::string where_of(const ScreenRange& range) {
  return " WHERE device >= " + sql_quoted(range.first) + " AND device <= " + sql_quoted(range.last);
}

// device, spool, segment, offset: a screen may have moved from one ingest to another.
using Place = std::tuple<ScreenId, std::int64_t, std::int64_t, std::int64_t>;

struct Exposed {
  ScreenId device;
  ExposureRow row;
  auto key() const {
    return std::tuple<const ScreenId&, std::int64_t, std::int64_t>(
        device, column_value(row.play_log_id), column_value(row.play_seq));
  }
};

// What is known beside the plays of a range of screens.
class RangeFacts {
 public:
  Status read(SqlStore& store, const ScreenRange& range) {
    if (auto done = read_fixes(store, range); !done) return done;
    if (auto done = read_exposures(store, range); !done) return done;
    if (auto done = read_receipts(store, range); !done) return done;
    return read_conflicts(store, range);
  }

  // 0 when nobody noted it.
  std::int64_t received_at(const Place& place) {
    if (place == last_place_) return last_receipt_;
    const auto found = receipts_.find(place);
    last_place_ = place;
    last_receipt_ = found == receipts_.end() ? 0 : found->second;
    return last_receipt_;
  }

  WallTime wall(const ScreenId& device, BootId boot, std::int64_t at_us) const {
    const auto found = clocks_.find({device, boot});
    return found == clocks_.end() ? WallTime{} : found->second.at(at_us);
  }
  bool conflict(const Key& key) const { return conflicts_.contains(key); }

  // Keys must ascend from call to call.
  const ExposureRow* exposure(const Key& key) {
    while (next_ < exposures_.size() && exposures_[next_].key() < key) ++next_;
    return next_ < exposures_.size() && exposures_[next_].key() == key ? &exposures_[next_].row
                                                                       : nullptr;
  }

 private:
  Status read_fixes(SqlStore& store, const ScreenRange& range) {
    std::map<std::pair<ScreenId, BootId>, std::vector<TimeFix>> fixes;
    const auto add = [&](const SqlRow& row) {
      TimeFix fix;
      fix.boot = {number(row[1]), number(row[2])};
      fix.boottime_us = number(row[3]);
      fix.utc_us = number(row[4]);
      fix.error_us = number(row[5]);
      take(fix.source, row[6]);
      fixes[{sql_text(row[0]), fix.boot}].push_back(fix);
      return ok();
    };
    if (auto done = store.query(
            "SELECT device, boot_high, boot_low, at_us, utc_us, error_us, source FROM event" +
                where_of(range) + " AND kind = 'fix'",
            add);
        !done)
      return done;
    for (auto& [boot, of_boot] : fixes) clocks_.emplace(boot, WallClock(std::move(of_boot)));
    return ok();
  }

  Status read_exposures(SqlStore& store, const ScreenRange& range) {
    auto done = store.query(
        "SELECT device, log_id, seq, play_log_id, play_seq, person_ms, ots, coverage_permille, "
        "quality, method FROM exposure" +
            where_of(range) + " ORDER BY device, play_log_id, play_seq",
        [&](const SqlRow& values) {
          Exposed exposed{sql_text(values[0]), {}};
          ExposureRow& row = exposed.row;
          take(row.log_id, values[1]);
          take(row.seq, values[2]);
          take(row.play_log_id, values[3]);
          take(row.play_seq, values[4]);
          take(row.person_ms, values[5]);
          take(row.ots, values[6]);
          take(row.coverage_permille, values[7]);
          take(row.quality, values[8]);
          take(row.method, values[9]);
          if (!exposures_.empty() && exposures_.back().key() == exposed.key()) {
            if (better(row, exposures_.back().row)) exposures_.back() = std::move(exposed);
          } else {
            exposures_.push_back(std::move(exposed));
          }
          return ok();
        });
    return done;
  }

  static bool better(const ExposureRow& one, const ExposureRow& other) {
    const auto rank = [](const ExposureRow& row) {
      return std::tuple(-row.coverage_permille, column_value(row.log_id), column_value(row.seq));
    };
    return rank(one) < rank(other);
  }

  Status read_receipts(SqlStore& store, const ScreenRange& range) {
    return store.query(
        "SELECT device, spool, segment, offset, received_at_us FROM batch" + where_of(range) +
            " AND stream = " + std::to_string(column_value(Stream::play)),
        [&](const SqlRow& row) {
          receipts_.insert_or_assign(
              Place(sql_text(row[0]), number(row[1]), number(row[2]), number(row[3])),
              number(row[4]));
          return ok();
        });
  }

  Status read_conflicts(SqlStore& store, const ScreenRange& range) {
    return store.query("SELECT device, log_id, seq FROM conflict" + where_of(range) +
                           " AND stream = " + std::to_string(column_value(Stream::play)),
                       [&](const SqlRow& row) {
                         conflicts_.emplace(sql_text(row[0]), number(row[1]), number(row[2]));
                         return ok();
                       });
  }

  std::map<std::pair<ScreenId, BootId>, WallClock> clocks_;
  std::vector<Exposed> exposures_;
  std::size_t next_ = 0;
  std::set<Key> conflicts_;
  std::map<Place, std::int64_t> receipts_;
  Place last_place_;
  std::int64_t last_receipt_ = 0;
};

constexpr std::size_t kPage = 20'000;

std::string literal(const Key& key) {
  return "(" + sql_quoted(std::get<0>(key)) + ", " + std::to_string(std::get<1>(key)) + ", " +
         std::to_string(std::get<2>(key)) + ")";
}

constexpr const char* kPlayColumns =
    "device, log_id, seq, kind, boot_high, boot_low, planned_start_us, first_flip_us, "
    "last_flip_us, schedule_version, profile_version, campaign, flight_phase, creative, variant, "
    "arm, content, grade, display_bits, verdict_bits, spool, segment, offset";

Place take_play(const SqlRow& values, StoredPlay& play) {
  std::size_t next = 1;
  PlayRow& row = play.row;
  const auto one = [&](auto& member) { take(member, values[next++]); };
  one(row.log_id);
  one(row.seq);
  one(row.kind);
  one(row.boot.high);
  one(row.boot.low);
  one(row.planned_start_us);
  one(row.first_flip_us);
  one(row.last_flip_us);
  one(row.schedule_version);
  one(row.profile_version);
  one(row.campaign);
  one(row.flight_phase);
  one(row.creative);
  one(row.variant);
  one(row.arm);
  one(row.content);
  one(row.grade);
  one(row.display_bits);
  one(row.verdict_bits);
  return {play.device, number(values[next]), number(values[next + 1]), number(values[next + 2])};
}

}  // namespace

Result<std::vector<ScreenRange>> screen_ranges(SqlStore& store, std::int64_t most_plays) {
  std::vector<ScreenRange> ranges;
  std::int64_t in_last = most_plays;
  auto done = store.query("SELECT device, count(*) FROM play GROUP BY device ORDER BY device",
                          [&](const SqlRow& row) {
                            const ScreenId& device = sql_text(row[0]);
                            const std::int64_t plays = number(row[1]);
                            if (in_last + plays > most_plays) {
                              ranges.push_back({device, device, 0});
                              in_last = 0;
                            }
                            ranges.back().last = device;
                            in_last += plays;
                            ranges.back().rows += plays;
                            return ok();
                          });
  if (!done) return std::move(done).error();
  return ranges;
}

Result<std::int64_t> for_each_play(SqlStore& store, const ScreenRange& range,
                                   const std::function<Status(const StoredPlay&)>& play) {
  RangeFacts facts;
  if (auto read = facts.read(store, range); !read) return std::move(read).error();
  std::int64_t count = 0;
  std::optional<Key> last;
  std::vector<StoredPlay> page;
  do {
    page.clear();
    auto done =
        store.query("SELECT " + std::string(kPlayColumns) + " FROM play" +
                        where_of(last ? ScreenRange{std::get<0>(*last), range.last, 0} : range) +
                        (last ? " AND (device, log_id, seq) > " + literal(*last) : "") +
                        " ORDER BY device, log_id, seq LIMIT " + std::to_string(kPage),
                    [&](const SqlRow& values) {
                      page.emplace_back();
                      page.back().device = sql_text(values[0]);
                      const Place place = take_play(values, page.back());
                      page.back().received_at_us = facts.received_at(place);
                      return ok();
                    });
    if (!done) return std::move(done).error();
    for (StoredPlay& stored : page) {
      Key key(stored.device, column_value(stored.row.log_id), column_value(stored.row.seq));
      if (last && key == *last) continue;
      stored.exposure = facts.exposure(key);
      stored.conflict = facts.conflict(key);
      stored.wall = facts.wall(stored.device, stored.row.boot, moment_of(stored.row));
      last = std::move(key);
      ++count;
      if (auto told = play(stored); !told) return std::move(told).error();
    }
  } while (page.size() == kPage);
  return count;
}

}  // namespace vitrine::billing
