// What servers and screens tell each other in JSON: commands, births, reports, replies, the
// registry.
#include "fuzz.hpp"
#include "protocol/documents.hpp"
#include "protocol/topics.hpp"

using namespace vitrine;

namespace {

// A topic that is taken apart is the one topic of what it names.
void try_topic(std::string_view text) {
  if (const auto topic = parse_device_topic(text)) {
    fuzz::promise(
        "vt/v1/" + std::to_string(topic->shard) + "/" + topic->device + "/" + topic->leaf == text,
        "a device's topic is written one way");
  }
  if (const auto name = parse_push_topic(text)) {
    fuzz::promise(operator_push_topic(*name) == text, "an operator's topic is written one way");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  (void)fuzz::read_twice(text, read_command, write_command);
  (void)fuzz::read_twice(text, read_command_reply, write_command_reply);
  (void)fuzz::read_twice(text, read_rollout_order, write_rollout_order);
  (void)fuzz::read_twice(text, read_connection, write_connection);
  (void)fuzz::read_twice(text, read_reported, write_reported);
  (void)fuzz::read_twice(text, read_push_reply, write_push_reply);
  (void)fuzz::read_twice(text, read_registry, write_registry);
  try_topic(text);
  return 0;
}
