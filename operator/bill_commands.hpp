// The sub-commands around money: bill run, close, statement, reconcile, call; export plays,
// statement.
#pragma once

#include <CLI/CLI.hpp>

#include "backflow/billing.hpp"
#include "operator/export_csv.hpp"
#include "platform/clock.hpp"

namespace vitrine::op {

class BillCommands {
 public:
  void add_to(CLI::App& app);
  bool called(const CLI::App& app) const;
  int run(const CLI::App& app, const Clock& clock) const;  // the exit code

 private:
  Result<std::string> bill(const BillingConfig& config, const std::string& verb,
                           std::int64_t now_utc_us, bool& holds) const;
  int export_csv(const BillingConfig& config, const Clock& clock) const;

  std::string config_;
  std::string verb_;
  std::string what_;
  CampaignId campaign_ = 0;
  std::string month_;
  std::string from_, until_;
  bool csv_ = true;
};

}  // namespace vitrine::op
