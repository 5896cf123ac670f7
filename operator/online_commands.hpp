// The sub-commands around what comes from the online side: load, erase, expire, tie, rates.
#pragma once

#include "platform/clock.hpp"
#include "platform/command_line.hpp"

namespace vitrine::op {

class OnlineCommands {
 public:
  void add_to(cli::App& app);
  bool called(const cli::App& app) const;
  // The exit code: 0 done, 1 refused or not through, 2 done with rows kept aside.
  int run(const Clock& clock) const;

 private:
  int load(const Clock& clock) const;
  int erase(const Clock& clock) const;
  int expire(const Clock& clock) const;
  int tie(const Clock& clock) const;
  int rates() const;

  cli::App* online_ = nullptr;
  std::int64_t days_ = 31;
  std::string config_, kind_, file_, rejected_, id_type_, id_hash_, from_, to_;
};

}  // namespace vitrine::op
