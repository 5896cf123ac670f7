// What the broker is told of the registry: who may say and hear what, and whose certificate counts
// no more.
#pragma once

#include <string>
#include <vector>

#include "platform/file.hpp"
#include "protocol/registry.hpp"

namespace vitrine {

// `base` (broker/acl) with a section for each operator and screen: group topics by registry; who is
// revoked is forbidden everything, which ends even a session that stands.
std::string broker_access(const std::string& base, const Registry& registry,
                          const std::vector<std::string>& operators);

// Makes the broker read its ACL and CRL again (SIGHUP). `not_found` when none runs. A process id
// that is no mosquitto's is left alone: the file may be older than the last boot.
Status reload_broker(const fs::path& pid_file);

}  // namespace vitrine
