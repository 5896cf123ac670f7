#include "backflow/online_loader.hpp"

#include <algorithm>
#include <utility>

#include "backflow/online_rows.hpp"
#include "online/row_form.hpp"
#include "platform/crypto.hpp"

namespace vitrine {
namespace {

// What goes to the store at once: each day of it is a write of its own to ClickHouse.
constexpr std::size_t kMostWaiting = 5000;
constexpr std::size_t kMostWaitingBytes = 4 * 1024 * 1024;
// One question for so many keys: a server takes 256 KiB of text at most, and quotes are doubled.
constexpr std::size_t kMostKeyBytes = 100 * 1024;

std::string id_sha256(std::string_view id_type, std::string_view id_hash) {
  return to_hex(sha256(as_bytes(std::string(id_type) + ":" + std::string(id_hash))));
}

std::size_t place_of(const SqlTable& table, std::string_view column) {
  const auto found = std::ranges::find(table.columns, column, &SqlColumn::name);
  return static_cast<std::size_t>(found - table.columns.begin());
}

// The last two columns, `source` and `line`, say where a row came from; they are not its content.
bool same_values(const SqlRow& one, const SqlRow& other) {
  return one.size() == other.size() && std::equal(one.begin(), one.end() - 2, other.begin());
}

Result<std::int64_t> count_rows(SqlStore& store, const std::string& table,
                                const std::string& where) {
  auto count = sql_scalar(store, "SELECT count(*) FROM " + table + " WHERE " + where);
  if (!count) return std::move(count).error();
  return sql_integer(*count);
}

// Counts, then removes; nothing is rewritten where there is nothing.
Result<std::int64_t> remove_rows(SqlStore& store, const std::string& table,
                                 const std::string& where) {
  auto count = count_rows(store, table, where);
  if (!count || *count == 0) return count;
  if (auto removed = store.remove(table, where); !removed) return std::move(removed).error();
  return count;
}

}  // namespace

std::int64_t OnlineCounts::rejected_rows() const {
  std::int64_t rows = 0;
  for (const auto& [cause, count] : rejected) rows += count;
  return rows;
}

std::string OnlineCounts::text() const {
  std::string text = std::to_string(read) + " rows read, " + std::to_string(stored) + " stored, " +
                     std::to_string(already) + " already there, " +
                     std::to_string(rejected_rows()) + " rejected";
  std::string causes;
  for (const auto& [cause, count] : rejected)
    causes +=
        (causes.empty() ? "" : ", ") + std::string(name_of(cause)) + " " + std::to_string(count);
  return causes.empty() ? text : text + " (" + causes + ")";
}

Result<OnlineLoader> OnlineLoader::open(SqlStore& store, OnlineKind kind, Rejected rejected) {
  if (auto made = create_online_tables(store); !made) return std::move(made).error();
  OnlineLoader loader(store, kind, std::move(rejected));
  if (auto known = loader.read_erased(); !known) return std::move(known).error();
  return loader;
}

Status OnlineLoader::read_erased() {
  return store_->query(
      "SELECT erased_sha256, max(time_us) FROM online_erasure GROUP BY erased_sha256",
      [&](const SqlRow& row) {
        erased_[sql_text(row[0])] = sql_integer(row[1]);
        return ok();
      });
}

OnlineSink OnlineLoader::sink() {
  return {[this](const OnlineRow& row) { return take(row); },
          [this](const RejectedRow& row) {
            ++counts_.read;
            return reject(row);
          }};
}

Status OnlineLoader::reject(const RejectedRow& row) {
  ++counts_.rejected[row.cause];
  return rejected_ ? rejected_(row) : ok();
}

bool OnlineLoader::is_erased(const SqlRow& values) const {
  if (erased_.empty()) return false;
  const SqlTable& table = online_table(kind_);
  const auto gone = [&](std::string_view type, std::string_view hash) {
    const std::string& id = sql_text(values[place_of(table, hash)]);
    if (id.empty()) return false;
    const auto found = erased_.find(id_sha256(sql_text(values[place_of(table, type)]), id));
    return found != erased_.end() &&
           sql_integer(values[place_of(table, "time_us")]) <= found->second;
  };
  if (kind_ == OnlineKind::events) return gone("id_type", "id_hash");
  if (kind_ == OnlineKind::links) return gone("id_type_a", "id_a") || gone("id_type_b", "id_b");
  return false;
}

Status OnlineLoader::take(const OnlineRow& row) {
  ++counts_.read;
  if (is_erased(row.values)) return reject({row.line, RowCause::erased, "", row.text});
  waiting_bytes_ += row.text.size();
  waiting_.push_back({row.values, row.line, std::string(row.text)});
  return waiting_.size() < kMostWaiting && waiting_bytes_ < kMostWaitingBytes ? ok() : flush();
}

// The rows that are stored under the keys of those that wait.
Status OnlineLoader::read_known(std::unordered_map<std::string, SqlRow>& into) const {
  const SqlTable& table = online_table(kind_);
  std::string keys;
  const auto ask = [&] {
    const std::string asked = "SELECT " + column_names(table) + " FROM " + table.name + " WHERE " +
                              table.key.front() + " IN (" + std::exchange(keys, {}) + ")";
    return store_->query(asked, [&](const SqlRow& row) {
      into.emplace(sql_text(row[0]), row);
      return ok();
    });
  };
  for (const Waiting& one : waiting_) {
    keys += (keys.empty() ? "" : ",") + sql_quoted(sql_text(one.values[0]));
    if (keys.size() < kMostKeyBytes) continue;
    if (auto asked = ask(); !asked) return asked;
  }
  return keys.empty() ? ok() : ask();
}

// What is new is stored; what stands there with other content comes back.
Result<std::vector<const OnlineLoader::Waiting*>> OnlineLoader::store_waiting(
    std::size_t& fresh_rows) {
  const SqlTable& table = online_table(kind_);
  std::unordered_map<std::string, SqlRow> known;
  if (auto asked = read_known(known); !asked) return std::move(asked).error();
  std::vector<SqlRow> fresh;
  std::vector<const Waiting*> conflicts;
  for (const Waiting& one : waiting_) {
    const auto [found, added] = known.emplace(sql_text(one.values[0]), one.values);
    if (added) {
      fresh.push_back(one.values);
    } else if (!same_values(found->second, one.values)) {
      conflicts.push_back(&one);
    }
  }
  if (!fresh.empty()) {
    if (auto done = store_->append(table, fresh); !done) return std::move(done).error();
  }
  fresh_rows = fresh.size();
  return conflicts;
}

Status OnlineLoader::flush() {
  if (waiting_.empty()) return ok();
  std::size_t fresh = 0;
  auto conflicts = store_waiting(fresh);
  // Another loader was here between the question and the answer: now its rows are known.
  if (!conflicts && conflicts.error().code == ErrorCode::conflict) conflicts = store_waiting(fresh);
  // Nothing is counted before it is stored: what failed may come again.
  if (!conflicts) return std::move(conflicts).error();
  counts_.stored += static_cast<std::int64_t>(fresh);
  counts_.already += static_cast<std::int64_t>(waiting_.size() - fresh - conflicts->size());
  for (const Waiting* one : *conflicts) {
    if (auto told =
            reject({one->line, RowCause::conflict, online_table(kind_).key.front(), one->text});
        !told)
      return told;
  }
  waiting_.clear();
  waiting_bytes_ = 0;
  return ok();
}

Result<std::int64_t> erase_online_id(SqlStore& store, const std::string& id_type,
                                     const std::string& id_hash, std::int64_t now_us) {
  const auto plain = online::parse_id_hash(id_hash);
  if (!plain) {
    return fail(ErrorCode::invalid,
                "this is no hashed id; ids are stored as hex of 32 to 128 digits only");
  }
  if (auto made = create_online_tables(store); !made) return std::move(made).error();
  const std::string type = sql_quoted(id_type), hash = sql_quoted(*plain);
  std::int64_t rows = 0;
  for (const auto& [table, where] :
       {std::pair<std::string, std::string>{"online_event",
                                            "id_type = " + type + " AND id_hash = " + hash},
        {"online_link", "(id_type_a = " + type + " AND id_a = " + hash +
                            ") OR (id_type_b = " + type + " AND id_b = " + hash + ")"}}) {
    auto removed = remove_rows(store, table, where);
    if (!removed) return removed;
    rows += *removed;
  }
  const OnlineErasure line{id_sha256(id_type, *plain), now_us, rows};
  const SqlRow values = to_sql_row(line);
  if (auto kept = store.append(online_erasure_table(), {&values, 1}); !kept)
    return std::move(kept).error();
  return rows;
}

Result<std::int64_t> expire_online(SqlStore& store, std::int64_t first_day) {
  if (auto made = create_online_tables(store); !made) return std::move(made).error();
  std::int64_t rows = 0;
  for (const char* table : {"online_event", "online_link", "scan", "scan_refused"}) {
    auto removed = remove_rows(store, table, "day < " + std::to_string(first_day));
    if (!removed) return removed;
    rows += *removed;
  }
  return rows;
}

}  // namespace vitrine
