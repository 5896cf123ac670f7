#include "operator/network_folder.hpp"

#include <limits>

#include "operator/documents.hpp"
#include "planner/network_files.hpp"
#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/reference.hpp"

namespace vitrine::op {
namespace {

// A line a screen, or a screen and hour of the week: as much as memory holds.
constexpr std::size_t kMostCsv = std::numeric_limits<std::size_t>::max();

// Reads `file` with one of the planner's readers.
template <class T>
Result<T> read_table(const fs::path& file, Result<T> (*read)(std::string_view)) {
  auto text = read_text(file, kMostCsv);
  if (!text) return std::move(text).error();
  auto table = read(*text);
  if (!table) return std::move(table).error().context(file.string());
  return table;
}

Status take_schedule(const fs::path& file, std::string_view payload, std::uint64_t version,
                     plan::Network& network) {
  auto schedule = read_schedule(payload);
  if (!schedule) return std::move(schedule).error().context(file.string());
  network.schedule = *std::move(schedule);
  network.schedule_version = version;
  network.schedule_sha256 = sha256(as_bytes(payload));
  return ok();
}

Status read_schedule_of(const fs::path& folder, std::uint64_t version, plan::Network& network) {
  std::error_code error;
  if (version != 0) {
    auto json = read_text(folder / "schedule.json", kMaxReferencedBody);
    if (!json) return std::move(json).error();
    // The bytes that a push of this file signs.
    auto payload = canonical(DocumentKind::schedule, *json);
    if (!payload) return std::move(payload).error().context((folder / "schedule.json").string());
    return take_schedule(folder / "schedule.json", *payload, version, network);
  }
  const auto file = folder / "schedule.jws";
  if (!fs::exists(file, error)) {
    return fail(ErrorCode::not_found,
                file.string() + " is not there; a schedule.json needs --schedule-version");
  }
  auto jws = read_text(file, kMaxPacket + 1);
  if (!jws) return std::move(jws).error();
  while (!jws->empty() && (jws->back() == '\n' || jws->back() == '\r')) jws->pop_back();
  auto document = parse_envelope(*jws);
  if (!document) return std::move(document).error().context(file.string());
  if (document->header.kind != DocumentKind::schedule) {
    return fail(ErrorCode::invalid, file.string() + ": a schedule expected");
  }
  auto reference = reference_in(*document);
  if (!reference) return std::move(reference).error().context(file.string());
  if (*reference) {
    // The body is what a push of the file beside it signs.
    auto json = read_text(folder / "schedule.json", kMaxReferencedBody);
    if (!json) return std::move(json).error().context(file.string() + " names its body");
    auto body = canonical(DocumentKind::schedule, *json);
    if (!body) return std::move(body).error().context((folder / "schedule.json").string());
    if (auto put = put_body(*document, *std::move(body)); !put)
      return std::move(put).error().context(file.string());
  }
  return take_schedule(file, document->payload, document->header.version, network);
}

Status read_profiles_of(const fs::path& folder, plan::Network& network) {
  std::error_code error;
  if (fs::exists(folder / "profiles.csv", error)) {
    auto profiles = read_table(folder / "profiles.csv", plan::read_profiles);
    if (!profiles) return std::move(profiles).error();
    network.profiles = *std::move(profiles);
    return ok();
  }
  for (const std::string& name : list_directory(folder / "profiles")) {
    const auto file = folder / "profiles" / name;
    auto text = read_text(file, kMaxReferencedBody);
    if (!text) return std::move(text).error();
    auto profile = read_profile(*text);
    if (!profile) return std::move(profile).error().context(file.string());
    const AreaId area = profile->area;
    if (!network.profiles.emplace(area, *std::move(profile)).second) {
      return fail(ErrorCode::conflict,
                  file.string() + ": area " + std::to_string(area) + " has a profile already");
    }
  }
  if (network.profiles.empty()) {
    return fail(ErrorCode::not_found, folder.string() + " has neither profiles.csv nor profiles/");
  }
  return ok();
}

}  // namespace

Result<plan::Network> read_network(const fs::path& folder, std::uint64_t schedule_version) {
  plan::Network network;
  if (auto read = read_schedule_of(folder, schedule_version, network); !read)
    return std::move(read).error();
  auto screens = read_table(folder / "screens.csv", plan::read_screens);
  if (!screens) return std::move(screens).error();
  network.screens = *std::move(screens);
  auto contracts = read_table(folder / "contracts.csv", plan::read_contracts);
  if (!contracts) return std::move(contracts).error();
  network.contracts = *std::move(contracts);
  std::error_code error;
  if (fs::exists(folder / "arms.csv", error)) {
    auto arms = read_table(folder / "arms.csv", plan::read_arms);
    if (!arms) return std::move(arms).error();
    network.arms = *std::move(arms);
  }
  if (auto read = read_profiles_of(folder, network); !read) return std::move(read).error();
  if (auto fine = plan::check(network); !fine)
    return std::move(fine).error().context(folder.string());
  return network;
}

Result<plan::IssuedState> read_issued_state(const fs::path& folder) {
  plan::IssuedState state;
  auto goals = read_table(folder / "goals.csv", plan::read_goals);
  if (!goals) return std::move(goals).error();
  state.goals = *std::move(goals);
  auto screens = read_table(folder / "issued.csv", plan::read_issued);
  if (!screens) return std::move(screens).error();
  state.screens = *std::move(screens);
  return state;
}

Status write_issued_state(const fs::path& folder, const plan::IssuedState& state) {
  if (auto put = write_atomic(folder / "goals.csv", plan::write_goals(state.goals), 0644); !put)
    return put;
  return write_atomic(folder / "issued.csv", plan::write_issued(state.screens), 0644);
}

}  // namespace vitrine::op
