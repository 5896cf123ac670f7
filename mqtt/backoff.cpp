#include <algorithm>

#include "mqtt/transport.hpp"
#include "platform/crypto.hpp"

namespace vitrine {

Micros backoff_with_jitter(int attempt, Micros base, Micros cap) {
  Micros most = std::min(std::max<Micros>(base, 1), std::max<Micros>(cap, 1));
  for (int i = 0; i < attempt && most < cap; ++i) most = most > cap / 2 ? cap : most * 2;
  return static_cast<Micros>(random_u64() % (static_cast<std::uint64_t>(most) + 1));
}

}  // namespace vitrine
