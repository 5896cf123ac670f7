#include "generation_memory.hpp"

#include <algorithm>

namespace vitrine {

const Generation& GenerationMemory::read(std::uint64_t number) {
  static const Generation kNone;
  if (number == 0) return kNone;
  if (const auto known = known_.find(number); known != known_.end()) return known->second;
  auto generation = store_.read(number);
  if (!generation) return kNone;
  GenerationFiles& files = generation->files;
  for (std::string* body : {&files.schedule_body, &files.numbers_body, &files.profile_body}) {
    body->clear();
    body->shrink_to_fit();
  }
  return known_.emplace(number, *std::move(generation)).first->second;
}

const GenerationFiles& GenerationMemory::files(std::uint64_t number) {
  return read(number).files;
}

const std::vector<Hash256>& GenerationMemory::creatives(std::uint64_t number) {
  return read(number).creatives;
}

void GenerationMemory::keep(const std::vector<std::uint64_t>& existing) {
  std::erase_if(known_, [&](const auto& entry) {
    return std::find(existing.begin(), existing.end(), entry.first) == existing.end();
  });
}

}  // namespace vitrine
