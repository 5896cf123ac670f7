// How an operator reaches the broker: host and port, and who they are there.
#pragma once

#include <string>

#include "mqtt/transport.hpp"

namespace vitrine::op {

struct BrokerOptions {
  std::string operator_name;  // MQTT user = CN of the certificate
  std::string broker;         // HOST:PORT
  std::string ca_file, certificate_file, tls_key_file;
};

// Refuses what is not "127.0.0.1:8883" or "[::1]:8883".
Result<MqttOptions> mqtt_options(const BrokerOptions& options);

}  // namespace vitrine::op
