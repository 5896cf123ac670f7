#include "freezer.hpp"

#include <algorithm>
#include <utility>

#include "platform/log.hpp"
#include "protocol/chain.hpp"

namespace vitrine {
namespace {

// More at once would keep the link waiting; a turn later come the next ones.
constexpr int kBatchesPerTick = 16;
constexpr const char* kPruned = "pruned before it was sent";
constexpr const char* kNeverStored = "lost before it was stored";
constexpr const char* kGone = "no longer in the log";

std::size_t count(const Batch& batch) {
  return std::visit([](const auto& rows) { return rows.size(); }, batch.rows);
}

std::uint64_t seq_of(const Batch& batch, std::size_t at) {
  return std::visit([&](const auto& rows) { return rows[at].seq; }, batch.rows);
}

void keep(Batch& batch, std::size_t rows) {
  std::visit([&](auto& all) { all.resize(std::min(all.size(), rows)); }, batch.rows);
}

// Cuts the rows at the first gap in seq: a batch is a range. Whether there was one.
bool keep_contiguous(Batch& batch) {
  const std::size_t all = count(batch);
  std::size_t end = all == 0 ? 0 : 1;
  while (end < all && seq_of(batch, end) == seq_of(batch, end - 1) + 1) ++end;
  keep(batch, end);
  return end < all;
}

}  // namespace

struct Freezer::Reading {
  std::unique_ptr<LogSource> source;
  std::optional<LogCursor> cursor = {};   // of the log being read
  bool begun = false;                     // the outbox knows that it is, and that others have ended
  std::optional<Micros> first_seen = {};  // when the oldest unfrozen row was seen
  bool rest_is_due = false;               // rows behind a backlog have waited as long as it took
  std::string last_error = {};            // to say each thing once

  void complain(const Error& error) {
    if (error.message != last_error)
      log_warn("cannot freeze the {} log: {}; its rows wait in it", name_of(source->stream()),
               error.message);
    last_error = error.message;
  }
};

Freezer::Freezer(Outbox& outbox, const Clock& clock, ScreenId screen,
                 std::vector<std::unique_ptr<LogSource>> sources)
    : outbox_(outbox), clock_(clock), screen_(std::move(screen)) {
  for (auto& source : sources) readings_.push_back({.source = std::move(source)});
}

Freezer::~Freezer() = default;

void Freezer::tick(Micros batch_period) {
  joining_ = true;
  for (Reading& reading : readings_) read(reading, batch_period, false);
  if (together_) {
    for (Reading& reading : readings_) read(reading, batch_period / 2, false);
  }
  joining_ = false;
  const bool tried = together_.has_value();
  const auto kept = commit_together();
  const std::string error = kept ? std::string() : kept.error().message;
  if (!kept && error != last_error_)
    log_warn("cannot freeze: {}; the rows wait in their logs", error);
  if (tried) last_error_ = error;
}

Status Freezer::commit_together() {
  if (!together_) return ok();
  const auto kept = together_->commit();
  together_.reset();
  // Cursors stand behind rows that no batch holds now: they are read from the outbox again.
  if (!kept) restart();
  return kept;
}

void Freezer::close() {
  for (Reading& reading : readings_) read(reading, 0, true);
}

void Freezer::restart() {
  for (Reading& reading : readings_) {
    reading.cursor.reset();
    reading.begun = false;
    reading.first_seen.reset();
    reading.rest_is_due = false;
  }
}

void Freezer::read(Reading& reading, Micros batch_period, bool closing) {
  if (!reading.begun) {
    auto id = reading.source->log_id();
    if (!id) {
      if (id.error().code != ErrorCode::not_found) reading.complain(id.error());
      return;
    }
    if (auto begun = begin(reading, *id); !begun) return reading.complain(begun.error());
  }
  if (auto done = read_rows(reading, batch_period, closing); !done) reading.complain(done.error());
}

Status Freezer::read_rows(Reading& reading, Micros batch_period, bool closing) {
  const Stream stream = reading.source->stream();
  LogCursor& cursor = *reading.cursor;
  LogCursor read_to = cursor;      // as far as `full` reaches
  std::vector<RowsToFreeze> full;  // read, and not in the outbox yet
  const std::size_t at_once = outbox_.batches_at_once();
  const auto freeze_full = [&]() -> Status {
    if (full.empty()) return ok();
    auto frozen = freeze(std::exchange(full, {}));
    if (!frozen) return frozen;
    cursor = read_to;
    reading.first_seen.reset();
    reading.last_error.clear();
    return ok();
  };

  Batch batch;
  for (int n = 0; n < kBatchesPerTick || closing; ++n) {
    auto rows = reading.source->rows_after(read_to.last, kBacklogRows);
    if (!rows) {
      // Not the end: a damaged log is replaced by its owner, which shows below.
      reading.complain(rows.error());
      batch = Batch();
      break;
    }
    batch = std::move(*rows);
    if (count(batch) > 0 && seq_of(batch, 0) != read_to.last + 1) {
      if (auto frozen = freeze_full(); !frozen) return frozen;
      if (auto declared = declare(stream, cursor, batch); !declared) return declared;
      read_to = cursor;
      continue;
    }
    const bool ends = keep_contiguous(batch);  // what stands before a gap will not grow
    if (count(batch) == 0) reading.rest_is_due = false;
    if (count(batch) < kBatchRows && !ends) break;
    if (count(batch) < kBacklogRows) keep(batch, kBatchRows);
    if (count(batch) == kBacklogRows) reading.rest_is_due = true;
    auto next = close_batch(read_to, std::move(batch));
    if (!next) return std::move(next).error();
    full.push_back(*std::move(next));
    batch = Batch();
    if (full.size() < at_once) continue;
    if (auto frozen = freeze_full(); !frozen) return frozen;
  }
  if (auto frozen = freeze_full(); !frozen) return frozen;

  // Asked only after the rows were read: asking goes over to a new file, and what the old one held
  // is in hand by now.
  auto id = reading.source->log_id();
  const bool replaced = id && *id != cursor.log_id;
  if (count(batch) > 0) {
    if (!reading.first_seen) reading.first_seen = clock_.boottime();
    if (closing || replaced || reading.rest_is_due ||
        clock_.boottime() - *reading.first_seen >= batch_period) {
      auto last = close_batch(read_to, std::move(batch));
      if (last) full.push_back(*std::move(last));
      reading.rest_is_due = false;
      if (auto frozen = last ? freeze_full() : Status(std::move(last).error()); !frozen) {
        // The source has gone over: what it now reads is no row of this log.
        if (replaced) reading.begun = false;
        return frozen;
      }
    }
  }
  if (!replaced) return ok();
  reading.begun = false;
  return begin(reading, *id);
}

Status Freezer::begin(Reading& reading, LogId log_id) {
  // What stands in a log before this process has looked was waiting for an earlier one.
  const bool first_look = !reading.cursor;
  const Stream stream = reading.source->stream();
  auto others = outbox_.open_logs(stream);
  if (!others) return std::move(others).error();
  if (reading.cursor) {
    // Read but never frozen from: it has no cursor in the outbox yet, and still its end is said.
    bool known = false;
    for (const LogCursor& other : *others) known = known || other.log_id == reading.cursor->log_id;
    if (!known) others->push_back(*reading.cursor);
  }
  for (const LogCursor& other : *others) {
    if (other.log_id == log_id) continue;
    log_warn("the {} log was replaced: nothing after row {} of {:016x} will come", name_of(stream),
             other.last, other.log_id);
    if (auto ended = outbox_.end_log(stream, other); !ended) return ended;
    if (reading.cursor && reading.cursor->log_id == other.log_id) reading.cursor.reset();
  }
  auto known = outbox_.cursor(stream, log_id);
  if (!known) return std::move(known).error();
  const Hash256 start = stream == Stream::play ? chain_start(screen_, log_id) : Hash256{};
  reading.cursor = known->value_or(LogCursor{log_id, 0, start});
  reading.first_seen.reset();
  reading.rest_is_due = first_look;
  reading.begun = true;
  return ok();
}

// The rows between the cursor and the first one there are gone. Of plays that first one goes with
// them: without h(n-1) nothing can be built on it but its own stored hash, on which the next
// stands. It stays where it hangs on the row at the cursor: then nothing was ever stored in
// between.
Status Freezer::declare(Stream stream, LogCursor& cursor, const Batch& rows) {
  DropNotice drop{stream, cursor.log_id, cursor.last + 1, seq_of(rows, 0) - 1, {}, kPruned};
  const auto* plays = std::get_if<std::vector<PlayRow>>(&rows.rows);
  if (plays != nullptr && chain_next(cursor.chain, plays->front()) == plays->front().chain) {
    drop.chain_after = cursor.chain;
    drop.reason = kNeverStored;
  } else if (plays != nullptr) {
    drop.last = plays->front().seq;
    drop.chain_after = plays->front().chain;
  }
  if (auto skipped = outbox_.skip(drop); !skipped) return skipped;
  cursor.last = drop.last;
  cursor.chain = drop.chain_after;
  return ok();
}

// Gives the rows what makes a batch of them, and moves the cursor over them.
Result<RowsToFreeze> Freezer::close_batch(LogCursor& after, Batch batch) {
  LogCursor next = after;
  BootId boot = clock_.boot_id();
  const auto stream = static_cast<Stream>(batch.rows.index());
  batch.key = {stream, after.log_id, seq_of(batch, 0), seq_of(batch, count(batch) - 1)};
  if (const auto* plays = std::get_if<std::vector<PlayRow>>(&batch.rows)) {
    batch.chain_before = after.chain;
    batch.signature = plays->back().signature;
    next.chain = plays->back().chain;
    boot = plays->front().boot;  // rows left from before a reboot want that boot's fix
  }
  for (const BootId& wanted : {boot, clock_.boot_id()}) {
    if (stream == Stream::exposure) break;  // its rows have the times of their plays
    auto fix = outbox_.best_fix(wanted);
    if (!fix) return std::move(fix).error();
    if (!*fix) continue;
    batch.fix = **fix;
    break;
  }
  next.last = batch.key.last;
  after = next;
  return RowsToFreeze{std::move(batch), next.chain};
}

Status Freezer::freeze(const std::vector<RowsToFreeze>& batches) {
  if (batches.size() > 1) {
    // A backlog is as much as one transaction should hold.
    if (auto kept = commit_together(); !kept) return kept;
  } else if (joining_ && !together_) {
    auto begun = outbox_.together();
    if (!begun) return std::move(begun).error();
    together_.emplace(std::move(*begun));
  }
  if (auto frozen = outbox_.freeze(batches, clock_.boottime()); !frozen) return frozen;
  for (const RowsToFreeze& frozen : batches) {
    if (const auto* plays = std::get_if<std::vector<PlayRow>>(&frozen.batch.rows); plays && plays_)
      plays_(*plays);
  }
  return ok();
}

Status Freezer::resend(Stream stream, LogId log_id, SeqRange range) {
  auto missing = outbox_.make_due(stream, log_id, range);
  if (!missing) return std::move(missing).error();
  for (Reading& reading : readings_) {
    if (reading.source->stream() != stream) continue;
    for (const SeqRange& gone : *missing) {
      if (auto done = freeze_again(reading, log_id, gone); !done) return done;
    }
  }
  return ok();
}

Status Freezer::freeze_again(Reading& reading, LogId log_id, SeqRange range) {
  LogSource& source = *reading.source;
  const auto gone_to = [&](std::uint64_t last, const Hash256& chain) -> Status {
    return outbox_.skip({source.stream(), log_id, range.first, last, chain, kGone});
  };
  // Not asked of the source: it would go over to a file that replaced the one being read.
  const bool here = reading.begun && reading.cursor->log_id == log_id;
  const bool play = source.stream() == Stream::play;
  LogCursor after{log_id, range.first - 1, play ? chain_start(screen_, log_id) : Hash256{}};
  // One row earlier: a play hangs on the hash of the one before.
  bool anchored = range.first == 1 || !play;
  std::uint64_t from = anchored ? range.first - 1 : range.first - 2;
  while (here && range.first <= range.last) {
    auto rows = source.rows_after(from, kBacklogRows);
    if (!rows) return std::move(rows).error();
    if (count(*rows) == 0 || seq_of(*rows, 0) > range.last) break;
    const std::uint64_t first = seq_of(*rows, 0);
    const auto* plays = std::get_if<std::vector<PlayRow>>(&rows->rows);
    if (plays != nullptr && (!anchored || first > range.first)) {
      // The anchor: before the range when all is there, else the first row that is left.
      if (first >= range.first) {
        if (auto said = gone_to(first, plays->front().chain); !said) return said;
        range.first = first + 1;
      }
      after = {log_id, first, plays->front().chain};
      from = first;
      anchored = true;
      continue;
    }
    if (first > range.first) {
      if (auto said = gone_to(first - 1, {}); !said) return said;
      range.first = first;
    }
    keep_contiguous(*rows);
    keep(*rows, range.last - first + 1);
    from = seq_of(*rows, count(*rows) - 1);
    auto batch = close_batch(after, std::move(*rows));
    if (!batch) return std::move(batch).error();
    if (auto frozen = freeze({*std::move(batch)}); !frozen) return frozen;
    range.first = from + 1;
  }
  if (range.first <= range.last) return gone_to(range.last, {});
  return ok();
}

}  // namespace vitrine
