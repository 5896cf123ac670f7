#include "billing/statement.hpp"

#include "backflow/billing.hpp"
#include "billing/adjustments.hpp"
#include "billing/statement_table.hpp"
#include "protocol/json.hpp"

namespace vitrine::billing {
namespace {

std::string date_of(std::int64_t day) {
  return format_utc(day * (kDay / kSecond)).substr(0, 10);
}

// A day of a campaign.
struct DayLine {
  std::int64_t plays = 0, billable = 0, ghosts = 0, misses = 0;
  std::int64_t observed_milli = 0, modelled_milli = 0;  // impressions of what is billable
  std::map<Reason, std::int64_t> rejected;
  Money amount;

  void add(const DayLine& other) {
    plays += other.plays;
    billable += other.billable;
    ghosts += other.ghosts;
    misses += other.misses;
    observed_milli += other.observed_milli;
    modelled_milli += other.modelled_milli;
    for (const auto& [cause, count] : other.rejected) rejected[cause] += count;
    amount.add(other.amount);
  }
  Json::Object json() const {
    Json::Object causes;
    for (const auto& [cause, count] : rejected) causes.emplace(name_of(cause), count);
    return {{"plays", plays},
            {"billable", billable},
            {"rejected", std::move(causes)},
            {"ghosts", ghosts},
            {"misses", misses},
            {"observed_imp_milli", observed_milli},
            {"modelled_imp_milli", modelled_milli},
            {"amount", amount.text()}};
  }
};

class MonthOfCampaign {
 public:
  MonthOfCampaign(SqlStore& store, CampaignId campaign, std::int64_t month)
      : store_(store), campaign_(campaign), month_(month) {}

  Status read_days_of_campaign() {
    const MonthDays days = days_of(month_);
    return store_.query(
        "SELECT day, hour, kind, cause, observed, currency, count(*), sum(imp_milli), "
        "sum(amount_pico), max(amount_pico) FROM billed_play WHERE campaign = " +
            std::to_string(campaign_) + " AND restated = 0 AND day >= " +
            std::to_string(days.first) + " AND day <= " + std::to_string(days.last) +
            " GROUP BY day, hour, kind, cause, observed, currency",
        [&](const SqlRow& row) { return take(row); });
  }

  Status read_adjustments() {
    return store_.query(
        "SELECT * FROM bill_adjustment WHERE campaign = " + std::to_string(campaign_) +
            " AND month = " + std::to_string(month_) + " ORDER BY device, log_id, seq, n",
        [&](const SqlRow& row) -> Status {
          auto line = adjustment_of(row);
          if (!line) return std::move(line).error();
          if (auto same = use(line->currency); !same) return same;
          adjusted_.add(line->amount_pico());
          lines_.emplace_back(json_of(*line));
          return ok();
        });
  }

  std::string json(const std::map<std::int64_t, BilledDay>& closed) {
    Json::Array days;
    DayLine total;
    for (const auto& [day, line] : days_) {
      Json::Object entry = line.json();
      entry.emplace("day", date_of(day));
      const auto found = closed.find(day);
      if (found != closed.end()) entry.emplace("closed_by", to_hex(found->second.hash));
      days.emplace_back(std::move(entry));
      total.add(line);
    }
    Money payable = total.amount;
    payable.add(adjusted_);
    return write_json(Json::Object{{"campaign", std::int64_t{campaign_}},
                                   {"month", month_text(month_)},
                                   {"currency", currency_},
                                   {"days", std::move(days)},
                                   {"total", total.json()},
                                   {"adjustments", std::move(lines_)},
                                   {"adjusted", adjusted_.text()},
                                   {"payable", payable.text()}});
  }

 private:
  Status take(const SqlRow& row) {
    const auto kind = static_cast<PlayKind>(sql_integer(row[2]));
    const auto cause = static_cast<Reason>(sql_integer(row[3]));
    const std::int64_t count = sql_integer(row[6]);
    if (auto same = use(sql_text(row[5])); !same) return same;
    DayLine& line = days_[sql_integer(row[0])];
    if (kind == PlayKind::ghost || kind == PlayKind::miss) {
      (kind == PlayKind::ghost ? line.ghosts : line.misses) += count;
      return ok();
    }
    line.plays += count;
    if (cause != Reason::none) {
      line.rejected[cause] += count;
      return ok();
    }
    line.billable += count;
    const bool observed = sql_integer(row[4]) == 1;
    (observed ? line.observed_milli : line.modelled_milli) += sql_integer(row[7]);
    if (!exact_product(count, sql_integer(row[9])))
      return fail(ErrorCode::exhausted, "an hour of campaign " + std::to_string(campaign_) +
                                            " on " + date_of(sql_integer(row[0])) +
                                            " may be above 9.2 million: its sum is not certain");
    line.amount.add(sql_integer(row[8]));
    return ok();
  }

  Status use(const std::string& currency) {
    if (currency.empty() || currency == currency_) return ok();
    if (!currency_.empty())
      return fail(ErrorCode::conflict, "campaign " + std::to_string(campaign_) + " has prices in " +
                                           currency_ + " and " + currency + " in " +
                                           month_text(month_));
    currency_ = currency;
    return ok();
  }

  static Json::Object json_of(const SettledPlay& play) {
    Json::Object entry{{"day", play.day == 0 ? std::string() : date_of(play.day)},
                       {"cause", std::string(name_of(play.cause))},
                       {"amount", Money(play.amount_pico).text()}};
    if (play.imp_milli != kAbsent) entry.emplace("imp_milli", play.imp_milli);
    return entry;
  }

  static Json::Object json_of(const Adjustment& line) {
    const auto& [device, log_id, seq] = line.key;
    Json::Object entry{{"device", device},
                       {"log_id", log_id},
                       {"seq", seq},
                       {"n", line.n},
                       {"after", json_of(line.after)},
                       {"amount", Money(line.amount_pico()).text()}};
    if (line.before) entry.emplace("before", json_of(*line.before));
    return entry;
  }

  SqlStore& store_;
  CampaignId campaign_;
  std::int64_t month_;
  std::map<std::int64_t, DayLine> days_;
  std::string currency_;
  Json::Array lines_;
  Money adjusted_;
};

}  // namespace

const SqlTable& statement_table() {
  using enum SqlType;
  static const SqlTable table{"bill_statement",
                              {{"campaign", integer},
                               {"month", integer},
                               {"sha256", text},
                               {"json", text},
                               {"key_id", text},
                               {"signature", text},
                               {"issued_at_us", integer}},
                              {"campaign", "month"}};
  return table;
}

MonthDays days_of(std::int64_t month) {
  const auto first = [](std::int64_t of) {
    return days_from_civil({static_cast<int>(of / 12), static_cast<int>(of % 12) + 1, 1});
  };
  return {first(month), first(month + 1) - 1};
}

Result<std::string> statement_json(SqlStore& store, CampaignId campaign, std::int64_t month,
                                   std::int64_t now_utc_us) {
  const MonthDays days = days_of(month);
  if (now_utc_us < closes_at_us(days.last))
    return fail(ErrorCode::unavailable,
                month_text(month) + " is not over: its last day closes at " +
                    format_utc(closes_at_us(days.last) / kSecond) + "; nothing was issued");
  auto booked = read_days(store);
  if (!booked) return std::move(booked).error();
  for (auto day = booked->lower_bound(days.first); day != booked->end() && day->first <= days.last;
       ++day) {
    if (!day->second.closed && day->second.rows != 0)
      return fail(ErrorCode::unavailable, date_of(day->first) +
                                              " is not closed (vitrine bill close); nothing was "
                                              "issued");
  }
  MonthOfCampaign report(store, campaign, month);
  if (auto read = report.read_days_of_campaign(); !read) return std::move(read).error();
  if (auto read = report.read_adjustments(); !read) return std::move(read).error();
  return report.json(*booked);
}

}  // namespace vitrine::billing
