// The documents about how screens work and whom they trust: settings, trust, takeover.
#include "fuzz.hpp"
#include "protocol/documents.hpp"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  (void)fuzz::read_twice(text, read_settings, write_settings);
  (void)fuzz::read_twice(text, read_trust, write_trust);
  (void)fuzz::read_twice(text, read_takeover, write_takeover);
  return 0;
}
