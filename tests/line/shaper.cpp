#include "shaper.hpp"

#include <algorithm>

namespace vitrine::testing {

void Shaper::set(const LineSettings& settings) {
  settings_ = settings;
  if (!settings_.cut) return;
  figures_.lost += way_.size();
  way_.clear();
  free_at_ = 0;
}

std::size_t Shaper::waiting(Micros now) const {
  std::size_t bytes = 0;
  for (auto it = way_.rbegin(); it != way_.rend() && it->sent > now; ++it) {
    bytes += it->packet.size();
  }
  return bytes;
}

void Shaper::offer(Bytes packet, Micros now) {
  // Drawn for every packet, so that the same seed loses the same ones whatever else is set.
  const bool unlucky = static_cast<int>(chance_() % 1000) < settings_.loss_permille;
  if (settings_.cut || unlucky) {
    ++figures_.lost;
    return;
  }
  Micros sent = now;
  if (settings_.bits_per_second > 0) {
    if (waiting(now) + packet.size() > settings_.queue_bytes) {
      ++figures_.overflow;
      return;
    }
    const auto bits = static_cast<std::int64_t>(packet.size()) * 8;
    sent = std::max(now, free_at_) + bits * kSecond / settings_.bits_per_second;
    free_at_ = sent;
  }
  // A shorter delay set meanwhile must not let a packet overtake those before it.
  const Micros last = way_.empty() ? 0 : way_.back().due;
  way_.push_back({std::move(packet), sent, std::max(sent + settings_.delay, last)});
}

std::optional<Micros> Shaper::next() const {
  if (way_.empty()) return std::nullopt;
  return way_.front().due;
}

std::optional<Bytes> Shaper::take(Micros now) {
  if (way_.empty() || way_.front().due > now) return std::nullopt;
  Bytes packet = std::move(way_.front().packet);
  way_.pop_front();
  ++figures_.packets;
  figures_.bytes += packet.size();
  return packet;
}

}  // namespace vitrine::testing
