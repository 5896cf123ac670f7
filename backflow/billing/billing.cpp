#include "backflow/billing.hpp"

#include <memory>

#include "billing/billing_run.hpp"
#include "billing/proof_calls.hpp"
#include "billing/statement.hpp"
#include "billing/statement_table.hpp"
#include "platform/config.hpp"
#include "platform/log.hpp"
#include "protocol/documents.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kMostRegistry = 64 * 1024 * 1024;

Result<std::unique_ptr<SqlStore>> open_store(const BillingConfig& config) {
  auto store = open_sql_store(config.store);
  if (!store) return store;
  if (auto made = billing::create_billing_tables(**store); !made) return std::move(made).error();
  return store;
}

struct PriceFile {
  billing::Prices prices;
  std::int64_t hash = 0;
};

Result<PriceFile> read_price_file(const fs::path& file) {
  PriceFile read;
  if (file.empty()) return read;
  auto text = read_text(file);
  if (!text) return std::move(text).error();
  auto prices = billing::read_prices(*text);
  if (!prices) return std::move(prices).error().context(file.string());
  read.prices = *std::move(prices);
  read.hash = read_le64(sha256(as_bytes(*text)).data());
  return read;
}

Result<std::optional<BillStatement>> issued_statement(SqlStore& store, CampaignId campaign,
                                                      std::int64_t month) {
  std::optional<BillStatement> found;
  auto done = store.query(
      "SELECT json, sha256, key_id, signature FROM bill_statement WHERE campaign = " +
          std::to_string(campaign) + " AND month = " + std::to_string(month),
      [&](const SqlRow& row) {
        found = {sql_text(row[0]), sql_text(row[1]), sql_text(row[2]), sql_text(row[3]), true};
        return ok();
      });
  if (!done) return std::move(done).error();
  return found;
}

Status sign(const BillingConfig& config, BillStatement& statement) {
  if (config.sign_key.empty()) return ok();
  auto key = read_private_key(config.sign_key);
  if (!key) return std::move(key).error();
  const Signature signature = key->sign(as_bytes("vt1statement" + statement.json));
  statement.key_id = config.key_id;
  statement.signature = to_base64url(signature);
  return ok();
}

// What the rows of a closed day hash to now.
Status check_closed(SqlStore& store, const billing::BilledDay& day, Reconciliation& result) {
  billing::DayHash hash;
  std::int64_t rows = 0;
  auto read = store.query("SELECT * FROM billed_play WHERE day = " + std::to_string(day.day) +
                              " AND restated = 0 ORDER BY device, log_id, seq",
                          [&](const SqlRow& row) -> Status {
                            auto play = billed_play_of(row);
                            if (!play) return std::move(play).error();
                            hash.add(*play);
                            ++rows;
                            return ok();
                          });
  if (!read) return read;
  const std::string date = format_utc(day.day * (kDay / kSecond)).substr(0, 10);
  if (rows != day.rows)
    result.faults.push_back(date + " was closed with " + std::to_string(day.rows) +
                            " rows and has " + std::to_string(rows));
  else if (hash.finish() != day.hash)
    result.faults.push_back(date + " was closed by " + to_hex(day.hash) +
                            " and its rows are others now");
  return ok();
}

}  // namespace

Result<BillingConfig> read_billing_config(const fs::path& path) {
  auto file = Config::read(path);
  if (!file) return std::move(file).error();
  BillingConfig config;
  for (auto taken :
       {file->need("ingest.store", config.store), file->need("registry", config.registry),
        file->need("desired.archive", config.archive)}) {
    if (!taken) return std::move(taken).error();
  }
  config.origin = file->path_or("bill.origin", "");
  config.prices = file->path_or("bill.prices", "");
  config.sign_key = file->text_or("ingest.sign_key", "");
  config.key_id = file->text_or("ingest.key_id", "");
  config.outbox = file->path_or("bill.outbox", "");
  config.call_ca = file->path_or("bill.call_ca", "");
  return config;
}

std::int64_t BillingOutcome::billable() const {
  const auto found = by_cause.find(Reason::none);
  return found == by_cause.end() ? 0 : found->second;
}

Result<BillingOutcome> run_billing(const BillingConfig& config, bool close,
                                   std::int64_t now_utc_us) {
  auto text = read_text(config.registry, kMostRegistry);
  if (!text) return std::move(text).error();
  auto registry = read_registry(*text);
  if (!registry) return std::move(registry).error().context(config.registry.string());
  auto prices = read_price_file(config.prices);
  if (!prices) return std::move(prices).error();
  auto store = open_store(config);
  if (!store) return std::move(store).error();
  billing::DocumentBook documents(config.archive, config.origin);
  billing::BillingRun run({**store, *registry, prices->prices, prices->hash, documents});
  return run.run(close, now_utc_us);
}

Result<BillStatement> make_statement(const BillingConfig& config, CampaignId campaign,
                                     std::int64_t month, std::int64_t now_utc_us) {
  auto store = open_store(config);
  if (!store) return std::move(store).error();
  auto issued = issued_statement(**store, campaign, month);
  if (!issued) return std::move(issued).error();
  if (*issued) return **issued;
  auto json = billing::statement_json(**store, campaign, month, now_utc_us);
  if (!json) return std::move(json).error();
  BillStatement statement{*std::move(json), "", "", "", false};
  statement.sha256 = to_hex(sha256(as_bytes(statement.json)));
  if (auto is_signed = sign(config, statement); !is_signed) return std::move(is_signed).error();
  const SqlRow row{
      std::int64_t{campaign}, month,     statement.sha256, statement.json, statement.key_id,
      statement.signature,    now_utc_us};
  if (auto kept = (*store)->append(billing::statement_table(), std::span(&row, 1)); !kept)
    return std::move(kept).error();
  return statement;
}

Result<std::int64_t> parse_month(const std::string& text) {
  auto day = parse_date(text + "-01");
  if (!day) return fail(ErrorCode::invalid, "a month as 2026-11 expected, found '" + text + "'");
  const CivilDate date = civil_from_days(*day);
  return 12 * std::int64_t{date.year} + date.month - 1;
}

std::string month_text(std::int64_t month) {
  return format_utc(billing::days_of(month).first * (kDay / kSecond)).substr(0, 7);
}

Result<Reconciliation> reconcile(const BillingConfig& config) {
  auto store = open_store(config);
  if (!store) return std::move(store).error();
  Reconciliation result;
  auto ranges = billing::screen_ranges(**store, 1);
  if (!ranges) return std::move(ranges).error();
  for (const billing::ScreenRange& range : *ranges) result.stored += range.rows;
  auto read = (*store)->query("SELECT cause, count(*) FROM billed_play GROUP BY cause",
                              [&](const SqlRow& row) {
                                const std::int64_t count = sql_integer(row[1]);
                                result.by_cause[static_cast<Reason>(sql_integer(row[0]))] = count;
                                result.billed += count;
                                return ok();
                              });
  if (!read) return std::move(read).error();
  auto conflicts = sql_scalar(**store, "SELECT count(*) FROM conflict");
  if (!conflicts) return std::move(conflicts).error();
  result.conflicts = sql_integer(*conflicts);
  if (result.stored != result.billed)
    result.faults.push_back(std::to_string(result.stored) + " plays are stored and " +
                            std::to_string(result.billed) +
                            " are billed or rejected (vitrine bill run)");
  auto days = billing::read_days(**store);
  if (!days) return std::move(days).error();
  for (const auto& [number, day] : *days) {
    if (!day.closed) {
      result.open_days += day.rows != 0 ? 1 : 0;
      continue;
    }
    ++result.closed_days;
    if (auto checked = check_closed(**store, day, result); !checked)
      return std::move(checked).error();
  }
  return result;
}

Result<ProofRound> call_proofs(const BillingConfig& config, std::int64_t now_utc_us,
                               std::int64_t most) {
  if (config.outbox.empty())
    return fail(ErrorCode::invalid, "bill.outbox is not set: nobody would know who was called");
  auto prices = read_price_file(config.prices);
  if (!prices) return std::move(prices).error();
  auto store = open_store(config);
  if (!store) return std::move(store).error();
  auto outbox = billing::ProofOutbox::open(config.outbox);
  if (!outbox) return std::move(outbox).error();
  auto taken = outbox->take_up(**store, prices->prices);
  if (!taken) return std::move(taken).error();
  auto fired = outbox->fire(billing::make_http_get(config.call_ca), now_utc_us, most);
  if (!fired) return std::move(fired).error();
  return ProofRound{*taken, fired->done, fired->failed, fired->waiting, fired->last_failure};
}

}  // namespace vitrine
