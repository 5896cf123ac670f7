#include "state/play_log.hpp"

#include <algorithm>
#include <limits>

#include "platform/log.hpp"
#include "protocol/chain.hpp"
#include "row_table.hpp"
#include "state/log_file.hpp"

namespace vitrine {
namespace {

std::string schema() {
  return "CREATE TABLE IF NOT EXISTS meta(log_id INTEGER NOT NULL, screen TEXT NOT NULL);"
         "CREATE TABLE IF NOT EXISTS play(" +
         row_definition<PlayRow>() +
         ", chain BLOB NOT NULL, signature BLOB NOT NULL);"
         "CREATE TABLE IF NOT EXISTS input(" +
         row_definition<InputRow>() +
         ");"
         "CREATE TABLE IF NOT EXISTS tally(campaign INTEGER NOT NULL, creative INTEGER NOT NULL,"
         " local_day INTEGER NOT NULL, plays INTEGER NOT NULL,"
         " PRIMARY KEY(local_day, campaign, creative)) WITHOUT ROWID;";
}

std::string select_plays() {
  return "SELECT " + row_columns<PlayRow>() + ", chain, signature FROM play ";
}

PlayRow read_play(const Statement& statement) {
  PlayRow row;
  const int next = read_row(statement, row);
  read_fixed(statement, next, row.chain);
  read_fixed(statement, next + 1, row.signature);
  return row;
}

Result<std::vector<PlayRow>> all_plays(Statement& statement) {
  std::vector<PlayRow> rows;
  for (;;) {
    auto step = statement.step();
    if (!step) return std::move(step).error();
    if (!*step) return rows;
    rows.push_back(read_play(statement));
  }
}

Result<std::vector<InputRow>> all_inputs(Statement& statement) {
  std::vector<InputRow> rows;
  for (;;) {
    auto step = statement.step();
    if (!step) return std::move(step).error();
    if (!*step) return rows;
    read_row(statement, rows.emplace_back());
  }
}

Result<std::vector<PlayLog::TallyEntry>> read_tally(Database& database, std::int64_t first_day,
                                                    std::int64_t last_day) {
  auto select = database.prepare(
      "SELECT campaign, creative, local_day, plays FROM tally WHERE local_day BETWEEN ? AND ?"
      " ORDER BY local_day, campaign, creative");
  if (!select) return std::move(select).error();
  // The least of all numbers would be bound as NULL, which is between nothing.
  select->bind(1, std::max(first_day, kAbsent + 1)).bind(2, last_day);
  std::vector<PlayLog::TallyEntry> entries;
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) return entries;
    entries.push_back({static_cast<CampaignId>(select->integer(0)),
                       static_cast<CreativeId>(select->integer(1)), select->integer(2),
                       select->integer(3)});
  }
}

Result<std::vector<PlayRow>> newest_plays(Database& database, std::size_t limit) {
  auto select = database.prepare(select_plays() + "ORDER BY seq DESC LIMIT ?");
  if (!select) return std::move(select).error();
  select->bind(1, static_cast<std::int64_t>(limit));
  auto rows = all_plays(*select);
  if (rows) std::reverse(rows->begin(), rows->end());
  return rows;
}

Result<std::vector<InputRow>> clocks_of(Database& database) {
  auto select = database.prepare("SELECT " + row_columns<InputRow>() +
                                 " FROM input WHERE kind IN (?, ?, ?) ORDER BY seq");
  if (!select) return std::move(select).error();
  select->bind(1, column_value(InputKind::restated))
      .bind(2, column_value(InputKind::clock_trust))
      .bind(3, column_value(InputKind::clock_offset));
  return all_inputs(*select);
}

// 1 + the highest on record.
Result<std::uint64_t> next_decision_of(Database& database) {
  std::uint64_t next = 1;
  for (const char* table : {"play", "input"}) {
    auto highest = database.scalar("SELECT MAX(decision_seq) FROM " + std::string(table));
    if (!highest) return std::move(highest).error();
    next = std::max(next, static_cast<std::uint64_t>(highest->value_or(0)) + 1);
  }
  return next;
}

// A miss was never shown: it owes nothing to a quota.
bool counts(PlayKind kind) {
  return kind != PlayKind::miss;
}

struct Meta {
  LogId log_id = 0;
  std::string screen;
};

// Draws the log's identity when the file is new.
Result<Meta> read_meta(Database& database, const ScreenId& screen) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return std::move(transaction).error();
  Meta meta;
  {
    auto select = database.prepare("SELECT log_id, screen FROM meta");
    if (!select) return std::move(select).error();
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (*row) {
      meta = {static_cast<LogId>(select->integer(0)), select->text(1)};
      select->reset();
      return meta;
    }
  }
  meta = {random_u64(), screen};
  auto insert = database.prepare("INSERT INTO meta(log_id, screen) VALUES(?, ?)");
  if (!insert) return std::move(insert).error();
  if (auto done = insert->bind(1, column_value(meta.log_id)).bind(2, screen).run(); !done) {
    return std::move(done).error();
  }
  if (auto done = transaction->commit(); !done) return std::move(done).error();
  return meta;
}

}  // namespace

Result<PlayLog> PlayLog::open(const LogPlace& place, const ScreenId& screen, PrivateKey proof_key) {
  auto database = open_log(place, schema());
  if (!database) return std::move(database).error();
  auto meta = read_meta(*database, screen);
  if (!meta) return std::move(meta).error();
  if (meta->screen != screen) {
    // The chain begins with the screen's name; rows of two screens cannot share one.
    { const Database closed = std::move(*database); }
    const std::string why = "it belongs to screen " + meta->screen + ", this is " + screen;
    if (auto aside = set_log_aside(place, why); !aside) return std::move(aside).error();
    database = open_log(place, schema());
    if (!database) return std::move(database).error();
    meta = read_meta(*database, screen);
    if (!meta) return std::move(meta).error();
  }

  PlayLog log(std::move(*database), screen, proof_key);
  log.log_id_ = meta->log_id;
  auto last = highest_seq(log.database_, "play");
  if (!last) return std::move(last).error();
  log.last_seq_ = *last;
  log.chain_ = chain_start(screen, log.log_id_);
  if (log.last_seq_ > 0) {
    auto statement = log.database_.prepare("SELECT chain FROM play ORDER BY seq DESC LIMIT 1");
    if (!statement) return std::move(statement).error();
    auto row = statement->step();
    if (!row) return std::move(row).error();
    if (*row) read_fixed(*statement, 0, log.chain_);
    statement->reset();
  }
  auto next = next_decision_of(log.database_);
  if (!next) return std::move(next).error();
  log.next_decision_seq_ = *next;
  return log;
}

Result<PlayRow> PlayLog::append(PlayRow row, std::int64_t local_day, std::uint64_t lost) {
  row.log_id = log_id_;
  row.seq = last_seq_ + 1 + lost;
  row.chain = chain_next(chain_, row);
  row.signature = sign_chain(proof_key_, screen_, log_id_, row.seq, row.chain);

  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  auto insert = database_.prepare(row_insert<PlayRow>("play", "chain, signature"));
  if (!insert) return std::move(insert).error();
  const int next = bind_row(*insert, row);
  insert->bind(next, ByteView(row.chain)).bind(next + 1, ByteView(row.signature));
  if (auto done = insert->run(); !done) return std::move(done).error();
  if (counts(row.kind)) {
    auto tally = database_.prepare(
        "INSERT INTO tally(campaign, creative, local_day, plays) VALUES(?, ?, ?, 1)"
        " ON CONFLICT DO UPDATE SET plays = plays + 1");
    if (!tally) return std::move(tally).error();
    tally->bind(1, column_value(row.campaign))
        .bind(2, column_value(row.creative))
        .bind(3, local_day);
    if (auto done = tally->run(); !done) return std::move(done).error();
  }
  if (auto done = transaction->commit(); !done) return std::move(done).error();

  last_seq_ = row.seq;
  chain_ = row.chain;
  next_decision_seq_ = std::max(next_decision_seq_, row.decision_seq + 1);
  return row;
}

Status PlayLog::append_inputs(std::vector<InputRow> rows) {
  if (rows.empty()) return ok();
  auto highest = highest_seq(database_, "input");
  if (!highest) return std::move(highest).error();
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  for (InputRow& row : rows) {
    row.seq = ++*highest;
    auto insert = database_.prepare(row_insert<InputRow>("input"));
    if (!insert) return std::move(insert).error();
    bind_row(*insert, row);
    if (auto done = insert->run(); !done) return done;
  }
  if (auto done = transaction->commit(); !done) return done;
  next_decision_seq_ = std::max(next_decision_seq_, rows.back().decision_seq + 1);
  return ok();
}

Result<std::vector<PlayLog::TallyEntry>> PlayLog::tally(std::int64_t first_day,
                                                        std::int64_t last_day) {
  return read_tally(database_, first_day, last_day);
}

Result<std::vector<InputRow>> PlayLog::clock_inputs() {
  return clocks_of(database_);
}

Result<std::vector<PlayRow>> PlayLog::newest(std::size_t limit) {
  return newest_plays(database_, limit);
}

Result<PlayLogHistory> read_play_history(const LogPlace& place, std::size_t limit) {
  auto database = open_log_reader(place);
  if (!database) return std::move(database).error();
  PlayLogHistory history;
  const auto take = [](auto read, auto& into) -> Status {
    if (!read) return std::move(read).error();
    into = std::move(*read);
    return ok();
  };
  using Day = std::numeric_limits<std::int64_t>;
  for (const Status& taken : {take(newest_plays(*database, limit), history.plays),
                              take(clocks_of(*database), history.clocks),
                              take(read_tally(*database, Day::min(), Day::max()), history.tally),
                              take(highest_seq(*database, "play"), history.last_seq),
                              take(next_decision_of(*database), history.next_decision_seq)}) {
    if (!taken) return taken.error();
  }
  return history;
}

Result<PlayLogReader> PlayLogReader::open(const LogPlace& place) {
  // Taken before the file is opened: a replacement in between shows as a change, never as none.
  const LogFiles files = files_of(place);
  auto database = open_log_reader(place);
  if (!database) return std::move(database).error();
  return PlayLogReader(place, files, std::move(*database));
}

Result<LogId> PlayLogReader::log_id() {
  if (files_.replaced_by(files_of(place_))) {
    auto fresh = open(place_);
    if (!fresh) return std::move(fresh).error();
    *this = std::move(*fresh);
  }
  auto id = database_.scalar("SELECT log_id FROM meta");
  if (!id) return std::move(id).error();
  if (!*id) return fail(ErrorCode::not_found, place_.file.string() + " has no log yet");
  return static_cast<LogId>(**id);
}

Result<std::vector<PlayRow>> PlayLogReader::rows_after(std::uint64_t after, std::size_t limit) {
  auto select = database_.prepare(select_plays() + "WHERE seq > ? ORDER BY seq LIMIT ?");
  if (!select) return std::move(select).error();
  select->bind(1, static_cast<std::int64_t>(after))
      .bind(2, static_cast<std::int64_t>(std::min<std::size_t>(limit, 500)));
  return all_plays(*select);
}

Result<std::vector<InputRow>> PlayLogReader::inputs_after(std::uint64_t after, std::size_t limit) {
  auto select = database_.prepare("SELECT " + row_columns<InputRow>() +
                                  " FROM input WHERE seq > ? ORDER BY seq LIMIT ?");
  if (!select) return std::move(select).error();
  select->bind(1, static_cast<std::int64_t>(after))
      .bind(2, static_cast<std::int64_t>(std::min<std::size_t>(limit, 500)));
  return all_inputs(*select);
}

Result<std::vector<PlayLog::TallyEntry>> PlayLogReader::tally() {
  using Day = std::numeric_limits<std::int64_t>;
  return read_tally(database_, Day::min(), Day::max());
}

Result<Hash256> PlayLogReader::chain_at(std::uint64_t seq) {
  auto select = database_.prepare("SELECT chain FROM play WHERE seq = ?");
  if (!select) return std::move(select).error();
  auto row = select->bind(1, static_cast<std::int64_t>(seq)).step();
  if (!row) return std::move(row).error();
  if (!*row)
    return fail(ErrorCode::not_found, place_.file.string() + " has no play " + std::to_string(seq));
  Hash256 chain{};
  read_fixed(*select, 0, chain);
  select->reset();
  return chain;
}

}  // namespace vitrine
