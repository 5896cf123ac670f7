#include "operator/broker_options.hpp"

#include <cstdlib>

namespace vitrine::op {

Result<MqttOptions> mqtt_options(const BrokerOptions& options) {
  MqttOptions mqtt;
  const auto colon = options.broker.rfind(':');
  char* end = nullptr;
  const long port =
      colon == std::string::npos ? 0 : std::strtol(options.broker.c_str() + colon + 1, &end, 10);
  if (colon == 0 || port < 1 || port > 65535 || *end != '\0') {
    return fail(ErrorCode::invalid, "--broker " + options.broker + " is not HOST:PORT");
  }
  mqtt.host = options.broker.substr(0, colon);
  if (mqtt.host.starts_with('[') && mqtt.host.ends_with(']'))
    mqtt.host = mqtt.host.substr(1, mqtt.host.size() - 2);
  mqtt.port = static_cast<int>(port);
  mqtt.client_id = options.operator_name;
  mqtt.ca_file = options.ca_file;
  mqtt.certificate_file = options.certificate_file;
  mqtt.key_file = options.tls_key_file;
  return mqtt;
}

}  // namespace vitrine::op
