// An area's profile as anybody may send it.
#include "fuzz.hpp"
#include "protocol/documents.hpp"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  (void)fuzz::read_twice(text, read_profile, write_profile);
  return 0;
}
