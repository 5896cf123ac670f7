#include "protocol/documents.hpp"

#include "codec/rules.hpp"
#include "codec/schedule_fields.hpp"
#include "codec/schema.hpp"
#include "codec/settings_fields.hpp"

namespace vitrine {
namespace {

// Schema, members, rules: each only sees what the one before has let through.
template <class T>
Result<T> read(const char* kind, std::string_view text) {
  auto json = parse_by_schema(kind, text);
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
Result<Settings> read_settings(std::string_view json) {
  return read<Settings>("settings", json);
}
Result<Trust> read_trust(std::string_view json) {
  return read<Trust>("trust", json);
}
Result<Takeover> read_takeover(std::string_view json) {
  return read<Takeover>("takeover", json);
}

std::string write_schedule(const Schedule& schedule) {
  return codec::Writer::text(schedule);
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

}  // namespace vitrine
