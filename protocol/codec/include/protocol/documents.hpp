// JSON text <-> the plain documents. Reading checks the JSON Schema (draft 7,
// protocol/schema/*.json, compiled in) first and then the rules a schema cannot say (ids that
// exist, shares that sum). An error is one line of less than 1000 bytes: JSON pointer, rule, what
// was found. More text than kMaxReferencedBody (registry: 64 MiB; connection, reported, push and
// command reply: kMaxPacket) is `exhausted` and refused before anything of it is parsed. Writing is
// canonical: sorted keys, no spaces, so equal documents have equal hashes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "protocol/link_state.hpp"
#include "protocol/numbers.hpp"
#include "protocol/profile.hpp"
#include "protocol/registry.hpp"
#include "protocol/schedule.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

Result<Schedule> read_schedule(std::string_view json);
Result<Numbers> read_numbers(std::string_view json);
Result<Profile> read_profile(std::string_view json);
Result<Settings> read_settings(std::string_view json);
Result<Trust> read_trust(std::string_view json);
Result<Takeover> read_takeover(std::string_view json);
Result<Command> read_command(std::string_view json);
Result<CommandReply> read_command_reply(std::string_view json);
Result<RolloutOrder> read_rollout_order(std::string_view json);
Result<Registry> read_registry(std::string_view json);
Result<Connection> read_connection(std::string_view json);
Result<Reported> read_reported(std::string_view json);

std::string write_schedule(const Schedule& schedule);
std::string write_numbers(const Numbers& numbers);
std::string write_profile(const Profile& profile);
std::string write_settings(const Settings& settings);
std::string write_trust(const Trust& trust);
std::string write_takeover(const Takeover& takeover);
std::string write_command(const Command& command);
std::string write_command_reply(const CommandReply& reply);
std::string write_rollout_order(const RolloutOrder& order);
std::string write_registry(const Registry& registry);
std::string write_connection(const Connection& connection);
std::string write_reported(const Reported& reported);

// {"accepted":true} or {"accepted":false,"reason":"..."} on op/{operator}/reply, naming what was
// pushed.
struct PushReply {
  std::string kind;
  std::string audience;
  std::uint64_t version = 0;
  bool accepted = false;
  std::string reason;
};
Result<PushReply> read_push_reply(std::string_view json);
std::string write_push_reply(const PushReply& reply);

}  // namespace vitrine
