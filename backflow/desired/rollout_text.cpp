// A rollout as the archive keeps it.
#include <algorithm>

#include "backflow/rollout.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"

namespace vitrine {
namespace {

std::int64_t integer_of(const Json& json, std::string_view name) {
  const Json* member = json.find(name);
  return member != nullptr && member->integer() != nullptr ? *member->integer() : 0;
}

std::string text_of(const Json& json, std::string_view name) {
  const Json* member = json.find(name);
  return member != nullptr && member->text() != nullptr ? *member->text() : "";
}

}  // namespace

std::string write_rollout(const Rollout& rollout, const std::string& jws) {
  Json::Array rings;
  for (const std::uint32_t percent : rollout.rules.rings) rings.emplace_back(std::int64_t{percent});
  Json::Object object;
  object["rings"] = std::move(rings);
  object["soak_s"] = rollout.rules.soak_s;
  object["most_rejects"] = std::int64_t{rollout.rules.most_rejects};
  object["pushed_by"] = rollout.pushed_by;
  object["ring"] = static_cast<std::int64_t>(rollout.ring);
  object["well_since_s"] = rollout.well_since_s;
  object["forgiven"] = std::int64_t{rollout.forgiven};
  object["last_order"] = static_cast<std::int64_t>(rollout.last_order);
  object["status"] = std::string(name_of(rollout.status));
  object["reason"] = rollout.reason;
  object["jws"] = jws;
  return write_json(std::move(object));
}

Result<StoredRollout> read_rollout(const std::string& json) {
  auto parsed = parse_json(json);
  if (!parsed) return std::move(parsed).error();
  StoredRollout stored;
  stored.jws = text_of(*parsed, "jws");
  auto document = parse_envelope(stored.jws);
  if (!document) return std::move(document).error();
  Rollout& rollout = stored.rollout;
  rollout.kind = document->header.kind;
  rollout.audience = document->header.audience;
  rollout.version = document->header.version;
  rollout.rules.rings.clear();
  if (const Json* rings = parsed->find("rings"); rings != nullptr && rings->array() != nullptr) {
    for (const Json& percent : *rings->array()) {
      if (percent.integer() != nullptr)
        rollout.rules.rings.push_back(static_cast<std::uint32_t>(*percent.integer()));
    }
  }
  if (auto checked = check_rings(rollout.rules.rings); !checked) return std::move(checked).error();
  rollout.rules.soak_s = integer_of(*parsed, "soak_s");
  rollout.rules.most_rejects = static_cast<std::uint32_t>(integer_of(*parsed, "most_rejects"));
  rollout.pushed_by = text_of(*parsed, "pushed_by");
  rollout.ring = std::min(static_cast<std::size_t>(integer_of(*parsed, "ring")),
                          rollout.rules.rings.size() - 1);
  rollout.well_since_s = integer_of(*parsed, "well_since_s");
  rollout.forgiven = static_cast<std::uint32_t>(integer_of(*parsed, "forgiven"));
  rollout.last_order = static_cast<std::uint64_t>(integer_of(*parsed, "last_order"));
  rollout.reason = text_of(*parsed, "reason");
  for (const auto status : {RolloutStatus::running, RolloutStatus::stopped, RolloutStatus::aborted,
                            RolloutStatus::done}) {
    if (text_of(*parsed, "status") == name_of(status)) rollout.status = status;
  }
  return stored;
}

}  // namespace vitrine
