// What a network earned: stored plays -> billed_play, closed days, statements (docs/contracts.md,
// "Billing" and "Close"). Every call reads the store as it is and may be made again at any time; a
// call that was killed is made good by the next one. One caller at a time on one store.
//
// backend.toml: registry; ingest.store; desired.archive; [bill] prices = "prices.csv", origin =
// "DIR" where bodies of large documents lie below documents/ (both may be left out);
// ingest.sign_key and ingest.key_id sign statements.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "platform/file.hpp"
#include "protocol/reason.hpp"

namespace vitrine {

struct BillingConfig {
  std::string store;  // as open_sql_store() takes it
  fs::path registry;
  fs::path archive;
  fs::path origin;    // empty: none
  fs::path prices;    // empty: nothing has a price
  fs::path sign_key;  // empty: statements are not signed
  std::string key_id;
};
Result<BillingConfig> read_billing_config(const fs::path& file);

struct BillingOutcome {
  std::int64_t rows = 0;                    // plays in the store, each key once
  std::int64_t repeated = 0;                // rows that stand in the store more than once
  std::map<Reason, std::int64_t> by_cause;  // none = billable; adds up to `rows`
  std::int64_t unknown_time = 0;            // plays of no day
  std::vector<std::int64_t> written;        // days that were done anew
  std::vector<std::int64_t> closed;         // days that this call closed
  std::vector<std::int64_t> waiting;        // due, but documents of their rows are not there
  std::int64_t adjustments = 0;             // lines that this call wrote
  std::int64_t implausible = 0;             // exposure rows that were left out
  std::int64_t unvalued = 0;                // amounts too large to be one play's: not billed
  std::set<ScreenId> unknown_screens;       // not in the registry: area 0, UTC
  std::set<std::string> missing;            // documents, a line each

  std::int64_t billable() const;
};

// Bills the days with news. `close`: closes each day that is due besides (`now_utc_us` = now).
Result<BillingOutcome> run_billing(const BillingConfig& config, bool close,
                                   std::int64_t now_utc_us);

struct Statement {
  std::string json;       // canonical
  std::string sha256;     // of it, hex
  std::string key_id;     // empty: not signed
  std::string signature;  // base64url, Ed25519 over "vt1statement" and the JSON
  bool issued_before = false;
};
// A campaign's month (12 x year + month - 1), whose days must be closed. Issued once: what was is
// returned as it was, whatever came since.
Result<Statement> make_statement(const BillingConfig& config, CampaignId campaign,
                                 std::int64_t month, std::int64_t now_utc_us);
Result<std::int64_t> parse_month(const std::string& text);  // "2026-11"
std::string month_text(std::int64_t month);

struct Reconciliation {
  std::int64_t stored = 0;  // plays, each key once
  std::int64_t billed = 0;  // rows of billed_play
  std::map<Reason, std::int64_t> by_cause;
  std::int64_t conflicts = 0;  // keys that came with two contents; neither is paid
  std::int64_t open_days = 0, closed_days = 0;
  std::vector<std::string> faults;  // one line each

  bool holds() const { return faults.empty(); }
};
// Billable + rejected by cause = all, and every closed day still has the hash that closed it.
Result<Reconciliation> reconcile(const BillingConfig& config);

}  // namespace vitrine
