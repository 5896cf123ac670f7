#include "backflow/scan_tie.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "backflow/scan_journal.hpp"
#include "base/math.hpp"
#include "protocol/play.hpp"
#include "protocol/qr_token.hpp"

namespace vitrine {
namespace {

constexpr Micros kBucket = kQrBucketSeconds * kSecond;

// How far the play's beginning lies outside the token's five minutes; 0 = within.
Micros outside(const Scan& scan, Micros begin_us) {
  if (begin_us < scan.bucket_us) return scan.bucket_us - begin_us;
  return std::max<Micros>(0, begin_us - (scan.bucket_us + kBucket - 1));
}

// The less, the better: within the five minutes before near them, before the scan before after it,
// then the latest; log and row decide between equals.
auto rank_of(const Scan& scan, const ShownPlay& play) {
  return std::tuple(outside(scan, play.begin_us), play.begin_us > scan.time_us, -play.begin_us,
                    play.log_id, play.seq);
}

bool may_be(const Scan& scan, const ShownPlay& play) {
  return play.received_us <= scan.time_us + kScanWaits &&
         outside(scan, play.begin_us) <= play.error_us + kScreenClockError;
}

std::string glass_key(const std::string& device, std::int64_t creative) {
  return device + "/" + std::to_string(creative);
}

void settle(Scan& scan, const ShownPlay* play, std::int64_t now_us) {
  scan.cause.reset();
  for (MaybeInteger* one : {&scan.log_id, &scan.seq, &scan.area, &scan.arm}) one->reset();
  if (play != nullptr) {
    scan.state = "tied";
    scan.log_id = play->log_id;
    scan.seq = play->seq;
    scan.campaign = play->campaign;
    scan.area = play->area;
    scan.arm = play->arm;
  } else if (now_us > scan.time_us + kScanWaits) {
    scan.state = "rejected";
    scan.cause = "no_play";
  } else {
    scan.state = "pending";
  }
}

}  // namespace

void tie_scans(std::span<Scan> scans, std::span<const ShownPlay> plays, std::int64_t now_us) {
  std::unordered_map<std::string, std::vector<const ShownPlay*>> shown;
  for (const ShownPlay& play : plays) shown[glass_key(play.device, play.creative)].push_back(&play);
  for (Scan& scan : scans) {
    const ShownPlay* best = nullptr;
    const auto found = shown.find(glass_key(scan.device, scan.creative));
    if (found != shown.end()) {
      for (const ShownPlay* play : found->second) {
        if (may_be(scan, *play) && (best == nullptr || rank_of(scan, *play) < rank_of(scan, *best)))
          best = play;
      }
    }
    settle(scan, best, now_us);
  }
}

namespace {

// The scans of one local day: those in the store and those that the journal has besides.
class ScanDay {
 public:
  ScanDay(SqlStore& store, std::int64_t day) : store_(store), day_(day) {}

  Status read_stored() {
    return store_.query(
        "SELECT " + column_names(scan_table()) + " FROM scan WHERE day = " + std::to_string(day_),
        [&](const SqlRow& row) {
          Scan scan = from_sql_row<Scan>(row);
          before_.push_back(to_sql_row(scan));
          scans_.emplace(scan.scan_id, std::move(scan));
          return ok();
        });
  }

  // A day in a zone is part of three days of UTC at most.
  Result<std::int64_t> read_journal(const fs::path& journal) {
    std::int64_t fresh = 0;
    for (std::int64_t utc_day = day_ - 1; utc_day <= day_ + 1; ++utc_day) {
      auto read =
          read_scan_journal(journal, utc_day,
                            {[&](const Scan& scan) {
                               if (scan.day == day_ && scans_.emplace(scan.scan_id, scan).second)
                                 ++fresh;
                             },
                             [](const ScanRefused&) {}});
      if (!read) return read;
    }
    return fresh;
  }

  // Only the plays that one of the scans may be of are kept.
  Result<std::vector<ShownPlay>> read_plays() {
    std::unordered_map<std::string, bool> wanted;
    for (const auto& [id, scan] : scans_) wanted[glass_key(scan.device, scan.creative)] = true;
    std::vector<ShownPlay> plays;
    const auto kind = [](PlayKind one) { return std::to_string(static_cast<int>(one)); };
    auto read = store_.query(
        "SELECT device, log_id, seq, creative, campaign, utc_us, error_us, area, arm, "
        "received_at_us FROM billed_play WHERE day >= " +
            std::to_string(day_ - 1) + " AND day <= " + std::to_string(day_ + 1) +
            " AND utc_us IS NOT NULL AND play_ms IS NOT NULL AND kind <> " + kind(PlayKind::ghost) +
            " AND kind <> " + kind(PlayKind::miss),
        [&](const SqlRow& row) {
          if (!wanted.contains(glass_key(sql_text(row[0]), sql_integer(row[3])))) return ok();
          const auto maybe = [&](std::size_t at) {
            const auto* number = std::get_if<std::int64_t>(&row[at]);
            return number == nullptr ? MaybeInteger() : MaybeInteger(*number);
          };
          plays.push_back({sql_text(row[0]), sql_integer(row[1]), sql_integer(row[2]),
                           sql_integer(row[3]), sql_integer(row[4]), sql_integer(row[5]),
                           std::max<std::int64_t>(0, sql_integer(row[6])), maybe(7), maybe(8),
                           sql_integer(row[9])});
          return ok();
        });
    if (!read)
      return std::move(read).error().context("cannot read the plays (vitrine bill writes them)");
    return plays;
  }

  Status tie(std::int64_t now_us) {
    if (scans_.empty()) return ok();
    auto plays = read_plays();
    if (!plays) return std::move(plays).error();
    std::vector<Scan> scans;
    for (auto& [id, scan] : scans_) scans.push_back(scan);
    tie_scans(scans, *plays, now_us);
    std::vector<SqlRow> rows;
    for (const Scan& scan : scans) {
      rows.push_back(to_sql_row(scan));
      scans_[scan.scan_id] = scan;
    }
    std::ranges::sort(before_);
    std::ranges::sort(rows);
    return rows == before_ ? ok() : store_.replace_day(scan_table(), day_, rows);
  }

  const std::map<std::string, Scan>& scans() const { return scans_; }

 private:
  SqlStore& store_;
  std::int64_t day_;
  std::map<std::string, Scan> scans_;  // by scan_id
  std::vector<SqlRow> before_;
};

// The counts of one UTC day, which is one file.
Status take_refused(SqlStore& store, const fs::path& journal, std::int64_t day, TieReport& report) {
  std::map<std::pair<std::string, std::string>, SqlRow> counts;
  const auto note = [&](const ScanRefused& one) {
    counts.emplace(std::pair(one.count_id, one.cause), to_sql_row(one));
  };
  std::size_t stored = 0;
  auto known = store.query("SELECT " + column_names(scan_refused_table()) +
                               " FROM scan_refused WHERE day = " + std::to_string(day),
                           [&](const SqlRow& row) {
                             ++stored;
                             note(from_sql_row<ScanRefused>(row));
                             return ok();
                           });
  if (!known) return known;
  auto read = read_scan_journal(journal, day, {[](const Scan&) {}, note});
  if (!read) return std::move(read).error();
  report.unreadable += *read;
  std::vector<SqlRow> rows;
  for (const auto& [key, row] : counts) {
    rows.push_back(row);
    const auto one = from_sql_row<ScanRefused>(row);
    report.refused[one.cause] += one.tokens;
  }
  return rows.size() == stored ? ok() : store.replace_day(scan_refused_table(), day, rows);
}

}  // namespace

Result<TieReport> tie_stored_scans(SqlStore& store, const fs::path& journal, std::int64_t now_us,
                                   std::int64_t looked_at) {
  if (auto made = create_online_tables(store); !made) return std::move(made).error();
  const std::int64_t today = floor_div(now_us, kDay);
  TieReport report;
  report.days = looked_at;
  std::vector<std::int64_t> days;
  // Older ones are settled, but for a backend that slept.
  const std::string older = "SELECT DISTINCT day FROM scan WHERE state = 'pending' AND day < " +
                            std::to_string(today - kTiedDays);
  if (looked_at >= kTiedDays) {
    auto asked = store.query(older, [&](const SqlRow& row) {
      days.push_back(sql_integer(row[0]));
      return ok();
    });
    if (!asked) return std::move(asked).error();
  }
  for (std::int64_t day = today - looked_at; day <= today + 1; ++day) days.push_back(day);
  for (const std::int64_t day : days) {
    ScanDay scans(store, day);
    if (auto read = scans.read_stored(); !read) return std::move(read).error();
    auto fresh = scans.read_journal(journal);
    if (!fresh) return std::move(fresh).error();
    if (auto done = scans.tie(now_us); !done) return std::move(done).error();
    report.new_scans += *fresh;
    for (const auto& [id, scan] : scans.scans()) {
      ScanFigures& figures = report.by_landing[scan.landing];
      ++(scan.state == "tied"      ? figures.tied
         : scan.state == "pending" ? figures.pending
                                   : figures.rejected);
    }
    if (auto taken = take_refused(store, journal, day, report); !taken)
      return std::move(taken).error();
  }
  return report;
}

std::string TieReport::text() const {
  std::string text;
  ScanFigures sum;
  for (const auto& [landing, figures] : by_landing) {
    sum.pending += figures.pending;
    sum.tied += figures.tied;
    sum.rejected += figures.rejected;
    text += "  " + landing + ": " + std::to_string(figures.all()) + " scans, " +
            std::to_string(figures.tied) + " tied\n";
  }
  std::string head = std::to_string(sum.all()) + " scans of the last " + std::to_string(days) +
                     " days, " + std::to_string(new_scans) + " new: " + std::to_string(sum.tied) +
                     " tied, " + std::to_string(sum.pending) + " pending, " +
                     std::to_string(sum.rejected) + " rejected (no_play)";
  for (const auto& [cause, tokens] : refused) head += "; " + cause + " " + std::to_string(tokens);
  if (unreadable > 0)
    head += "; " + std::to_string(unreadable) + " lines of the journal unreadable";
  return head + "\n" + text;
}

}  // namespace vitrine
