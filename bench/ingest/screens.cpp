#include "screens.hpp"

#include <algorithm>

#include "play_day.hpp"
#include "protocol/chain.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"

namespace vitrine::bench {
namespace {

// Days are simulated, which takes a while; screens beyond these play one of them again under a log
// and times of their own.
constexpr std::uint64_t kSimulatedDays = 8;

Message message_of(const std::string& name, const PrivateKey& key, const PlayDay& day,
                   const std::vector<PlayRow>& plays, std::size_t first, std::size_t last,
                   Hash256& chain) {
  Batch batch;
  batch.key = {Stream::play, plays[first].log_id, plays[first].seq, plays[last - 1].seq};
  batch.fix = day.fix;
  batch.chain_before = chain;
  for (std::size_t i = first; i < last; ++i) chain = chain_next(chain, plays[i]);
  batch.signature = sign_chain(key, name, batch.key.log_id, batch.key.last, chain);
  batch.rows = std::vector<PlayRow>(plays.begin() + static_cast<std::ptrdiff_t>(first),
                                    plays.begin() + static_cast<std::ptrdiff_t>(last));
  return {DeviceTopics(name).up(Stream::play), encode_batch(batch)};
}

}  // namespace

Screens screens_of(std::size_t plays, std::size_t rows) {
  Screens screens;
  const PrivateKey key = PrivateKey::from_seed({7});
  std::vector<PlayDay> days;
  for (std::uint64_t seed = 1; seed <= kSimulatedDays && (seed - 1) * 5000 < plays; ++seed)
    days.push_back(play_day(seed));
  std::vector<std::vector<Message>> queues;
  for (std::size_t n = 0; screens.plays < plays; ++n) {
    const PlayDay& day = days[n % days.size()];
    const std::string name = "screen-" + std::to_string(100'000 + n);
    RegisteredScreen entry;
    entry.screen = name;
    entry.area = static_cast<AreaId>(1 + n % 50);
    entry.zone = "Asia/Shanghai";
    entry.shard = shard_of(name);
    entry.proof_key = key.public_key().raw;
    entry.valid_from = 1;
    screens.registry.screens.push_back(entry);
    std::vector<PlayRow> own = day.plays;
    const LogId log = own.front().log_id + n * 0x9e3779b97f4a7c15;
    const auto later = static_cast<std::int64_t>(n * 7'919'231 % 86'400'000'000);
    for (PlayRow& row : own) {
      row.log_id = log;
      row.planned_start_us += later;
      if (row.first_flip_us != kAbsent) row.first_flip_us += later;
      if (row.last_flip_us != kAbsent) row.last_flip_us += later;
    }
    auto& queue = queues.emplace_back();
    Hash256 chain = chain_start(name, log);
    for (std::size_t at = 0; at < own.size(); at += rows)
      queue.push_back(message_of(name, key, day, own, at, std::min(own.size(), at + rows), chain));
    screens.plays += own.size();
  }
  for (std::size_t i = 0;; ++i) {
    bool more = false;
    for (auto& queue : queues) {
      if (i >= queue.size()) continue;
      more = true;
      screens.messages.push_back(std::move(queue[i]));
    }
    if (!more) return screens;
  }
}

}  // namespace vitrine::bench
