// The MQTT side of a push: publish, wait for the reply, follow the screens. One thread; everything
// happens inside run().
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "mqtt/transport.hpp"
#include "operator/push.hpp"
#include "operator/rollout.hpp"
#include "protocol/documents.hpp"

namespace vitrine::op {

class PushLink {
 public:
  PushLink(const PushOptions& options, const DocumentHeader& header, std::set<std::string> hashes,
           const Clock& clock);

  // Publishes the envelope and returns the command's exit code; every outcome has its line.
  int run(const std::string& jws);

 private:
  Status open(const std::string& jws);
  bool wait_for_reply(Micros deadline);
  int follow();
  void heard(const MqttMessage& message);
  std::string title() const;

  const PushOptions& options_;
  DocumentHeader header_;
  const Clock& clock_;
  Rollout rollout_;
  std::unique_ptr<MqttTransport> transport_;
  std::string jws_;
  std::string trouble_;  // why the link is not up
  bool lost_ = false;
  bool published_ = false;
  std::optional<PushReply> reply_;
};

}  // namespace vitrine::op
