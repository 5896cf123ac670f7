// Screens that played for a day, as their batches arrive: signed, chained, of `rows` plays each.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "platform/crypto.hpp"
#include "protocol/registry.hpp"

namespace vitrine::bench {

struct Message {
  std::string topic;
  Bytes payload;
};

struct Screens {
  Registry registry;
  std::vector<Message> messages;  // in turn, as if all screens sent at once
  std::size_t plays = 0;
};

// At least `plays` in all. The same arguments give the same bytes.
Screens screens_of(std::size_t plays, std::size_t rows);

}  // namespace vitrine::bench
