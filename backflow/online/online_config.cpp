#include "backflow/online_config.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "platform/config.hpp"
#include "platform/time_zone.hpp"

namespace vitrine {

Result<OnlineConfig> read_online_config(const fs::path& path) {
  auto file = Config::read(path);
  if (!file) return std::move(file).error();
  OnlineConfig config;
  auto store = file->text("ingest.store");
  if (!store) return std::move(store).error();
  config.store = *std::move(store);
  auto zone = load_zone(file->text_or("online.zone", "Etc/UTC"));
  if (!zone) return std::move(zone).error().context(path.string() + ": online.zone");
  config.zone = *std::move(zone);
  config.keep_days = file->integer_or("online.keep_days", 400);
  if (config.keep_days < 31) {
    return fail(ErrorCode::invalid,
                path.string() + ": online.keep_days must be 31 or more; a scan waits 30 days");
  }
  config.journal = file->text_or("redirect.journal", "");
  config.listen = file->text_or("online.listen", "");
  config.token = file->text_or("online.token", "");
  config.requests_a_minute =
      static_cast<int>(file->integer_or("online.requests_a_minute", config.requests_a_minute));
  config.most_body = static_cast<std::size_t>(std::clamp<std::int64_t>(
                         file->integer_or("online.most_body_kib", 4096), 64, 64 * 1024)) *
                     1024;
  return config;
}

Result<RedirectConfig> read_redirect_config(const fs::path& path) {
  auto file = Config::read(path);
  if (!file) return std::move(file).error();
  RedirectConfig config;
  for (auto taken :
       {file->need("registry", config.registry), file->need("root_key", config.root_key),
        file->need("trust", config.trust), file->need("desired.archive", config.archive),
        file->need("redirect.journal", config.journal),
        file->need("redirect.listen", config.listen)}) {
    if (!taken) return std::move(taken).error();
  }
  config.bodies = file->text_or("redirect.bodies", "");
  config.metrics = file->text_or("redirect.metrics", "");
  config.tenant_key = file->text_or("redirect.tenant_key", file->text_or("enrol.tenant_key", ""));
  if (config.tenant_key.empty())
    return fail(ErrorCode::invalid, path.string() + ": redirect.tenant_key is missing");
  config.token_minutes = file->integer_or("redirect.token_minutes", config.token_minutes);
  if (config.token_minutes < 5 || config.token_minutes > 24 * 60) {
    return fail(ErrorCode::invalid, path.string() + ": redirect.token_minutes must be 5 to 1440");
  }
  config.a_minute_by_token =
      static_cast<int>(file->integer_or("redirect.a_minute_by_token", config.a_minute_by_token));
  config.a_minute_by_address = static_cast<int>(
      file->integer_or("redirect.a_minute_by_address", config.a_minute_by_address));
  return config;
}

Result<std::string> read_secret(const fs::path& path) {
  struct stat state {};
  if (::stat(path.c_str(), &state) != 0)
    return fail(ErrorCode::not_found, "cannot read " + path.string());
  if ((state.st_mode & 077) != 0) {
    return fail(ErrorCode::denied,
                path.string() + " can be read by others than its owner; chmod 600 it");
  }
  auto text = read_text(path, 4096);
  if (!text) return text;
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  if (text->size() < 32)
    return fail(ErrorCode::invalid, path.string() + " holds less than 32 characters");
  return text;
}

}  // namespace vitrine
