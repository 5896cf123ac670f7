// What servers and screens tell each other in JSON: commands, births, reports, replies, the
// registry.
#include "fuzz.hpp"
#include "protocol/documents.hpp"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  (void)fuzz::read_twice(text, read_command, write_command);
  (void)fuzz::read_twice(text, read_connection, write_connection);
  (void)fuzz::read_twice(text, read_reported, write_reported);
  (void)fuzz::read_twice(text, read_push_reply, write_push_reply);
  (void)fuzz::read_twice(text, read_registry, write_registry);
  return 0;
}
