// Bills a store. Two passes over the plays in the order of their keys: the first finds the days
// with news, the second writes those. What is in memory is a range of screens and, of closed days
// with news, their rows.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "backflow/billing.hpp"
#include "billing/adjustments.hpp"
#include "billing/day_books.hpp"
#include "billing/document_book.hpp"
#include "billing/prices.hpp"
#include "billing/raw_tables.hpp"

namespace vitrine::billing {

// All must outlive the run.
struct BillingInputs {
  SqlStore& store;
  const Registry& registry;
  const Prices& prices;
  std::int64_t prices_hash = 0;
  DocumentBook& documents;
};

Status create_billing_tables(SqlStore& store);

class BillingRun {
 public:
  explicit BillingRun(const BillingInputs& inputs);
  Result<BillingOutcome> run(bool close, std::int64_t now_utc_us);

 private:
  // What the statements say of a row of a closed day, and by which price.
  struct Known {
    SettledPlay state;
    std::int64_t price_micro = kAbsent;
    std::string currency;
    std::int64_t adjusted = 0;  // times
    bool in_table = false;      // false: its adjustment was written, the row was not
  };
  // A day that is done anew: what was written of it. A play of a closed day that by later fixes
  // belongs here stays where it is.
  struct News {
    DayHash hash;
    std::int64_t rows = 0;
    std::int64_t billable = 0;
  };
  struct Screen {
    RegisteredScreen entry;
    const ZoneTable* zone = nullptr;
  };
  using BilledPlayCall = std::function<Status(BilledPlay, bool unread)>;

  Status for_each_billed(const BilledPlayCall& call);
  BilledPlay bill(const StoredPlay& stored, bool& unread);
  const Screen& screen_of(const ScreenId& device);

  Status find_news(bool close, std::int64_t now_utc_us);
  Status read_known();
  Status clear_days();
  Status write(BilledPlay play);
  Status write_late(BilledPlay play);
  Status adjust(const BilledPlay& play, const Known* known);
  Status flush();
  Status finish_days();
  std::int64_t statement_month(const BilledPlay& play);

  BillingInputs inputs_;
  std::int64_t now_utc_us_ = 0;
  BillingOutcome outcome_;
  std::unordered_map<ScreenId, Screen> screens_;
  std::map<std::string, std::unique_ptr<ZoneTable>> zones_;
  std::map<std::int64_t, BilledDay> booked_;   // as the last run left them
  std::map<std::int64_t, BilledDay> current_;  // as they are now
  std::map<std::int64_t, News> news_;          // days to be done anew
  std::map<PlayKey, Known> known_;
  std::optional<std::map<CampaignId, std::int64_t>> last_statement_;
  SqlBlock plays_{billed_play_table()};  // to be appended
  std::vector<SqlRow> adjustments_;      // before them
};

}  // namespace vitrine::billing
