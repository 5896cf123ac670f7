// The sub-commands around money: bill run, close, statement, reconcile, call.
#pragma once

#include "backflow/billing.hpp"
#include "platform/clock.hpp"
#include "platform/command_line.hpp"

namespace vitrine::op {

class BillCommands {
 public:
  void add_to(cli::App& app);
  bool called(const cli::App& app) const;
  int run(const Clock& clock) const;  // the exit code

 private:
  Result<std::string> bill(const BillingConfig& config, const std::string& verb,
                           std::int64_t now_utc_us, bool& holds) const;

  std::string config_;
  std::string verb_;
  CampaignId campaign_ = 0;
  std::string month_;
};

}  // namespace vitrine::op
