#include "protocol/documents.hpp"

#include "codec/rules.hpp"
#include "codec/schema.hpp"
#include "codec/server_fields.hpp"
#include "codec/settings_fields.hpp"

namespace vitrine {
namespace {

// A file of the server's own, not a document that somebody sends.
constexpr std::size_t kMaxRegistry = 64 * 1024 * 1024;

// Size, schema, members, rules: each only sees what the one before has let through.
template <class T>
Result<T> read(const char* kind, std::string_view text, std::size_t most = kMaxReferencedBody) {
  auto json = parse_by_schema(kind, text, most);
  if (!json) return std::move(json).error();
  auto document = codec::Reader::document<T>(*json);
  if (!document) return std::move(document).error().context(kind);
  auto holds = codec::check(*document);
  if (!holds) return std::move(holds).error();
  return document;
}

}  // namespace

Result<Schedule> read_schedule(std::string_view json) {
  return read<Schedule>("schedule", json);
}
Result<Numbers> read_numbers(std::string_view json) {
  return read<Numbers>("numbers", json);
}
Result<Profile> read_profile(std::string_view json) {
  return read<Profile>("profile", json);
}
Result<Settings> read_settings(std::string_view json) {
  return read<Settings>("settings", json);
}
Result<Trust> read_trust(std::string_view json) {
  return read<Trust>("trust", json);
}
Result<Takeover> read_takeover(std::string_view json) {
  return read<Takeover>("takeover", json);
}
Result<Command> read_command(std::string_view json) {
  return read<Command>("command", json);
}
Result<CommandReply> read_command_reply(std::string_view json) {
  return read<CommandReply>("command_reply", json, kMaxPacket);
}
Result<RolloutOrder> read_rollout_order(std::string_view json) {
  return read<RolloutOrder>("rollout_order", json);
}
Result<Registry> read_registry(std::string_view json) {
  return read<Registry>("registry", json, kMaxRegistry);
}
Result<Connection> read_connection(std::string_view json) {
  return read<Connection>("connection", json, kMaxPacket);
}
Result<Reported> read_reported(std::string_view json) {
  return read<Reported>("reported", json, kMaxPacket);
}
Result<PushReply> read_push_reply(std::string_view json) {
  return read<PushReply>("push_reply", json, kMaxPacket);
}

std::string write_schedule(const Schedule& schedule) {
  return codec::Writer::text(schedule);
}
std::string write_profile(const Profile& profile) {
  return codec::Writer::text(profile);
}
std::string write_settings(const Settings& settings) {
  return codec::Writer::text(settings);
}
std::string write_trust(const Trust& trust) {
  return codec::Writer::text(trust);
}
std::string write_takeover(const Takeover& takeover) {
  return codec::Writer::text(takeover);
}
std::string write_command(const Command& command) {
  return codec::Writer::text(command);
}
std::string write_command_reply(const CommandReply& reply) {
  return codec::Writer::text(reply);
}
std::string write_rollout_order(const RolloutOrder& order) {
  return codec::Writer::text(order);
}
std::string write_registry(const Registry& registry) {
  return codec::Writer::text(registry);
}
std::string write_connection(const Connection& connection) {
  return codec::Writer::text(connection);
}
std::string write_reported(const Reported& reported) {
  return codec::Writer::text(reported);
}
std::string write_push_reply(const PushReply& reply) {
  return codec::Writer::text(reply);
}

}  // namespace vitrine
