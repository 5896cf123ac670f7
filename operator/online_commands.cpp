#include "online_commands.hpp"

#include <cstdio>

#include "backflow/online_file.hpp"
#include "backflow/scan_journal.hpp"
#include "backflow/scan_rates.hpp"
#include "backflow/scan_tie.hpp"

namespace vitrine::op {
namespace {

constexpr int kKeptAside = 2;

int refuse_online(const char* command, const Error& error) {
  std::fprintf(stderr, "vitrine online %s: %s\n", command, error.message.c_str());
  return 1;
}

// On stderr, at most one line in five seconds: a file of 10 GB is a matter of minutes.
class LoadProgress {
 public:
  explicit LoadProgress(const Clock& clock) : clock_(clock), said_at_(clock.boottime()) {}
  void operator()(std::int64_t done, std::int64_t all) {
    const Micros now = clock_.boottime();
    if (now - said_at_ < 5 * kSecond) return;
    said_at_ = now;
    std::fprintf(stderr, "  %lld of %lld MiB\n", static_cast<long long>(done >> 20),
                 static_cast<long long>(all >> 20));
  }

 private:
  const Clock& clock_;
  Micros said_at_;
};

struct Opened {
  OnlineConfig config;
  std::unique_ptr<SqlStore> store;
};

Result<Opened> open_store(const std::string& config_file) {
  auto config = read_online_config(config_file);
  if (!config) return std::move(config).error();
  auto store = open_sql_store(config->store);
  if (!store) return std::move(store).error();
  return Opened{*std::move(config), *std::move(store)};
}

}  // namespace

void OnlineCommands::add_to(cli::App& app) {
  online_ = app.add_subcommand("online", "what comes from the online side; see docs/online.md");
  online_->require_subcommand(1);
  const auto add = [&](const char* name, const char* what) {
    auto* command = online_->add_subcommand(name, what);
    command->add_option("--config", config_, "backend.toml")->required();
    return command;
  };
  auto* load = add("load", "put a file, CSV or NDJSON, into the store, each row once");
  load->add_option("kind", kind_)
      ->check(
          cli::one_of(std::vector<std::string>(kOnlineKindNames.begin(), kOnlineKindNames.end())))
      ->required();
  load->add_option("file", file_)->required();
  load->add_option("--rejected", rejected_, "where rows with faults go; FILE.rejected.csv");
  auto* erase = add("erase", "remove an id from every table, for good");
  erase->add_option("--id-type", id_type_, "as in the files")->required();
  erase->add_option("--id-hash", id_hash_, "as in the files")->required();
  add("expire", "remove what is older than [online] keep_days");
  auto* tie = add("tie", "read the scans of vitrine-redirect and tie them to their plays");
  tie->add_option("--days", days_, "the last days alone: 2 every minute, all of them every night")
      ->check(cli::range(1, 31))
      ->capture_default_str();
  auto* rates = add("rates", "scans a thousand plays, by landing type and campaign");
  rates->add_option("--from", from_, "first day, 2026-11-21")->required();
  rates->add_option("--to", to_, "last day")->required();
}

bool OnlineCommands::called(const cli::App& app) const {
  return app.got_subcommand("online");
}

int OnlineCommands::run(const Clock& clock) const {
  if (online_->got_subcommand("load")) return load(clock);
  if (online_->got_subcommand("erase")) return erase(clock);
  if (online_->got_subcommand("expire")) return expire(clock);
  if (online_->got_subcommand("tie")) return tie(clock);
  return rates();
}

int OnlineCommands::load(const Clock& clock) const {
  auto opened = open_store(config_);
  if (!opened) return refuse_online("load", opened.error());
  const OnlineFile file{*online_kind(kind_), file_, rejected_};
  const OnlineRules rules{opened->config.zone, clock.realtime(), opened->config.keep_days};
  auto counts = load_online_file(*opened->store, file, rules, LoadProgress(clock));
  if (!counts) return refuse_online("load", counts.error());
  const std::string aside = rejected_.empty() ? file_ + ".rejected.csv" : rejected_;
  const bool clean = counts->rejected.empty();
  std::printf("%s %s: %s%s\n", kind_.c_str(), file_.c_str(), counts->text().c_str(),
              clean ? "" : ("; kept aside in " + aside).c_str());
  return clean ? 0 : kKeptAside;
}

int OnlineCommands::erase(const Clock& clock) const {
  auto opened = open_store(config_);
  if (!opened) return refuse_online("erase", opened.error());
  auto rows = erase_online_id(*opened->store, id_type_, id_hash_, clock.realtime());
  if (!rows) return refuse_online("erase", rows.error());
  std::printf("erased: %lld rows; what is loaded later and is of before now stays out\n",
              static_cast<long long>(*rows));
  return 0;
}

int OnlineCommands::expire(const Clock& clock) const {
  auto opened = open_store(config_);
  if (!opened) return refuse_online("expire", opened.error());
  const std::int64_t first_day =
      local_time(opened->config.zone, clock.realtime() / kSecond).day - opened->config.keep_days;
  auto rows = expire_online(*opened->store, first_day);
  if (!rows) return refuse_online("expire", rows.error());
  if (!opened->config.journal.empty()) {
    auto files = expire_scan_journal(opened->config.journal, first_day);
    if (!files) return refuse_online("expire", files.error());
  }
  const CivilDate first = civil_from_days(first_day);
  std::printf("removed: %lld rows from before %04d-%02d-%02d\n", static_cast<long long>(*rows),
              first.year, first.month, first.day);
  return 0;
}

int OnlineCommands::tie(const Clock& clock) const {
  auto opened = open_store(config_);
  if (!opened) return refuse_online("tie", opened.error());
  if (opened->config.journal.empty())
    return refuse_online("tie",
                         fail(ErrorCode::invalid, config_ + ": redirect.journal is missing"));
  auto report = tie_stored_scans(*opened->store, opened->config.journal, clock.realtime(), days_);
  if (!report) return refuse_online("tie", report.error());
  std::fputs(report->text().c_str(), stdout);
  return 0;
}

int OnlineCommands::rates() const {
  const auto first = parse_date(from_), last = parse_date(to_);
  if (!first) return refuse_online("rates", first.error());
  if (!last) return refuse_online("rates", last.error());
  auto opened = open_store(config_);
  if (!opened) return refuse_online("rates", opened.error());
  auto rates = scan_rates(*opened->store, *first, *last);
  if (!rates) return refuse_online("rates", rates.error());
  std::fputs(scan_rates_text(*rates).c_str(), stdout);
  return 0;
}

}  // namespace vitrine::op
