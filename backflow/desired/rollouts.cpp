#include "backflow/rollouts.hpp"

namespace vitrine {

Result<Rollouts> Rollouts::open(const fs::path& directory) {
  Rollouts rollouts(directory);
  if (auto made = make_directories(directory); !made) return std::move(made).error();
  for (const std::string& name : list_directory(directory)) {
    if (!name.ends_with(".json")) continue;  // a write that a power cut ended
    auto text = read_text(directory / name);
    if (!text) return std::move(text).error();
    auto stored = read_rollout(*text);
    // Its version is a floor and its ring a promise: without it a document could go to everybody.
    if (!stored) return std::move(stored).error().context((directory / name).string());
    auto document = parse_envelope(stored->jws);
    if (!document) return std::move(document).error().context((directory / name).string());
    const Name key{stored->rollout.kind, stored->rollout.audience};
    rollouts.entries_[key] = {std::move(*document), std::move(stored->rollout), {}};
  }
  return rollouts;
}

Rollouts::Entry* Rollouts::find(DocumentKind kind, const Audience& audience) {
  const auto found = entries_.find({kind, audience});
  return found == entries_.end() ? nullptr : &found->second;
}

const Rollouts::Entry* Rollouts::find(DocumentKind kind, const Audience& audience) const {
  const auto found = entries_.find({kind, audience});
  return found == entries_.end() ? nullptr : &found->second;
}

Status Rollouts::put(Entry entry) {
  const Rollout& state = entry.state;
  const fs::path file =
      directory_ / (std::string(name_of(state.kind)) + "-" + state.audience.name + ".json");
  if (auto written = write_atomic(file, write_rollout(state, entry.document.jws)); !written)
    return written;
  const Name name{state.kind, state.audience};
  entries_.insert_or_assign(name, std::move(entry));
  return ok();
}

}  // namespace vitrine
