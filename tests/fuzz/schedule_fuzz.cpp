// A schedule as anybody may send it; what is accepted is played for a day.
#include "one_day.hpp"
#include "protocol/documents.hpp"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto schedule = fuzz::read_twice(fuzz::text_of(data, size), read_schedule, write_schedule);
  if (schedule) fuzz::play_a_day({.schedule = &*schedule});
  return 0;
}
