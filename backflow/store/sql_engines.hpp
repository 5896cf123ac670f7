// The two engines behind sql_store.hpp. Private to the store.
#pragma once

#include "backflow/sql_store.hpp"
#include "platform/file.hpp"

namespace vitrine::store {

Result<std::unique_ptr<SqlStore>> open_sqlite_store(const fs::path& file, SqlAccess access);
// `url`: all behind "clickhouse:".
Result<std::unique_ptr<SqlStore>> open_clickhouse_store(const std::string& url, SqlAccess access,
                                                        const std::string& owner);
// `url` without user, password and what is behind "?".
std::string clickhouse_name(const std::string& url);

// What names a table or a column may have: it goes into SQL as it is.
Status check_names(const SqlTable& table);

}  // namespace vitrine::store
