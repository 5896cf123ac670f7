// The generations on disk, each read and checked once: they never change, and with the body of a
// large schedule reading them at every look would cost more than everything else here.
#pragma once

#include <map>

#include "state/generation.hpp"

namespace vitrine {

class GenerationMemory {
 public:
  explicit GenerationMemory(StatePaths paths) : store_(std::move(paths)) {}

  // The documents as signed, without their bodies; nothing of what is not there or damaged. Valid
  // until keep() forgets them.
  const GenerationFiles& files(std::uint64_t number);
  const std::vector<Hash256>& creatives(std::uint64_t number);
  // Forgets what `existing` does not name.
  void keep(const std::vector<std::uint64_t>& existing);

 private:
  const Generation& read(std::uint64_t number);
  GenerationStore store_;
  std::map<std::uint64_t, Generation> known_;
};

}  // namespace vitrine
