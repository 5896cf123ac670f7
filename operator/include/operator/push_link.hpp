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
           const Registry& registry, const Clock& clock);

  // Publishes the envelope, again and again until vitrine-desired answers (it takes the same bytes
  // twice, and a push finds no queue anywhere while it has no link), and returns the command's exit
  // code; every outcome has its line.
  int run(const std::string& jws);

 private:
  Status open(const std::string& jws);
  bool wait_for_reply(Micros deadline);
  void reconnect();
  void say(const std::string& line);
  int follow();
  void heard(const MqttMessage& message);
  void publish();
  void draw();  // the bar, on a terminal
  int refuse(const std::string& line) const;
  std::string title() const;

  const PushOptions& options_;
  DocumentHeader header_;
  const Clock& clock_;
  Rollout rollout_;
  std::unique_ptr<MqttTransport> transport_;
  std::string jws_;
  std::string trouble_;  // why the link is not up
  bool lost_ = false;
  int published_ = 0;  // times
  Micros next_publish_ = 0;
  Micros next_connect_ = 0;
  int attempts_ = 0;
  std::optional<PushReply> reply_;
  std::string stopped_;  // what stopped its rollout
  bool bar_ = false;     // there is a terminal, and a bar on its last line
};

}  // namespace vitrine::op
