// One screen's play log, made before the clock starts: rows as a player writes them, in the chain
// and signed by the screen's own proof key, let go a few at a time. What signing costs is the
// player's affair, a play in 15 s, and must not be mixed into what a backend costs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "freezer.hpp"
#include "platform/crypto.hpp"
#include "protocol/play.hpp"

namespace vitrine::fleet {

inline constexpr Micros kPlayEvery = 15 * kSecond;

// `count` plays of 15 s that ended before `until` (CLOCK_BOOTTIME), numbered from 1, with chain.
// A player signs every row. Of a batch only the last row's signature travels, so only every
// kBatchRows-th row and the last one are signed here.
std::vector<PlayRow> make_plays(const ScreenId& screen, LogId log_id, const PrivateKey& proof_key,
                                std::size_t count, BootId boot, Micros until);

class PreparedLog final : public LogSource {
 public:
  PreparedLog(LogId log_id, std::vector<PlayRow> rows) : log_id_(log_id), rows_(std::move(rows)) {}

  // The first `count` rows have been played; never fewer than before.
  void release(std::size_t count) {
    released_ = std::min(std::max(count, released_), rows_.size());
  }
  std::size_t released() const { return released_; }
  std::size_t size() const { return rows_.size(); }

  Stream stream() const override { return Stream::play; }
  Result<LogId> log_id() override { return log_id_; }
  Result<Batch> rows_after(std::uint64_t after, std::size_t limit) override;

 private:
  LogId log_id_;
  std::vector<PlayRow> rows_;
  std::size_t released_ = 0;
};

}  // namespace vitrine::fleet
