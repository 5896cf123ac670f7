// The sub-commands around enrolment: token and revoke in the backend, enrol on the device.
#pragma once

#include <CLI/CLI.hpp>

#include "backflow/enrolment.hpp"
#include "operator/enrol.hpp"

namespace vitrine::op {

class EnrolCommands {
 public:
  void add_to(CLI::App& app);
  bool called(const CLI::App& app) const;
  int run(const CLI::App& app) const;  // the exit code

 private:
  std::string config_;
  TokenRequest token_;
  std::string revoked_;
  EnrolOptions enrol_;
};

}  // namespace vitrine::op
