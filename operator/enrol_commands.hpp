// The sub-commands around enrolment: token and revoke in the backend, enrol on the device.
#pragma once

#include "backflow/enrolment.hpp"
#include "operator/enrol.hpp"
#include "platform/command_line.hpp"

namespace vitrine::op {

class EnrolCommands {
 public:
  void add_to(cli::App& app);
  bool called(const cli::App& app) const;
  int run(const cli::App& app) const;  // the exit code

 private:
  int spend_token() const;
  int give_token(const EnrolConfig& config) const;

  std::string config_;
  TokenRequest token_;
  std::string revoked_;
  fs::path bundle_;    // of token: where to write it
  std::string board_;  // of token --bundle
  int days_ = 7;       // likewise
  EnrolOptions enrol_;
  bool pending_ = false;
};

}  // namespace vitrine::op
