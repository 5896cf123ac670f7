#include "base/math.hpp"
#include "platform/sqlite.hpp"
#include "store/sql_engines.hpp"

namespace vitrine::store {
namespace {

std::string type_of(const SqlColumn& column) {
  switch (column.type) {
    case SqlType::integer:
      return "INTEGER NOT NULL";
    case SqlType::maybe_integer:
      return "INTEGER";
    case SqlType::text:
      return "TEXT NOT NULL";
    case SqlType::maybe_text:
    case SqlType::hash:
      break;
  }
  return "TEXT";
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

SqlValue value_at(const Statement& row, int column) {
  if (row.is_null(column)) return {};
  if (row.is_integer(column)) return row.integer(column);
  return row.text(column);
}

// A row's value of one column.
void bind(Statement& statement, int index, const SqlValues& values, std::size_t row) {
  if (!values.integers.empty()) {
    statement.bind(index, values.integers[row]);
  } else if (!values.hashes.empty() && values.hashes[row] != Hash256{}) {
    statement.bind(index, std::string_view(to_hex(values.hashes[row])));
  } else if (!values.texts.empty() && values.texts[row]) {
    statement.bind(index, std::string_view(*values.texts[row]));
  } else {
    statement.bind(index, kAbsent);
  }
}

class SqliteStore : public SqlStore {
 public:
  explicit SqliteStore(Database database) : database_(std::move(database)) {}

  Status create(const SqlTable& table) override {
    if (auto good = check_names(table); !good) return good;
    std::string sql = "CREATE TABLE IF NOT EXISTS " + table.name + "(";
    for (const SqlColumn& column : table.columns) sql += column.name + " " + type_of(column) + ", ";
    if (table.key.empty()) {
      sql.resize(sql.size() - 2);
    } else {
      sql += "PRIMARY KEY(" + joined(table.key) + ")";
    }
    sql += ");";
    if (!table.day.empty() && (table.key.empty() || table.key.front() != table.day))
      sql += "CREATE INDEX IF NOT EXISTS " + table.name + "_of_" + table.day + " ON " + table.name +
             "(" + table.day + ");";
    for (std::size_t i = 0; i < table.orders.size(); ++i)
      sql += "CREATE INDEX IF NOT EXISTS " + table.name + "_order_" + std::to_string(i) + " ON " +
             table.name + "(" + joined(table.orders[i]) + ");";
    if (auto made = database_.execute(sql); !made) return made;
    return check_columns(table);
  }

  Status query(const std::string& sql, const std::function<Status(const SqlRow&)>& row) override {
    auto statement = database_.prepare(sql);
    if (!statement) return told(std::move(statement).error());
    SqlRow values(static_cast<std::size_t>(statement->columns()));
    for (;;) {
      auto more = statement->step();
      if (!more) return std::move(more).error();
      if (!*more) return ok();
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = value_at(*statement, static_cast<int>(i));
      if (auto taken = row(values); !taken) return taken;
    }
  }

  Status append(const SqlBlock& block) override {
    if (block.rows() == 0) return ok();
    if (auto good = block.check(); !good) return good;
    auto transaction = Transaction::begin(database_);
    if (!transaction) return std::move(transaction).error();
    if (auto done = insert(block); !done) return done;
    return transaction->commit();
  }

  Status replace_day(const SqlBlock& block, std::int64_t day) override {
    if (auto good = block.check(); !good) return good;
    auto transaction = Transaction::begin(database_);
    if (!transaction) return std::move(transaction).error();
    if (auto done = database_.execute("DELETE FROM " + block.table().name + " WHERE " +
                                      block.table().day + " = " + std::to_string(day));
        !done)
      return done;
    if (auto done = insert(block); !done) return done;
    return transaction->commit();
  }

  std::string present(const std::string& hash_column) const override {
    return hash_column + " IS NOT NULL";
  }

  Status together(const std::function<Status()>& work) override {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return std::move(transaction).error();
    if (auto done = work(); !done) return done;
    return transaction->commit();
  }

  Status remove(const std::string& table, const std::string& where) override {
    return database_.execute("DELETE FROM " + table + " WHERE " + where);
  }

 private:
  // SQLite tells a table that is not there from any other fault only by what it says.
  static Error told(Error error) {
    if (error.message.find("no such table") != std::string::npos) error.code = ErrorCode::not_found;
    return error;
  }

  Status check_columns(const SqlTable& table) {
    auto rows = database_.prepare("SELECT name FROM pragma_table_info('" + table.name + "')");
    if (!rows) return std::move(rows).error();
    for (std::size_t i = 0;; ++i) {
      auto more = rows->step();
      if (!more) return std::move(more).error();
      const bool wanted = i < table.columns.size();
      if (!*more && !wanted) return ok();
      if (*more && wanted && rows->text(0) == table.columns[i].name) continue;
      return fail(ErrorCode::conflict,
                  "table " + table.name + " is there with other columns: " +
                      (wanted ? "no " + table.columns[i].name : rows->text(0) + " is not known"));
    }
  }

  Status insert(const SqlBlock& block) {
    const std::size_t columns = block.table().columns.size();
    std::string sql = "INSERT INTO " + block.table().name + " VALUES(?";
    for (std::size_t i = 1; i < columns; ++i) sql += ", ?";
    auto statement = database_.prepare(sql + ")");
    if (!statement) return std::move(statement).error();
    for (std::size_t row = 0; row < block.rows(); ++row) {
      for (std::size_t c = 0; c < columns; ++c)
        bind(*statement, static_cast<int>(c) + 1, block.column(c), row);
      if (auto done = statement->run(); !done)
        return std::move(done).error().context("cannot add to table " + block.table().name);
    }
    return ok();
  }

  Database database_;
};

}  // namespace

Result<std::unique_ptr<SqlStore>> open_sqlite_store(const fs::path& file, SqlAccess access) {
  auto database =
      access == SqlAccess::read ? Database::open_reader(file) : Database::open_owner(file);
  if (!database) return std::move(database).error();
  return std::unique_ptr<SqlStore>(std::make_unique<SqliteStore>(*std::move(database)));
}

}  // namespace vitrine::store
