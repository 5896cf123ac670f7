#include "backflow/store.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <thread>

#include "base/math.hpp"
#include "in_parallel.hpp"
#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "platform/sqlite.hpp"
#include "protocol/wire.hpp"
#include "store/raw_rows.hpp"
#include "store/stored_rows.hpp"
#include "store/where_it_is.hpp"

namespace vitrine {
namespace {

// Of one load, so that memory is bounded: a play is some 0.5 KB on its way, and as much again as
// ClickHouse reads it. Fewer, and that server spends much of its time on making files.
constexpr std::size_t kMostRows = 200'000;
// Records that are decoded side by side, and how many are worth a thread.
constexpr std::size_t kTogether = 64;
constexpr std::size_t kWorthAThread = 4;

// The id of a spool's directory, drawn when it is first loaded, for rows of several spools meet in
// one store. Positive.
Result<std::int64_t> spool_id(const fs::path& directory) {
  const fs::path file = directory / "id";
  auto text = read_text(file, 64);
  if (text) {
    std::int64_t id = 0;
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, id);
    if (error == std::errc{} && stop != end && *stop == '\n' && id > 0) return id;
    return fail(ErrorCode::corrupt, file.string() + " is not the id of a spool");
  }
  if (text.error().code != ErrorCode::not_found) return std::move(text).error();
  const auto id = static_cast<std::int64_t>(random_u64() >> 1);
  if (auto made = make_directories(directory); !made) return std::move(made).error();
  if (auto written = write_atomic(file, std::to_string(id) + "\n"); !written)
    return std::move(written).error();
  return id;
}

bool is_sqlite(const std::string& address) {
  return !address.starts_with("clickhouse:");
}

// What SQLite has beyond the tables.
Status make_view(const std::string& address) {
  const std::string path =
      address.starts_with("sqlite:") ? address.substr(std::string_view("sqlite:").size()) : address;
  auto database = Database::open_owner(path);
  if (!database) return std::move(database).error();
  return database->execute(
      "CREATE INDEX IF NOT EXISTS exposure_of_play ON exposure(device, play_log_id, play_seq);"
      // An audience log that was made again may measure a play twice.
      "CREATE VIEW IF NOT EXISTS play_audience AS SELECT p.*, e.log_id AS exposure_log_id, e.seq "
      "AS exposure_seq, e.person_ms, e.ots, e.first_exposed, e.viewers, e.attention_ms, "
      "e.crossings, e.coverage_permille, e.quality, e.method, e.model FROM play p LEFT JOIN "
      "exposure e ON e.rowid = (SELECT x.rowid FROM exposure x WHERE x.device = p.device AND "
      "x.play_log_id = p.log_id AND x.play_seq = p.seq ORDER BY x.coverage_permille DESC, "
      "x.log_id, x.seq LIMIT 1);");
}

// How many rows of a raw table, whose rows are in the spool's order, are of records up to this.
std::size_t rows_until(const SqlBlock& block, const SpoolPosition& position) {
  const std::size_t columns = block.table().columns.size();
  const auto& segments = block.column(columns - 2).integers;
  const auto& offsets = block.column(columns - 1).integers;
  const auto at = [&](std::size_t r) {
    return SpoolPosition{static_cast<std::uint64_t>(segments[r]),
                         static_cast<std::uint64_t>(offsets[r])};
  };
  std::size_t rows = 0;
  while (rows < block.rows() && at(rows) <= position) ++rows;
  return rows;
}

}  // namespace

class Store::Loader {
 public:
  Loader(std::unique_ptr<SqlStore> sql, fs::path spool_directory, std::int64_t spool,
         bool likes_large)
      : large(likes_large),
        sql_(std::move(sql)),
        spool_directory_(std::move(spool_directory)),
        spool_(spool) {}

  Status prepare() {
    for (std::size_t i = 0; i < kRawTables; ++i) {
      if (auto made = sql_->create(raw_table(static_cast<RawTable>(i))); !made)
        return std::move(made).error().context(
            "it can be made again from the spool, in a new place");
    }
    return ask();
  }

  Result<std::size_t> load(std::size_t most, SpoolPosition until) {
    if (lost_) {
      if (auto asked = ask(); !asked) return std::move(asked).error();
    }
    if (position >= until) return std::size_t{0};
    Chunk chunk{blocks_};
    blocks_.clear();
    if (auto read = fill(chunk, most, until); !read) return std::move(read).error();
    if (chunk.records == 0) return std::size_t{0};
    auto stored = sql_->together([&] { return append(chunk); });
    if (!stored) {
      lost_ = true;
      return std::move(stored).error();
    }
    for (const auto& [log, range] : chunk.logs) where_.known[log].add(range.first, range.second);
    position = chunk.next;
    return chunk.records;
  }

  SpoolPosition position;
  const bool large;

 private:
  struct Chunk {
    store::RawBlocks& blocks;
    std::multimap<store::LogName, std::pair<std::uint64_t, std::uint64_t>> logs = {};
    std::size_t records = 0;
    SpoolPosition next = {};
    bool full = false;  // no record goes behind what could not be read
  };

  Status ask() {
    auto where = store::ask_where_it_is(*sql_, spool_);
    if (!where) return std::move(where).error();
    where_ = *std::move(where);
    position = {};
    if (where_.whole) {
      SpoolReader reader(spool_directory_, *where_.whole);
      auto last = reader.next();
      if (!last) return std::move(last).error();
      if (!*last)
        return fail(ErrorCode::corrupt, "the store has rows of spool record " +
                                            std::to_string(where_.whole->segment) + ":" +
                                            std::to_string(where_.whole->offset) +
                                            ", which is not in " + spool_directory_.string() +
                                            "; when the spool is an older copy, remove its file "
                                            "`id`: it is loaded as another spool, each row once");
      position = (*last)->next;
    }
    lost_ = false;
    return ok();
  }

  Status fill(Chunk& chunk, std::size_t most, SpoolPosition until) {
    SpoolReader reader(spool_directory_, position);
    while (chunk.records < most && chunk.blocks.rows() < kMostRows && !chunk.full) {
      std::vector<SpoolEntry> entries;
      while (entries.size() < std::min(kTogether, most - chunk.records) &&
             reader.position() < until) {
        auto entry = reader.next();
        if (!entry) return std::move(entry).error();
        if (!*entry) break;
        entries.push_back(*std::move(*entry));
      }
      if (entries.empty()) return ok();
      // Each by itself, and dear.
      std::vector<std::optional<Decoded>> decoded(entries.size());
      in_parallel(entries.size(), std::thread::hardware_concurrency(), kWorthAThread,
                  [&](std::size_t i) { decoded[i].emplace(decode(entries[i].record)); });
      for (std::size_t i = 0; i < entries.size(); ++i) {
        const SpoolEntry& record = entries[i];
        // One append is of one partition.
        if (chunk.records > 0 &&
            record.at.segment / SqlTable::kPartition != chunk.next.segment / SqlTable::kPartition)
          return ok();
        if (chunk.blocks.rows() >= kMostRows || chunk.full) return ok();
        auto taken = take(chunk, record, *decoded[i]);
        if (!taken) return std::move(taken).error();
        if (!*taken) return ok();
        ++chunk.records;
        chunk.next = record.next;
      }
    }
    return ok();
  }

  struct Decoded {
    Result<Batch> batch;
    store::BatchHashes hashes;
  };
  static Decoded decode(const SpoolRecord& record) {
    Decoded decoded{decode_batch(record.payload), {}};
    if (decoded.batch) decoded.hashes = store::hashes_of(record.payload, *decoded.batch);
    return decoded;
  }

  // false: it has to wait for what is in the chunk to be stored.
  Result<bool> take(Chunk& chunk, const SpoolEntry& entry, const Decoded& decoded) {
    const store::Source source{entry.record.device, spool_, entry.at};
    if (!decoded.batch) return note_unreadable(chunk, source, decoded.batch.error());
    const Batch& batch = *decoded.batch;
    const store::LogName log{source.device, batch.key.stream, batch.key.log_id};
    const auto [begin, end] = chunk.logs.equal_range(log);
    for (auto other = begin; other != end; ++other) {
      if (other->second.first <= batch.key.last && other->second.second >= batch.key.first)
        return false;
    }
    const auto known = where_.known.find(log);
    const bool overlaps =
        known != where_.known.end() && known->second.overlaps(batch.key.first, batch.key.last);
    const auto is_known = [&](std::uint64_t seq) { return overlaps && known->second.has(seq); };
    std::optional<store::RawBlocks> again;
    if (overlaps) {
      auto came = store::add_raw_rows(again.emplace(), source, batch, is_known);
      if (!came) return note_unreadable(chunk, source, came.error());
    }
    auto added = store::add_raw_rows(chunk.blocks, source, batch,
                                     [&](std::uint64_t seq) { return !is_known(seq); });
    if (!added) return note_unreadable(chunk, source, added.error());
    if (overlaps) {
      if (auto held = compare(chunk, source, log, *again); !held) return std::move(held).error();
    }
    const SqlRow row = store::batch_row(source, entry.record, batch, decoded.hashes, *added);
    if (auto noted = chunk.blocks.of(RawTable::batch).add_row(row); !noted)
      return std::move(noted).error();
    chunk.logs.emplace(log, std::pair(batch.key.first, batch.key.last));
    return true;
  }

  // It was decoded before it was spooled, so this is an older format or a defect: noted, and the
  // rest goes on.
  Result<bool> note_unreadable(Chunk& chunk, const store::Source& source, const Error& why) {
    log_error("spool record {}:{} of {}: {}; noted as unreadable", source.at.segment,
              source.at.offset, source.device, why.message);
    chunk.full = true;
    auto noted =
        chunk.blocks.of(RawTable::unreadable).add_row(store::unreadable_row(source, why.message));
    if (!noted) return std::move(noted).error();
    return true;
  }

  // Rows that came before, against what is stored.
  Status compare(Chunk& chunk, const store::Source& source, const store::LogName& log,
                 const store::RawBlocks& again) {
    const SqlBlock& rows = again.of(raw_table_of(log.stream));
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      auto same = store::is_stored(*sql_, log.stream, again, r);
      if (!same) return std::move(same).error();
      if (*same) continue;
      const auto seq = static_cast<std::uint64_t>(rows.column(store::kSeqColumn).integers[r]);
      log_error("ALARM: row {} of {} log {} of {} was stored before with other content", seq,
                name_of(log.stream), log.log_id, log.device);
      auto noted = chunk.blocks.of(RawTable::conflict)
                       .add_row(store::conflict_row(source, log.stream, log.log_id, seq));
      if (!noted) return noted;
    }
    return ok();
  }

  // Rows that a table got before a kill are left out.
  Status append(Chunk& chunk) {
    for (std::size_t i = 0; i < kRawTables; ++i) {
      SqlBlock& block = chunk.blocks.of(static_cast<RawTable>(i));
      if (const auto& newest = where_.newest[i]) block.drop_first(rows_until(block, *newest));
      if (auto done = sql_->append(block); !done) return done;
    }
    return ok();
  }

  std::unique_ptr<SqlStore> sql_;
  fs::path spool_directory_;
  std::int64_t spool_;
  store::WhereItIs where_;
  store::RawBlocks blocks_;  // of one load after the other: their room is asked for once
  bool lost_ = false;        // what the store has is to be asked
};

Store::Store(std::unique_ptr<Loader> loader) : loader_(std::move(loader)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const std::string& address, const fs::path& spool_directory) {
  auto spool = spool_id(spool_directory);
  if (!spool) return std::move(spool).error();
  auto sql = open_sql_store(address, SqlAccess::write, std::to_string(*spool));
  if (!sql) return std::move(sql).error();
  auto loader =
      std::make_unique<Loader>(*std::move(sql), spool_directory, *spool, !is_sqlite(address));
  if (auto ready = loader->prepare(); !ready)
    return std::move(ready).error().context("the store " + sql_store_name(address));
  if (is_sqlite(address)) {
    if (auto made = make_view(address); !made) return std::move(made).error();
  }
  return Store(std::move(loader));
}

Result<std::size_t> Store::load(std::size_t most, SpoolPosition until) {
  return loader_->load(most, until);
}
SpoolPosition Store::position() const {
  return loader_->position;
}
bool Store::likes_large_appends() const {
  return loader_->large;
}

}  // namespace vitrine
