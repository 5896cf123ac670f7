// backend.toml as far as the online side reads it: the ingest's `store`, [online] and [redirect].
#pragma once

#include <string>

#include "backflow/sql_store.hpp"
#include "base/zone_table.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct OnlineConfig {
  std::string store;           // [ingest] store
  ZoneTable zone;              // [online] zone, Etc/UTC: whose days online_event has
  std::int64_t keep_days = 0;  // [online] keep_days, 400: events and links older than this go
  fs::path journal;            // [redirect] journal, empty where there is none

  // vitrine-online
  std::string listen;  // [online] listen, "127.0.0.1:PORT" or "unix:/path"
  fs::path token;      // [online] token: file of mode 0600, 32 characters or more
  int requests_a_minute = 600;
  std::size_t most_body = 4 * 1024 * 1024;  // [online] most_body_kib
};

struct RedirectConfig {
  fs::path registry;
  fs::path root_key, trust;  // whose schedules are believed
  fs::path archive;          // [desired] archive: the signed schedules by their hashes
  fs::path bodies;           // [redirect] bodies: directory of schedules too large for a message
  fs::path tenant_key;       // [redirect] tenant_key, else [enrol] tenant_key: makes each screen's
  fs::path journal;          // [redirect] journal: directory of the scans
  std::string listen;        // [redirect] listen
  std::string metrics;       // [redirect] metrics: a loopback address; empty: none
  std::int64_t token_minutes = 60;  // how long after its five minutes a token is a scan
  int a_minute_by_token = 600;
  int a_minute_by_address = 120;
};

Result<OnlineConfig> read_online_config(const fs::path& path);
Result<RedirectConfig> read_redirect_config(const fs::path& path);

// A secret of one line that nobody but its owner can read; `denied` otherwise.
Result<std::string> read_secret(const fs::path& path);

}  // namespace vitrine
