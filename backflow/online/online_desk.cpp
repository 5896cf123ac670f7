#include "online/online_desk.hpp"

#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "protocol/json.hpp"

namespace vitrine::online {
namespace {

// The rest is in the counts.
constexpr std::size_t kMostNamedRows = 1000;

HttpAnswer refusal(unsigned status, const std::string& why) {
  return {status, write_json(Json::Object{{"error", why}}) + "\n"};
}

}  // namespace

std::optional<HttpAnswer> OnlineDesk::admit(const HttpRequest& head) {
  if (head.path != "/v1/events") return refusal(404, "nothing is served here");
  if (!limit_.admit(head.source, clock_.boottime()))
    return refusal(429, "too many requests; wait a minute");
  if (!equal_secrets(as_bytes(head.authorization), as_bytes("Bearer " + token_)))
    return refusal(401, "the bearer token is missing or wrong");
  return std::nullopt;
}

HttpAnswer OnlineDesk::answer(const HttpRequest& request) {
  Json::Array named;
  auto loader = OnlineLoader::open(store_, OnlineKind::events, [&](const RejectedRow& row) {
    if (named.size() < kMostNamedRows) {
      named.push_back(Json::Object{{"line", row.line},
                                   {"cause", std::string(name_of(row.cause))},
                                   {"column", std::string(row.column)}});
    }
    return ok();
  });
  Status done = ok();
  if (loader) {
    OnlineReader reader(OnlineKind::events, OnlineFormat::ndjson, "http",
                        {config_.zone, clock_.realtime(), config_.keep_days}, loader->sink());
    done = reader.feed(request.body);
    if (done) done = reader.finish();
    if (done) done = loader->flush();
  } else {
    done = loader.error();
  }
  if (!done && done.error().code == ErrorCode::invalid && loader && loader->counts().read == 0)
    return refusal(400, done.error().message);
  if (!done) {
    log_error("events were not stored: {}", done.error().message);
    return refusal(503, "not stored, or not all of it; send the same again");
  }
  const OnlineCounts& counts = loader->counts();
  Json::Object causes;
  for (const auto& [cause, rows] : counts.rejected) causes[std::string(name_of(cause))] = rows;
  return {200, write_json(Json::Object{{"read", counts.read},
                                       {"stored", counts.stored},
                                       {"already", counts.already},
                                       {"rejected", std::move(causes)},
                                       {"rejected_rows", std::move(named)}}) +
                   "\n"};
}

}  // namespace vitrine::online
