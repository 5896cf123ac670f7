#include "freezer.hpp"

#include "platform/log.hpp"
#include "protocol/chain.hpp"

namespace vitrine {
namespace {

// More than this at once would keep the link waiting; the rest follows at the next tick.
constexpr int kBatchesPerTick = 50;

std::size_t count(const Batch& batch) {
  return std::visit([](const auto& rows) { return rows.size(); }, batch.rows);
}

// Cuts the rows at the first gap in seq: a batch is a range.
void keep_contiguous(Batch& batch) {
  std::visit(
      [](auto& rows) {
        std::size_t end = rows.empty() ? 0 : 1;
        while (end < rows.size() && rows[end].seq == rows[end - 1].seq + 1) ++end;
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(end), rows.end());
      },
      batch.rows);
}

}  // namespace

struct Freezer::Reading {
  std::unique_ptr<LogSource> source;
  std::optional<LogCursor> cursor;   // of the log being read
  std::optional<Micros> first_seen;  // when the oldest unfrozen row was seen
  std::string last_error;            // to say each thing once

  void complain(const Error& error) {
    if (error.message != last_error)
      log_warn("cannot read the {} log: {}; trying again", name_of(source->stream()),
               error.message);
    last_error = error.message;
  }
};

Freezer::Freezer(Outbox& outbox, const Clock& clock, ScreenId screen,
                 std::vector<std::unique_ptr<LogSource>> sources)
    : outbox_(outbox), clock_(clock), screen_(std::move(screen)) {
  for (auto& source : sources)
    readings_.push_back({std::move(source), std::nullopt, std::nullopt, {}});
}

Freezer::~Freezer() = default;

void Freezer::tick(Micros batch_period) {
  for (Reading& reading : readings_) read(reading, batch_period, false);
}

void Freezer::close() {
  for (Reading& reading : readings_) read(reading, 0, true);
}

void Freezer::read(Reading& reading, Micros batch_period, bool closing) {
  if (!reading.cursor) {
    auto id = reading.source->log_id();
    if (!id) {
      if (id.error().code != ErrorCode::not_found) reading.complain(id.error());
      return;
    }
    if (auto begun = begin(reading, *id); !begun) return reading.complain(begun.error());
  }

  Batch batch;
  for (int n = 0; n < kBatchesPerTick || closing; ++n) {
    auto rows = reading.source->rows_after(reading.cursor->last, kBatchRows);
    if (!rows) {
      // Not the end: a damaged log is replaced by its owner, which shows below.
      reading.complain(rows.error());
      batch = Batch();
      break;
    }
    batch = std::move(*rows);
    keep_contiguous(batch);
    if (count(batch) < kBatchRows) break;
    if (auto frozen = freeze(reading, std::move(batch)); !frozen)
      return reading.complain(frozen.error());
    batch = Batch();
  }

  // Asked only after the rows were read: asking goes over to a new file, and what the old one held
  // is in hand by now.
  auto id = reading.source->log_id();
  const bool replaced = id && *id != reading.cursor->log_id;
  if (count(batch) > 0) {
    if (!reading.first_seen) reading.first_seen = clock_.boottime();
    if (closing || replaced || clock_.boottime() - *reading.first_seen >= batch_period) {
      if (auto frozen = freeze(reading, std::move(batch)); !frozen)
        return reading.complain(frozen.error());
    }
  }
  if (replaced) {
    if (auto begun = begin(reading, *id); !begun) reading.complain(begun.error());
  }
}

Status Freezer::begin(Reading& reading, LogId log_id) {
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
  }
  auto known = outbox_.cursor(stream, log_id);
  if (!known) return std::move(known).error();
  const Hash256 start = stream == Stream::play ? chain_start(screen_, log_id) : Hash256{};
  reading.cursor = known->value_or(LogCursor{log_id, 0, start});
  reading.first_seen.reset();
  return ok();
}

Status Freezer::freeze(Reading& reading, Batch batch) {
  LogCursor after = *reading.cursor;
  BootId boot = clock_.boot_id();
  batch.key = {reading.source->stream(), after.log_id, 0, 0};
  std::visit(
      [&](const auto& rows) {
        batch.key.first = rows.front().seq;
        batch.key.last = rows.back().seq;
      },
      batch.rows);
  if (const auto* plays = std::get_if<std::vector<PlayRow>>(&batch.rows)) {
    batch.chain_before = after.chain;
    batch.signature = plays->back().signature;
    after.chain = plays->back().chain;
    boot = plays->front().boot;  // rows left from before a reboot want that boot's fix
  }
  for (const BootId& wanted : {boot, clock_.boot_id()}) {
    auto fix = outbox_.best_fix(wanted);
    if (!fix) return std::move(fix).error();
    if (!*fix) continue;
    batch.fix = **fix;
    break;
  }
  if (auto frozen = outbox_.freeze(batch, after.chain, clock_.boottime()); !frozen) return frozen;
  if (const auto* plays = std::get_if<std::vector<PlayRow>>(&batch.rows); plays && plays_)
    plays_(*plays);
  after.last = batch.key.last;
  reading.cursor = after;
  reading.first_seen.reset();
  reading.last_error.clear();
  return ok();
}

}  // namespace vitrine
