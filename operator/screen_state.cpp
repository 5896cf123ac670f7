#include "operator/screen_state.hpp"

#include <algorithm>

#include "platform/time_zone.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/reference.hpp"

namespace vitrine::op {
namespace {

template <class T>
Status read_payload(const std::string& jws, const std::string& body,
                    Result<T> (*read)(std::string_view), T& into, std::uint64_t& version) {
  auto document = parse_envelope(jws);
  if (!document) return std::move(document).error();
  if (auto put = put_body(*document, body); !put) return put;
  auto parsed = read(document->payload);
  if (!parsed) return std::move(parsed).error();
  version = document->header.version;
  into = *std::move(parsed);
  return ok();
}

// What the documents say, whoever signed them.
Result<ActiveDocuments> read_unchecked(const Generation& generation) {
  ActiveDocuments documents;
  documents.generation = generation.number;
  const GenerationFiles& files = generation.files;
  if (auto read = read_payload(files.schedule, files.schedule_body, read_schedule,
                               documents.schedule, documents.schedule_version);
      !read)
    return std::move(read).error();
  std::uint64_t version = 0;
  if (!files.settings.empty()) {
    if (auto read = read_payload(files.settings, "", read_settings, documents.settings, version);
        !read)
      return std::move(read).error();
  }
  if (!files.profile.empty()) {
    if (auto read = read_payload(files.profile, files.profile_body, read_profile,
                                 documents.profile.emplace(), documents.profile_version);
        !read)
      return std::move(read).error();
  }
  if (!files.numbers.empty()) {
    if (auto read = read_payload(files.numbers, files.numbers_body, read_numbers,
                                 documents.numbers.emplace(), documents.numbers_version);
        !read)
      return std::move(read).error();
  }
  return documents;
}

Result<ActiveTakeover> read_unchecked(const std::string& jws) {
  ActiveTakeover takeover;
  if (auto read = read_payload(jws, "", read_takeover, takeover.takeover, takeover.mark.version);
      !read)
    return std::move(read).error();
  return takeover;
}

// The log names every document of a generation but its settings.
std::string assumed_settings(const Generation& generation) {
  const std::string named = "generation " + std::to_string(generation.number) +
                            " is no longer on the screen, and the log does not name its settings: ";
  const std::string& jws = generation.files.settings;
  const auto shape = parse_envelope(jws);
  if (!shape) return named + "none of the archive are old enough, so those of a new screen count";
  const DocumentHeader& header = shape->header;
  return named + "settings " + std::to_string(header.version) + " for " + header.audience.text() +
         " of " + format_utc(header.issued_at) + ", sha256 " + to_hex(sha256(as_bytes(jws))) +
         ", were the newest then and count";
}

// Old versions are what an audit is about.
VersionFloors no_floors(const StatePaths& paths) {
  return VersionFloors(paths.device_config() / "none");
}

}  // namespace

Result<std::unique_ptr<ScreenState>> ScreenState::read(const fs::path& directory,
                                                       const fs::path& registry,
                                                       const ArchivePlace& archive) {
  std::unique_ptr<ScreenState> state(new ScreenState());
  state->archive_ = archive;
  state->paths_.root = directory;
  std::error_code error;
  if (!fs::is_directory(directory, error))
    return fail(ErrorCode::not_found, directory.string() + " is no directory");
  if (!fs::exists(state->paths_.device_config(), error)) {
    return fail(ErrorCode::not_found, directory.string() +
                                          " is no screen's state: it has no "
                                          "identity/device.toml");
  }
  auto identity = read_device_identity(state->paths_);
  if (!identity) return std::move(identity).error();
  state->identity_ = *std::move(identity);
  auto zone = load_zone(state->identity_.zone);
  if (!zone) return std::move(zone).error().context(state->paths_.device_config().string());
  state->zone_ = *std::move(zone);
  // What is elsewhere than a screen has it is a copy, and nobody is writing to it.
  const LogPlace running = state->paths_.plays_log();
  const bool live =
      fs::equivalent(directory, StatePaths().root, error) && fs::exists(running.beside, error);
  auto record = read_log_record(live ? running : LogPlace(running.file));
  if (!record) return std::move(record).error();
  state->record_ = *std::move(record);
  for (const InputRow& row : state->record_.log.inputs) state->last_inputs_.take(row);
  state->read_trusts();
  if (auto read = state->read_proof_key(registry); !read) return std::move(read).error();
  return state;
}

void ScreenState::read_trusts() {
  auto root = read_public_key(paths_.root_key());
  if (!root) return;
  auto versions = list_numbers(paths_.trust());
  std::reverse(versions.begin(), versions.end());  // the highest first
  for (const std::uint64_t version : versions) {
    auto jws = read_text(paths_.trust() / std::to_string(version), kMaxPacket);
    if (!jws) continue;
    auto document = verify_with_key(*jws, DocumentKind::trust, *root);
    if (!document) continue;
    if (auto trust = read_trust(document->payload)) trusts_.push_back(*std::move(trust));
  }
}

Status ScreenState::read_proof_key(const fs::path& registry) {
  if (registry.empty()) {
    if (auto own = read_private_key(paths_.proof_key())) proof_key_ = own->public_key();
    return ok();
  }
  auto text = read_text(registry);
  if (!text) return std::move(text).error();
  auto screens = read_registry(*text);
  if (!screens) return std::move(screens).error().context(registry.string());
  const RegisteredScreen* entry = screens->find(identity_.screen);
  if (entry == nullptr) {
    return fail(ErrorCode::not_found,
                registry.string() + " does not name screen " + identity_.screen);
  }
  proof_key_ = PublicKey{entry->proof_key};
  return ok();
}

Result<ActiveDocuments> ScreenState::check(const Generation& generation) const {
  if (trusts_.empty()) return read_unchecked(generation);
  std::optional<Error> refused;
  const VersionFloors floors = no_floors(paths_);
  for (const Trust& trust : trusts_) {
    auto documents = check_documents(generation, {trust, kNoClock, identity_, floors, nullptr});
    if (documents) return documents;
    if (!refused) refused = std::move(documents).error();
  }
  return *refused;
}

Result<const ActiveDocuments*> ScreenState::generation(std::uint64_t number) {
  const auto known = generations_.find(number);
  if (known != generations_.end()) return &known->second;
  auto generation = GenerationStore(paths_).read(number);
  const bool pruned = !generation && !archive_.directory.empty();
  if (pruned) generation = archived_generation(archive_, identity_, record_.log, number);
  if (!generation) return std::move(generation).error();
  auto documents = check(*generation);
  if (!documents)
    return std::move(documents).error().context("generation " + std::to_string(number));
  if (pruned) assumptions_.push_back(assumed_settings(*generation));
  return &generations_.emplace(number, *std::move(documents)).first->second;
}

Result<const ActiveTakeover*> ScreenState::takeover(std::uint64_t version) {
  const auto known = takeovers_.find(version);
  if (known != takeovers_.end()) return &known->second;
  const std::string named = "takeover " + std::to_string(version);
  // The files are numbered by when they were offered, the record holds the document's version.
  Result<std::string> jws =
      fail(ErrorCode::not_found, "is in no file of " + paths_.takeover().string());
  for (const fs::path& file : numbered_files(paths_.takeover())) {
    auto text = read_text(file, kMaxPacket);
    const auto shape = text ? parse_envelope(*text) : Result<SignedDocument>(text.error());
    if (!shape || shape->header.version != version) continue;
    jws = std::move(text);
    break;
  }
  if (!jws && !archive_.directory.empty()) jws = archived_takeover(archive_, identity_, version);
  if (!jws) return std::move(jws).error().context(named);
  std::optional<Result<ActiveTakeover>> read;
  const VersionFloors floors = no_floors(paths_);
  for (const Trust& trust : trusts_) {
    read = check_takeover(*jws, {trust, kNoClock, identity_, floors, nullptr});
    if (*read) break;
  }
  if (!read) read = read_unchecked(*jws);
  if (!*read) return std::move(*read).error().context(named);
  return &takeovers_.emplace(version, **std::move(read)).first->second;
}

Result<Documents> ScreenState::documents(std::uint64_t number, std::uint64_t takeover_version) {
  static const Schedule kEmpty;  // a takeover needs no schedule
  Documents documents;
  documents.schedule = &kEmpty;
  if (number != 0) {
    auto active = generation(number);
    if (!active) return std::move(active).error();
    documents.schedule = &(*active)->schedule;
    documents.numbers = (*active)->numbers ? &*(*active)->numbers : nullptr;
    documents.profile = (*active)->profile ? &*(*active)->profile : nullptr;
    documents.settings = &(*active)->settings;
  }
  if (takeover_version != 0) {
    auto active = takeover(takeover_version);
    if (!active) return std::move(active).error();
    documents.takeover = &(*active)->takeover;
  }
  return documents;
}

Replay::Archive ScreenState::archive() {
  return [this](std::uint64_t number, std::uint64_t version) { return documents(number, version); };
}

std::int64_t ScreenState::end_utc_ms() const {
  if (last_inputs_.clock.trust == ClockTrust::none) return kAbsent;
  const PlayRow& row = record_.log.plays.back();
  const Micros end = std::max(row.planned_start_us + row.planned_length_us,
                              row.last_flip_us == kAbsent ? kAbsent : row.last_flip_us);
  return last_inputs_.clock.utc_ms(end);
}

}  // namespace vitrine::op
