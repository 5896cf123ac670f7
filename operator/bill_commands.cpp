#include "bill_commands.hpp"

#include <cstdio>

#include "operator/billing_text.hpp"

namespace vitrine::op {
namespace {

constexpr int kNotDone = 1;
constexpr std::int64_t kMostCalls = 100'000;  // a round

int complain(const std::string& verb, const Error& error) {
  std::fprintf(stderr, "vitrine bill %s: %s\n", verb.c_str(), error.message.c_str());
  return kNotDone;
}

}  // namespace

void BillCommands::add_to(cli::App& app) {
  auto* bill = app.add_subcommand("bill", "what plays are paid: by day, closed, and by the month");
  bill->add_option("verb", verb_)
      ->check(cli::one_of({"run", "close", "statement", "reconcile", "call"}))
      ->required();
  bill->add_option("--config", config_, "backend.toml")->required();
  bill->add_option("--campaign", campaign_, "statement: whose");
  bill->add_option("--month", month_, "statement: of which month, YYYY-MM");
}

bool BillCommands::called(const cli::App& app) const {
  return app.got_subcommand("bill");
}

int BillCommands::run(const Clock& clock) const {
  auto config = read_billing_config(config_);
  if (!config) return complain(verb_, config.error());
  bool holds = true;
  auto text = bill(*config, verb_, clock.realtime(), holds);
  if (!text) return complain(verb_, text.error());
  std::fputs(text->c_str(), stdout);
  return holds ? 0 : kNotDone;
}

Result<std::string> BillCommands::bill(const BillingConfig& config, const std::string& verb,
                                       std::int64_t now_utc_us, bool& holds) const {
  if (verb == "reconcile") {
    auto books = reconcile(config);
    if (!books) return std::move(books).error();
    holds = books->holds();
    return reconciliation_text(*books);
  }
  if (verb == "statement") {
    if (campaign_ == 0 || month_.empty())
      return fail(ErrorCode::invalid, "--campaign and --month say of what");
    auto month = parse_month(month_);
    if (!month) return std::move(month).error().context("--month");
    auto statement = make_statement(config, campaign_, *month, now_utc_us);
    if (!statement) return std::move(statement).error();
    return statement_text(*statement);
  }
  if (verb == "call") {
    auto round = call_proofs(config, now_utc_us, kMostCalls);
    if (!round) return std::move(round).error();
    holds = round->failed == 0;
    return round_text(*round);
  }
  auto outcome = run_billing(config, verb == "close", now_utc_us);
  if (!outcome) return std::move(outcome).error();
  holds = outcome->waiting.empty();
  return outcome_text(*outcome);
}

}  // namespace vitrine::op
