#include "backflow/enrolment.hpp"
#include "platform/config.hpp"

namespace vitrine {

Result<EnrolConfig> read_enrol_config(const fs::path& path) {
  auto file = Config::read(path);
  if (!file) return std::move(file).error();
  EnrolConfig config;
  for (auto taken :
       {file->need("registry", config.registry), file->need("root_key", config.root_key),
        file->need("trust", config.trust), file->need("mqtt.ca", config.authority),
        file->need("enrol.url", config.url),
        file->need("enrol.ca_certificate", config.ca_certificate),
        file->need("enrol.ca_key", config.ca_key), file->need("enrol.book", config.book),
        file->need("enrol.mqtt_host", config.mqtt_host)}) {
    if (!taken) return std::move(taken).error();
  }
  config.listen = file->text_or("enrol.listen", config.listen);
  config.tenant_key = file->text_or("enrol.tenant_key", "");
  config.mqtt_port = static_cast<int>(file->integer_or("enrol.mqtt_port", config.mqtt_port));
  config.life_s = file->integer_or("enrol.life_s", config.life_s);
  config.grace_s = file->integer_or("enrol.grace_days", config.grace_s / 86400) * 86400;
  config.requests_a_minute =
      static_cast<int>(file->integer_or("enrol.requests_a_minute", config.requests_a_minute));
  config.acl_base = file->text_or("enrol.acl_base", "");
  config.acl = file->text_or("enrol.acl", "");
  config.crl = file->text_or("enrol.crl", "");
  config.broker_pid = file->text_or("enrol.broker_pid", "");
  if (auto names = file->texts("enrol.operators")) config.operators = *names;
  if (config.life_s < 1) {
    return fail(ErrorCode::invalid, path.string() + ": enrol.life_s must be 1 or more");
  }
  if (!config.acl.empty() && config.acl_base.empty()) {
    return fail(ErrorCode::invalid, path.string() + ": enrol.acl needs enrol.acl_base");
  }
  for (const auto& name : config.operators) {
    if (!is_valid_name(name)) {
      return fail(ErrorCode::invalid,
                  path.string() + ": operator '" + name + "' is no name (1 to 64 of a-z, 0-9, -)");
    }
  }
  return config;
}

}  // namespace vitrine
