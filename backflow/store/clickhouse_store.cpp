// The only file of the backend that knows libcurl.
#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <numeric>

#include "store/clickhouse_format.hpp"
#include "store/sql_engines.hpp"

namespace vitrine::store {
namespace {

constexpr long kConnectSeconds = 10;
constexpr std::size_t kMostComplaint = 64 * 1024;
// What makes both engines mean the same by a join. `wait_end_of_query`: an error that comes late is
// still told by the status, never found in the middle of rows. The server keeps what does not fit
// its buffer on its disk.
constexpr std::string_view kSettings =
    "wait_end_of_query=1&join_default_strictness=ALL&join_use_nulls=1&max_query_size=16000000"
    "&enable_optimize_predicate_expression=1";

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

struct Address {
  std::string base;  // http://HOST:PORT/
  std::string database;
  std::string user, password;
};

// Part of a URL, decoded; empty when it has none.
std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  const auto code = curl_url_get(url, part, &text, CURLU_URLDECODE);
  std::string found = code == CURLUE_OK ? text : "";
  curl_free(text);
  return found;
}

// Says nothing of the URL itself: it may hold a password.
Result<Address> parse(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  const auto wrong =
      fail(ErrorCode::invalid, "the store's address is not clickhouse:http://HOST:PORT/DATABASE");
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return wrong;
  Address address;
  const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return wrong;
  const std::string port = part_of(url.get(), CURLUPART_PORT);
  address.base = scheme + "://" + part_of(url.get(), CURLUPART_HOST) + ":" +
                 (port.empty() ? (scheme == "http" ? "8123" : "8443") : port) + "/";
  std::string path = part_of(url.get(), CURLUPART_PATH);
  path.erase(0, 1);
  const bool named = !path.empty() && std::all_of(path.begin(), path.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  });
  if (!named) return wrong;
  address.database = path;
  address.user = part_of(url.get(), CURLUPART_USER);
  address.password = part_of(url.get(), CURLUPART_PASSWORD);
  constexpr std::string_view option = "password_file=";
  const std::string query = part_of(url.get(), CURLUPART_QUERY);
  if (query.empty()) return address;
  if (!query.starts_with(option)) return wrong;
  auto secret = read_text(query.substr(option.size()), 4096);
  if (!secret) return std::move(secret).error().context("the store's password");
  while (!secret->empty() && secret->back() == '\n') secret->pop_back();
  address.password = *std::move(secret);
  return address;
}

ErrorCode kind_of(int code) {
  switch (code) {
    case 60:  // no such table
    case 81:  // no such database
      return ErrorCode::not_found;
    case 192:  // unknown user
    case 193:  // wrong password
    case 516:  // either, in newer ones
    case 164:  // read-only
      return ErrorCode::denied;
    case 159:  // too slow
    case 241:  // too much memory
    case 243:  // no room
      return ErrorCode::exhausted;
    case 47:  // unknown column
    case 62:  // syntax
      return ErrorCode::invalid;
    default:
      return ErrorCode::unavailable;
  }
}

// What comes back: rows, or what the server has to say against it.
struct Answer {
  CURL* curl = nullptr;
  TabSeparatedRows* rows = nullptr;
  Status taken = ok();
  std::string complaint;

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* object) {
    auto& answer = *static_cast<Answer*>(object);
    long status = 0;
    curl_easy_getinfo(answer.curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 || answer.rows == nullptr) {
      if (answer.complaint.size() < kMostComplaint) answer.complaint.append(data, size);
      return size;
    }
    answer.taken = answer.rows->take({data, size});
    return answer.taken ? size : 0;
  }
};

class ClickhouseStore : public SqlStore {
 public:
  ClickhouseStore(Address address, std::unique_ptr<CURL, CurlDeleter> curl, std::string owner)
      : address_(std::move(address)),
        curl_(std::move(curl)),
        owner_(std::move(owner)),
        unsettled_(!owner_.empty()) {}

  Status make_database() {
    return post("", "CREATE DATABASE IF NOT EXISTS " + address_.database, nullptr, false);
  }
  Status find_database() {
    auto found = sql_scalar(*this, "SELECT 1");
    return found ? ok() : Status(std::move(found).error());
  }

  Status create(const SqlTable& table) override {
    if (auto good = check_names(table); !good) return good;
    std::string sql = "CREATE TABLE IF NOT EXISTS " + stored_name(table) + "(";
    for (const SqlColumn& column : table.columns)
      sql += stored_column(column) + " " + clickhouse_type(column) + ", ";
    sql.resize(sql.size() - 2);
    sql += ") ENGINE = MergeTree() ";
    if (!table.day.empty()) sql += "PARTITION BY " + table.day + " ";
    if (!table.partition.empty())
      sql += "PARTITION BY intDiv(" + table.partition + ", " +
             std::to_string(SqlTable::kPartition) + ") ";
    std::string key;
    for (const std::string& name : table.sorted.empty() ? table.key : table.sorted)
      key += (key.empty() ? "" : ", ") + name;
    sql += "ORDER BY " + (key.empty() ? "tuple()" : "(" + key + ")");
    if (auto made = post("", sql); !made) return made;
    if (const std::string view = view_of(table); !view.empty()) {
      if (auto made = post("", "CREATE VIEW IF NOT EXISTS " + table.name + " AS " + view); !made)
        return made;
    }
    return check_columns(table);
  }

  Status query(const std::string& sql, const std::function<Status(const SqlRow&)>& row) override {
    TabSeparatedRows rows(row);
    return post("", clickhouse_sql(sql) + " FORMAT TabSeparatedWithNamesAndTypes", &rows);
  }

  Status append(const SqlBlock& block) override {
    if (auto good = block.check(); !good) return good;
    // A block of several partitions is not one step, so each day is a block of its own.
    std::map<std::int64_t, std::vector<std::size_t>> days;
    const auto* day = days_of(block);
    for (std::size_t i = 0; i < block.rows(); ++i)
      days[day == nullptr ? 0 : (*day)[i]].push_back(i);
    for (const auto& [number, picked] : days) {
      if (auto done =
              insert(stored_name(block.table()), native_block(block, picked), picked.size());
          !done)
        return done;
    }
    return ok();
  }

  Status replace_day(const SqlBlock& block, std::int64_t day) override {
    if (auto good = block.check(); !good) return good;
    const std::string partition = " PARTITION " + std::to_string(day);
    const std::string name = stored_name(block.table());
    if (block.rows() == 0) return post("", "ALTER TABLE " + name + " DROP" + partition);
    for (const std::int64_t other : *days_of(block)) {
      if (other != day)
        return fail(ErrorCode::invalid, "a row of day " + std::to_string(other) +
                                            " in place of day " + std::to_string(day) +
                                            " of table " + block.table().name);
    }
    std::vector<std::size_t> all(block.rows());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const std::string body = native_block(block, all);
    // Beside the table, then put in its place: a reader sees the old day or the new one.
    const std::string staged = name + "_staged";
    if (auto done = post("", "DROP TABLE IF EXISTS " + staged); !done) return done;
    if (auto done = post("", "CREATE TABLE " + staged + " AS " + name); !done) return done;
    if (auto done = insert(staged, body, block.rows()); !done) return done;
    if (auto done = post("", "ALTER TABLE " + name + " REPLACE" + partition + " FROM " + staged);
        !done)
      return done;
    return post("", "DROP TABLE IF EXISTS " + staged);
  }

  Status together(const std::function<Status()>& work) override { return work(); }

  std::string present(const std::string& hash_column) const override {
    return hash_column + " <> toFixedString('', 32)";
  }

  Status remove(const std::string& table, const std::string& where) override {
    const std::string stored = table + "_stored";
    auto there =
        sql_scalar(*this, "SELECT count(*) FROM system.tables WHERE database = " +
                              sql_quoted(address_.database) + " AND name = " + sql_quoted(stored));
    if (!there) return std::move(there).error();
    const std::string& name = sql_integer(*there) == 0 ? table : stored;
    if (auto done = post("", "ALTER TABLE " + name + " DELETE WHERE " + clickhouse_sql(where));
        !done)
      return done;
    return wait_for_removal(name);
  }

 private:
  // Of each row; nullptr where the table has no day.
  static const std::vector<std::int64_t>* days_of(const SqlBlock& block) {
    const SqlTable& table = block.table();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (!table.day.empty() && table.columns[i].name == table.day)
        return &block.column(i).integers;
    }
    return nullptr;
  }

  Status check_columns(const SqlTable& table) {
    std::size_t at = 0;
    Status same = ok();
    auto done = query(
        "SELECT name FROM system.columns WHERE database = " + sql_quoted(address_.database) +
            " AND table = " + sql_quoted(table.name),
        [&](const SqlRow& row) {
          const bool wanted = at < table.columns.size();
          if (same && (!wanted || table.columns[at].name != sql_text(row[0])))
            same = fail(
                ErrorCode::conflict,
                "table " + table.name + " is there with other columns: " +
                    (wanted ? "no " + table.columns[at].name : sql_text(row[0]) + " is not known"));
          ++at;
          return ok();
        });
    if (!done) return done;
    if (same && at < table.columns.size())
      return fail(ErrorCode::conflict, "table " + table.name + " is there with other columns: no " +
                                           table.columns[at].name);
    return same;
  }

  // One block, and so one step: the server cuts a body only above max_insert_block_size rows.
  Status insert(const std::string& table, const std::string& body, std::size_t rows) {
    const std::string query = "INSERT INTO " + table + " FORMAT Native";
    std::string parameters =
        "query=" + escaped(query) + "&max_insert_block_size=" + std::to_string(rows);
    if (!owner_.empty())
      parameters += "&query_id=vitrine-" + owner_ + "-" + std::to_string(++inserts_) + "-" + table;
    auto done = post(parameters, body);
    unsettled_ = unsettled_ || (!done && !owner_.empty());
    return done;
  }

  // An insert of ours whose answer was never read may still be under way, and would land behind
  // whatever is asked and sent next.
  Status settle() {
    if (!unsettled_) return ok();
    unsettled_ = false;  // for the asking itself
    auto done = wait_until_none("system.processes WHERE query_id LIKE 'vitrine-" + owner_ + "-%'",
                                "ClickHouse still writes what was sent before");
    unsettled_ = !done;
    return done;
  }

  // The server deletes in its own time; 18.16 has no setting to wait for it.
  Status wait_for_removal(const std::string& table) {
    return wait_until_none("system.mutations WHERE is_done = 0 AND database = " +
                               sql_quoted(address_.database) + " AND table = " + sql_quoted(table),
                           "ClickHouse still deletes from " + table);
  }

  // An insert cannot be killed while it writes, so it is waited for. The server sleeps, not we.
  Status wait_until_none(const std::string& rows, const std::string& otherwise) {
    constexpr long kMostTries = kQuerySeconds * 20;
    for (long i = 0; i < kMostTries; ++i) {
      std::int64_t left = 0;
      TabSeparatedRows counted([&](const SqlRow& row) {
        left = sql_integer(row[0]);
        return ok();
      });
      // In no database: ours may not be there yet.
      auto asked = post(
          "", "SELECT count(*), sleep(0.05) FROM " + rows + " FORMAT TabSeparatedWithNamesAndTypes",
          &counted, false);
      if (!asked) return asked;
      if (left == 0) return ok();
    }
    return fail(ErrorCode::exhausted,
                otherwise + " after " + std::to_string(kQuerySeconds) + " s; it goes on");
  }

  std::string escaped(const std::string& text) {
    char* made = curl_easy_escape(curl_.get(), text.data(), static_cast<int>(text.size()));
    std::string url = made == nullptr ? "" : made;
    curl_free(made);
    return url;
  }

  Status post(const std::string& parameters, const std::string& body,
              TabSeparatedRows* rows = nullptr, bool in_database = true) {
    if (auto settled = settle(); !settled) return settled;
    CURL* curl = curl_.get();
    std::string url = address_.base + "?" + std::string(kSettings) +
                      "&max_execution_time=" + std::to_string(kQuerySeconds);
    if (in_database) url += "&database=" + address_.database;
    if (!parameters.empty()) url += "&" + parameters;
    Answer answer{curl, rows};
    char why[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    const CURLcode code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
    if (!answer.taken) return answer.taken;
    const std::string where = "ClickHouse at " + address_.base + address_.database;
    if (code != CURLE_OK)
      return fail(ErrorCode::unavailable,
                  where + " does not answer: " + (*why != 0 ? why : curl_easy_strerror(code)));
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) return ok();
    const ErrorCode kind = status == 401 || status == 403
                               ? ErrorCode::denied
                               : kind_of(clickhouse_code(answer.complaint));
    return fail(kind, where + " refuses: " + clickhouse_complaint(answer.complaint));
  }

  Address address_;
  std::unique_ptr<CURL, CurlDeleter> curl_;
  std::string owner_;
  std::uint64_t inserts_ = 0;
  bool unsettled_;  // an insert of `owner_` may be under way
};

}  // namespace

Result<std::unique_ptr<SqlStore>> open_clickhouse_store(const std::string& url, SqlAccess access,
                                                        const std::string& owner) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  auto address = parse(url);
  if (!address) return std::move(address).error();
  std::unique_ptr<CURL, CurlDeleter> curl(curl_easy_init());
  if (!curl) return fail(ErrorCode::unavailable, "libcurl has no handle");
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, SqlStore::kQuerySeconds + kConnectSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Answer::on_body);
  if (!address->user.empty() || !address->password.empty()) {
    const std::string user = address->user.empty() ? "default" : address->user;
    curl_easy_setopt(curl.get(), CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl.get(), CURLOPT_USERNAME, user.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, address->password.c_str());
  }
  auto store = std::make_unique<ClickhouseStore>(*std::move(address), std::move(curl), owner);
  auto there = access == SqlAccess::write ? store->make_database() : store->find_database();
  if (!there) return std::move(there).error();
  return std::unique_ptr<SqlStore>(std::move(store));
}

std::string clickhouse_name(const std::string& url) {
  const std::unique_ptr<CURLU, UrlDeleter> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return "http";
  return part_of(parsed.get(), CURLUPART_SCHEME) + "://" + part_of(parsed.get(), CURLUPART_HOST) +
         ":" + part_of(parsed.get(), CURLUPART_PORT) + part_of(parsed.get(), CURLUPART_PATH);
}

}  // namespace vitrine::store
