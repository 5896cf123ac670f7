#include "billing/billing_run.hpp"

#include <algorithm>

#include "billing/bill_play.hpp"
#include "billing/statement_table.hpp"
#include "platform/log.hpp"
#include "platform/time_zone.hpp"

namespace vitrine::billing {
namespace {

constexpr std::int64_t kPlaysInMemory = 200'000;
constexpr std::size_t kRowsAtOnce = 20'000;

}  // namespace

Status create_billing_tables(SqlStore& store) {
  for (const SqlTable* table :
       {&billed_play_table(), &bill_day_table(), &adjustment_table(), &statement_table()}) {
    if (auto made = store.create(*table); !made) return made;
  }
  return ok();
}

BillingRun::BillingRun(const BillingInputs& inputs) : inputs_(inputs) {}

Result<BillingOutcome> BillingRun::run(bool close, std::int64_t now_utc_us) {
  now_utc_us_ = now_utc_us;
  auto days = read_days(inputs_.store);
  if (!days) return std::move(days).error();
  booked_ = *std::move(days);
  if (auto found = find_news(close, now_utc_us); !found) return std::move(found).error();
  if (!news_.empty()) {
    if (auto read = read_known(); !read) return std::move(read).error();
    if (auto cleared = clear_days(); !cleared) return std::move(cleared).error();
    auto written = for_each_billed([&](BilledPlay play, bool) { return write(std::move(play)); });
    if (written) written = flush();
    if (written) written = finish_days();
    if (!written) return std::move(written).error();
  }
  outcome_.missing = inputs_.documents.missing();
  return std::move(outcome_);
}

Status BillingRun::for_each_billed(const BilledPlayCall& call) {
  auto ranges = screen_ranges(inputs_.store, kPlaysInMemory);
  if (!ranges) return std::move(ranges).error();
  outcome_.rows = outcome_.repeated = outcome_.implausible = outcome_.unvalued = 0;
  for (const ScreenRange& range : *ranges) {
    auto count = for_each_play(inputs_.store, range, [&](const StoredPlay& stored) {
      bool unread = false;
      BilledPlay play = bill(stored, unread);
      return call(std::move(play), unread);
    });
    if (!count) return std::move(count).error();
    outcome_.rows += *count;
    outcome_.repeated += std::max<std::int64_t>(0, range.rows - *count);
  }
  return ok();
}

const BillingRun::Screen& BillingRun::screen_of(const ScreenId& device) {
  const auto [entry, is_new] = screens_.try_emplace(device);
  Screen& screen = entry->second;
  if (!is_new) return screen;
  if (const RegisteredScreen* found = inputs_.registry.find(device)) {
    screen.entry = *found;
  } else {
    screen.entry.screen = device;
    outcome_.unknown_screens.insert(device);
  }
  auto& zone = zones_[screen.entry.zone];
  if (!zone) {
    zone = std::make_unique<ZoneTable>();
    if (!screen.entry.zone.empty()) {
      auto loaded = load_zone(screen.entry.zone);
      if (loaded) {
        *zone = *std::move(loaded);
      } else {
        log_error("{}; its plays are billed by UTC", loaded.error().message);
      }
    }
  }
  screen.zone = zone.get();
  return screen;
}

BilledPlay BillingRun::bill(const StoredPlay& stored, bool& unread) {
  const Screen& screen = screen_of(stored.device);
  const PlayRow& row = stored.row;
  const bool contract = row.kind == PlayKind::play || row.kind == PlayKind::lease;
  const auto price = inputs_.prices.find(row.campaign);
  PlayFacts facts{row, stored.device, screen.entry.area, *screen.zone, stored.wall};
  facts.received_at_us = stored.received_at_us;
  facts.exposure = stored.exposure;
  // A takeover is no document of a version, and what is shown without a schedule has none.
  if (contract || row.schedule_version != 0)
    facts.schedule = inputs_.documents.schedule(screen.entry, row);
  facts.profile = inputs_.documents.profile(screen.entry, row.profile_version);
  facts.price = price == inputs_.prices.end() ? nullptr : &price->second;
  facts.duplicate = stored.conflict;
  unread = (contract && facts.schedule == nullptr) ||
           (row.profile_version != 0 && facts.profile == nullptr);
  BilledPlay play = bill_play(facts);
  if (facts.exposure != nullptr && play.play_ms != kAbsent &&
      !plausible(*facts.exposure, play.play_ms))
    ++outcome_.implausible;
  if (play.cause == Reason::none && facts.price != nullptr &&
      !amount_of(*facts.price, play.imp_milli, play.target_imp_milli).fits)
    ++outcome_.unvalued;
  return play;
}

Status BillingRun::find_news(bool close, std::int64_t now_utc_us) {
  auto read = for_each_billed([&](const BilledPlay& play, bool unread) {
    BilledDay& day = current_[play.day];
    ++day.rows;
    day.unread += unread ? 1 : 0;
    day.fingerprint = static_cast<std::int64_t>(static_cast<std::uint64_t>(day.fingerprint) +
                                                fingerprint_of(play));
    ++outcome_.by_cause[play.cause];
    return ok();
  });
  if (!read) return read;
  for (const auto& [number, booked] : booked_) current_.try_emplace(number);
  for (auto& [number, day] : current_) {
    day.day = number;
    const auto found = booked_.find(number);
    const BilledDay* before = found == booked_.end() ? nullptr : &found->second;
    const bool is_closed = before != nullptr && before->closed;
    day.prices = inputs_.prices_hash;
    bool news = before == nullptr || !before->complete || before->fingerprint != day.fingerprint;
    if (is_closed) {
      day.closed = true;
    } else {
      news = news || before->prices != day.prices;
      if (close && number != 0 && now_utc_us >= closes_at_us(number)) {
        if (day.unread == 0) {
          day.closed = news = true;
          day.closed_at_us = now_utc_us;
          outcome_.closed.push_back(number);
        } else {
          outcome_.waiting.push_back(number);
        }
      }
    }
    if (news) news_.try_emplace(number);
  }
  const auto none = current_.find(0);
  outcome_.unknown_time = none == current_.end() ? 0 : none->second.rows;
  return ok();
}

// The rows of closed days with news, and every play that was adjusted before.
Status BillingRun::read_known() {
  for (const auto& [number, news] : news_) {
    const auto booked = booked_.find(number);
    if (booked == booked_.end() || !booked->second.closed) continue;
    auto read = inputs_.store.query(
        "SELECT * FROM billed_play WHERE day = " + std::to_string(number),
        [&](const SqlRow& row) -> Status {
          auto play = billed_play_of(row);
          if (!play) return std::move(play).error();
          known_[key_of(*play)] = {settled(*play), play->price_micro, play->currency, 0, true};
          return ok();
        });
    if (!read) return read;
  }
  auto adjusted = last_adjustments(inputs_.store);
  if (!adjusted) return std::move(adjusted).error();
  for (const auto& [key, last] : *adjusted) {
    Known& known = known_[key];
    // Only a late row whose call was killed between its line and itself is not there, and then its
    // day, which was not finished, has news.
    if (last.before || !news_.contains(last.after.day)) known.in_table = true;
    known.state = last.after;
    known.price_micro = last.price_micro;
    known.currency = last.currency;
    known.adjusted = last.n;
  }
  return ok();
}

// From here until they are finished the days are under way, and a run that is ended in the middle
// is known by it.
Status BillingRun::clear_days() {
  for (const auto& [number, news] : news_) {
    const auto found = booked_.find(number);
    if (found != booked_.end() && found->second.closed) continue;
    BilledDay under_way;
    under_way.day = number;
    if (auto noted = write_day(inputs_.store, under_way); !noted) return noted;
    if (auto emptied = inputs_.store.replace_day(billed_play_table(), number, {}); !emptied)
      return emptied;
  }
  return ok();
}

Status BillingRun::write(BilledPlay play) {
  const auto known = known_.find(key_of(play));
  if (known != known_.end()) {
    // Its price is the one that held at the close.
    play.price_micro = known->second.price_micro;
    play.currency = known->second.currency;
    play.amount_pico = 0;
    const auto price = inputs_.prices.find(play.campaign);
    if (play.cause == Reason::none && play.price_micro != kAbsent) {
      Price then = price == inputs_.prices.end() ? Price{} : price->second;
      then.micro = play.price_micro;
      play.amount_pico = amount_of(then, play.imp_milli, play.target_imp_milli).pico;
    }
    if (settled(play) != known->second.state) {
      if (auto adjusted = adjust(play, &known->second); !adjusted) return adjusted;
    }
    return known->second.in_table ? ok() : write_late(std::move(play));
  }
  const auto news = news_.find(play.day);
  if (news == news_.end()) return ok();
  const auto booked = booked_.find(play.day);
  if (booked != booked_.end() && booked->second.closed) {
    if (auto adjusted = adjust(play, nullptr); !adjusted) return adjusted;
    return write_late(std::move(play));
  }
  play.closed = current_[play.day].closed;
  News& day = news->second;
  day.hash.add(play);
  ++day.rows;
  day.billable += play.cause == Reason::none ? 1 : 0;
  add_to(plays_, play);
  return plays_.rows() < kRowsAtOnce ? ok() : flush();
}

Status BillingRun::write_late(BilledPlay play) {
  play.closed = play.restated = true;
  add_to(plays_, play);
  return plays_.rows() < kRowsAtOnce ? ok() : flush();
}

Status BillingRun::adjust(const BilledPlay& play, const Known* known) {
  Adjustment line;
  line.key = key_of(play);
  line.n = known == nullptr ? 1 : known->adjusted + 1;
  line.campaign = play.campaign;
  if (known != nullptr) line.before = known->state;
  line.after = settled(play);
  line.price_micro = play.price_micro;
  line.currency = play.currency;
  line.noted_at_us = now_utc_us_;
  line.month = statement_month(play);
  adjustments_.push_back(to_sql(line));
  ++outcome_.adjustments;
  return ok();
}

std::int64_t BillingRun::statement_month(const BilledPlay& play) {
  if (!last_statement_) {
    last_statement_.emplace();
    auto read =
        inputs_.store.query("SELECT campaign, max(month) FROM bill_statement GROUP BY campaign",
                            [&](const SqlRow& row) {
                              last_statement_->emplace(static_cast<CampaignId>(sql_integer(row[0])),
                                                       sql_integer(row[1]));
                              return ok();
                            });
    if (!read) log_error("{}; adjustments go to the month of their plays", read.error().message);
  }
  const CivilDate date = civil_from_days(play.day);
  const std::int64_t own = 12 * std::int64_t{date.year} + date.month - 1;
  const auto last = last_statement_->find(play.campaign);
  return last == last_statement_->end() ? own : std::max(own, last->second + 1);
}

// Adjustments first: a row that stands in the table without its line would never get one.
Status BillingRun::flush() {
  if (!adjustments_.empty()) {
    if (auto done = inputs_.store.append(adjustment_table(), adjustments_); !done) return done;
    adjustments_.clear();
  }
  if (plays_.rows() != 0) {
    if (auto done = inputs_.store.append(plays_); !done) return done;
    plays_.drop_first(plays_.rows());
  }
  return ok();
}

Status BillingRun::finish_days() {
  for (auto& [number, news] : news_) {
    BilledDay day = current_[number];
    const auto found = booked_.find(number);
    if (found != booked_.end() && found->second.closed) {
      // Closed it stays as it was; what it would be made from now is noted, so that the next run
      // does not look at it again.
      const std::int64_t fingerprint = day.fingerprint;
      day = found->second;
      day.fingerprint = fingerprint;
    } else {
      day.rows = news.rows;
      day.billable = news.billable;
      day.hash = news.hash.finish();
    }
    day.complete = true;
    if (auto noted = write_day(inputs_.store, day); !noted) return noted;
    outcome_.written.push_back(number);
  }
  return ok();
}

}  // namespace vitrine::billing
