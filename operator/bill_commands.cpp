#include "bill_commands.hpp"

#include <cstdio>

#include "operator/billing_text.hpp"

namespace vitrine::op {
namespace {

constexpr int kNotDone = 1;
constexpr std::int64_t kMostCalls = 100'000;  // a round

int complain(const std::string& command, const Error& error) {
  std::fprintf(stderr, "vitrine %s: %s\n", command.c_str(), error.message.c_str());
  return kNotDone;
}

}  // namespace

void BillCommands::add_to(CLI::App& app) {
  auto* bill = app.add_subcommand("bill", "what plays are paid: by day, closed, and by the month");
  bill->add_option("verb", verb_)
      ->check(CLI::IsMember({"run", "close", "statement", "reconcile", "call"}))
      ->required();
  bill->add_option("--config", config_, "backend.toml")->required();
  bill->add_option("--campaign", campaign_, "statement: whose");
  bill->add_option("--month", month_, "statement: of which month, YYYY-MM");

  auto* out = app.add_subcommand("export", "billed plays, or a statement, as CSV");
  out->add_option("what", what_)->check(CLI::IsMember({"plays", "statement"}))->required();
  out->add_option("--config", config_, "backend.toml")->required();
  out->add_flag("--csv", csv_, "as CSV; there is no other form");
  out->add_option("--campaign", campaign_, "of this campaign alone");
  out->add_option("--from", from_, "plays: first local day, YYYY-MM-DD");
  out->add_option("--until", until_, "plays: last local day, YYYY-MM-DD");
  out->add_option("--month", month_, "statement: YYYY-MM");
}

bool BillCommands::called(const CLI::App& app) const {
  return app.got_subcommand("bill") || app.got_subcommand("export");
}

int BillCommands::run(const CLI::App& app, const Clock& clock) const {
  const bool exporting = app.got_subcommand("export");
  const std::string command = exporting ? "export " + what_ : "bill " + verb_;
  auto config = read_billing_config(config_);
  if (!config) return complain(command, config.error());
  if (exporting) return export_csv(*config, clock);
  bool holds = true;
  auto text = bill(*config, verb_, clock.realtime(), holds);
  if (!text) return complain(command, text.error());
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

int BillCommands::export_csv(const BillingConfig& config, const Clock& clock) const {
  const auto write = [](const std::string& line) { return std::fputs(line.c_str(), stdout) >= 0; };
  ExportScope scope{campaign_, kAbsent, kAbsent};
  if (what_ == "statement") {
    if (campaign_ == 0 || month_.empty())
      return complain("export statement",
                      fail(ErrorCode::invalid, "--campaign and --month say of what"));
    auto month = parse_month(month_);
    if (!month) return complain("export statement", std::move(month).error().context("--month"));
    auto statement = make_statement(config, campaign_, *month, clock.realtime());
    if (!statement) return complain("export statement", statement.error());
    auto csv = statement_csv(*statement);
    if (!csv) return complain("export statement", csv.error());
    return write(*csv) ? 0 : kNotDone;
  }
  for (const auto& [text, into] :
       {std::pair(&from_, &scope.first_day), std::pair(&until_, &scope.last_day)}) {
    if (text->empty()) continue;
    auto day = parse_date(*text);
    if (!day) return complain("export plays", day.error());
    *into = *day;
  }
  if (auto done = export_plays(config, scope, write); !done)
    return complain("export plays", done.error());
  return 0;
}

}  // namespace vitrine::op
