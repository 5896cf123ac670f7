#include <algorithm>

#include "codec/rules.hpp"

namespace vitrine::codec {
namespace {

struct RoleScope {
  std::string_view role;
  std::vector<DocumentKind> kinds;  // what its keys may sign at most
};

// A server key can never put anything on glass by itself, and only the root key changes whom to
// trust.
const std::vector<RoleScope>& role_scopes() {
  using enum DocumentKind;
  static const std::vector<RoleScope> scopes = {{"operator", {schedule, settings, command}},
                                                {"takeover", {takeover}},
                                                {"backend", {numbers, profile}},
                                                {"ingest", {command}}};
  return scopes;
}

// https://host or https://host:port and nothing after it.
bool is_origin(const std::string& text) {
  constexpr std::string_view kScheme = "https://";
  if (!text.starts_with(kScheme) || text.size() == kScheme.size()) return false;
  return text.find_first_of("/?#@ \t\r\n\\", kScheme.size()) == std::string::npos;
}

}  // namespace

Status check(const Settings& settings) {
  Rules rules;
  for (std::size_t i = 0; i < settings.origins.size(); ++i) {
    rules.require(is_origin(settings.origins[i]), "/origins/" + std::to_string(i),
                  "https://HOST or https://HOST:PORT", in_quotes(settings.origins[i]));
  }
  check_dayparts(rules, settings.display_hours, "/display_hours");
  if (settings.metered) check_dayparts(rules, settings.metered->hours, "/metered/hours");
  if (settings.software) {
    rules.require(is_software_version(settings.software->version), "/software/version",
                  "a Debian version such as 1.4.0-1", in_quotes(settings.software->version));
    check_dayparts(rules, settings.software->hours, "/software/hours");
  }
  return rules.status("settings");
}

Status check(const Trust& trust) {
  Rules rules;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < trust.keys.size(); ++i) {
    const auto& key = trust.keys[i];
    const auto at = "/keys/" + std::to_string(i);
    rules.require_once(ids, key.key_id, at + "/key_id", in_quotes(key.key_id));
    rules.require(key.valid_until == 0 || key.valid_until > key.valid_from, at + "/valid_until",
                  "0 or later than valid_from", std::to_string(key.valid_until));
    for (const auto& scope : role_scopes()) {
      if (scope.role != key.role) continue;
      for (const auto kind : key.kinds) {
        rules.require(std::find(scope.kinds.begin(), scope.kinds.end(), kind) != scope.kinds.end(),
                      at + "/kinds", "a kind that the role " + key.role + " may sign",
                      "\"" + std::string(name_of(kind)) + "\"");
      }
    }
  }
  return rules.status("trust");
}

Status check(const CommandReply& reply) {
  Rules rules;
  // A schema counts characters; a packet is filled by bytes.
  rules.require(reply.text.size() <= kMostReplyText, "/text",
                "at most " + std::to_string(kMostReplyText) + " bytes",
                std::to_string(reply.text.size()));
  return rules.status("command_reply");
}

}  // namespace vitrine::codec
