#include "state/generation.hpp"

#include <algorithm>
#include <charconv>

#include "platform/crypto.hpp"
#include "toml_text.hpp"

namespace vitrine {
namespace {

// A takeover is on record by its version; an audit of a past day asks for it.
constexpr std::size_t kTakeoversKept = 32;

std::optional<std::uint64_t> number_of(std::string_view name) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) return std::nullopt;
  return number;
}

struct NamedFile {
  const char* name;
  std::string GenerationFiles::*text;
};
constexpr NamedFile kFiles[] = {{"schedule", &GenerationFiles::schedule},
                                {"numbers", &GenerationFiles::numbers},
                                {"profile", &GenerationFiles::profile},
                                {"settings", &GenerationFiles::settings},
                                {"schedule_body", &GenerationFiles::schedule_body},
                                {"numbers_body", &GenerationFiles::numbers_body},
                                {"profile_body", &GenerationFiles::profile_body}};

// Numbers are counted up one by one. One far above what the player knows was not: taken for the
// newest, it would hide every generation to come, and the last there is would leave none for them.
constexpr std::uint64_t kFarAhead = 1'000'000;

std::uint64_t highest_of(const ActiveState& active) {
  std::uint64_t highest = std::max(active.trying, active.confirmed);
  for (const std::uint64_t number : active.rejected) highest = std::max(highest, number);
  return highest;
}

// Numbers in offered/, ascending, without those far ahead.
std::vector<std::uint64_t> offered_numbers(const StatePaths& paths, std::uint64_t known) {
  auto numbers = list_numbers(paths.offered());
  std::erase_if(numbers, [&](std::uint64_t n) { return n > known && n - known > kFarAhead; });
  return numbers;
}

bool complete(const fs::path& directory) {
  std::error_code error;
  return fs::is_regular_file(directory / "manifest", error);
}

// One inode for a document that several generations share; where the file system knows no links, a
// copy.
Status link_or_write(const fs::path& earlier, const fs::path& path, const std::string& text) {
  if (auto known = read_text(earlier); known && *known == text) {
    std::error_code error;
    fs::create_hard_link(earlier, path, error);
    if (!error) return ok();
  }
  return write_atomic(path, text);
}

}  // namespace

Hash256 digest_of(const GenerationFiles& files) {
  Sha256 digest;
  for (const auto& [name, text] : kFiles) digest.add(sha256(as_bytes(files.*text)));
  return digest.finish();
}

std::vector<std::uint64_t> GenerationStore::list() const {
  const auto active = read_active(paths_);
  auto numbers = offered_numbers(paths_, active ? highest_of(*active) : 0);
  std::erase_if(numbers,
                [&](std::uint64_t n) { return !complete(paths_.offered() / std::to_string(n)); });
  return numbers;
}

Result<Generation> GenerationStore::read(std::uint64_t number) const {
  const fs::path directory = paths_.offered() / std::to_string(number);
  const std::string named = "generation " + std::to_string(number);
  auto manifest = Config::read(directory / "manifest");
  if (!manifest) {
    if (manifest.error().code == ErrorCode::not_found)
      return fail(ErrorCode::not_found, named + " does not exist");
    return fail(ErrorCode::corrupt, named + ": " + manifest.error().message);
  }
  Generation generation;
  generation.number = number;
  for (const auto& [name, text] : kFiles) {
    const std::string expected = manifest->text_or(std::string("files.") + name, "");
    if (expected.empty()) continue;
    auto body = read_text(directory / name);
    if (!body) return fail(ErrorCode::corrupt, named + ": " + body.error().message);
    if (to_hex(sha256(as_bytes(*body))) != expected) {
      return fail(ErrorCode::corrupt, named + ": " + name + " differs from its manifest");
    }
    generation.files.*text = std::move(*body);
  }
  if (generation.files.schedule.empty())
    return fail(ErrorCode::corrupt, named + " holds no schedule");
  auto creatives = manifest->texts("creatives");
  if (!creatives) return fail(ErrorCode::corrupt, creatives.error().message);
  for (const auto& hex : *creatives) {
    const auto hash = hash_from_hex(hex);
    if (!hash)
      return fail(ErrorCode::corrupt, named + ": its manifest names a creative '" + hex + "'");
    generation.creatives.push_back(*hash);
  }
  return generation;
}

Result<std::uint64_t> GenerationStore::offer(const GenerationFiles& files,
                                             const std::vector<Hash256>& creatives) {
  if (files.schedule.empty()) return fail(ErrorCode::invalid, "a generation needs a schedule");
  auto active = read_active(paths_);
  if (!active) return std::move(active).error();
  // Incomplete directories count too: their number may already stand in somebody's log.
  std::uint64_t highest = highest_of(*active);
  const auto taken = offered_numbers(paths_, highest);
  if (!taken.empty()) highest = std::max(highest, taken.back());
  const auto earlier = list();
  const std::uint64_t number = highest + 1;
  const fs::path directory = paths_.offered() / std::to_string(number);
  if (auto made = make_directories(directory); !made) return std::move(made).error();

  TomlText manifest;
  std::vector<std::string> names;
  for (const Hash256& hash : creatives) names.push_back(to_hex(hash));
  manifest.integer("number", static_cast<std::int64_t>(number))
      .texts("creatives", names)
      .table("files");
  for (const auto& [name, text] : kFiles) {
    const std::string& body = files.*text;
    if (body.empty()) continue;
    const fs::path before =
        earlier.empty() ? fs::path() : paths_.offered() / std::to_string(earlier.back()) / name;
    if (auto done = link_or_write(before, directory / name, body); !done)
      return std::move(done).error();
    manifest.text(name, to_hex(sha256(as_bytes(body))));
  }
  if (auto done = sync_directory(paths_.offered()); !done) return std::move(done).error();
  if (auto done = write_atomic(directory / "manifest", manifest.str()); !done)
    return std::move(done).error();
  return number;
}

Status GenerationStore::prune(const std::vector<std::uint64_t>& keep) {
  const auto finished = list();
  for (const std::uint64_t number : list_numbers(paths_.offered())) {
    if (!finished.empty() && number >= finished.back()) continue;
    if (std::find(keep.begin(), keep.end(), number) != keep.end()) continue;
    const fs::path directory = paths_.offered() / std::to_string(number);
    // The manifest goes first: nobody may find a generation that is half gone.
    if (auto done = remove_file(directory / "manifest"); !done) return done;
    std::error_code error;
    fs::remove_all(directory, error);
    if (error)
      return fail(ErrorCode::unavailable,
                  "cannot remove " + directory.string() + ": " + error.message());
  }
  return ok();
}

Result<std::string> GenerationStore::newest_trust() const {
  const auto versions = list_numbers(paths_.trust());
  if (versions.empty()) return std::string();
  return read_text(paths_.trust() / std::to_string(versions.back()));
}

Status GenerationStore::put_trust(std::uint64_t version, const std::string& jws) {
  return write_atomic(paths_.trust() / std::to_string(version), jws);
}

std::vector<fs::path> numbered_files(const fs::path& directory) {
  auto numbers = list_numbers(directory);
  std::vector<fs::path> files;
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number)
    files.push_back(directory / std::to_string(*number));
  return files;
}

Result<std::string> GenerationStore::newest_takeover() const {
  const auto numbers = list_numbers(paths_.takeover());
  if (numbers.empty()) return std::string();
  return read_text(paths_.takeover() / std::to_string(numbers.back()), kMaxPacket);
}

Status GenerationStore::put_takeover(const std::string& jws) {
  const auto numbers = list_numbers(paths_.takeover());
  const std::uint64_t number = numbers.empty() ? 1 : numbers.back() + 1;
  if (auto done = write_atomic(paths_.takeover() / std::to_string(number), jws); !done) return done;
  for (std::size_t i = 0; i + kTakeoversKept <= numbers.size(); ++i) {
    if (auto done = remove_file(paths_.takeover() / std::to_string(numbers[i])); !done) return done;
  }
  return ok();
}

Result<ActiveState> read_active(const StatePaths& paths) {
  auto config = Config::read(paths.active());
  if (!config) {
    if (config.error().code == ErrorCode::not_found) return ActiveState{};
    return std::move(config).error();
  }
  ActiveState state;
  state.trying = static_cast<std::uint64_t>(config->integer_or("trying", 0));
  state.attempts = static_cast<std::uint32_t>(config->integer_or("attempts", 0));
  state.confirmed = static_cast<std::uint64_t>(config->integer_or("confirmed", 0));
  state.confirmed_digest =
      hash_from_hex(config->text_or("confirmed_digest", "")).value_or(Hash256{});
  state.rejected_reason = config->text_or("rejected_reason", "");
  state.starts = static_cast<std::uint64_t>(config->integer_or("starts", 0));
  if (auto rejected = config->texts("rejected")) {
    for (const auto& text : *rejected) {
      if (const auto number = number_of(text)) state.rejected.push_back(*number);
    }
  }
  return state;
}

Status write_active(const StatePaths& paths, const ActiveState& state) {
  std::vector<std::string> rejected;
  for (const std::uint64_t number : state.rejected) rejected.push_back(std::to_string(number));
  return write_atomic(paths.active(),
                      TomlText()
                          .integer("trying", static_cast<std::int64_t>(state.trying))
                          .integer("attempts", state.attempts)
                          .integer("confirmed", static_cast<std::int64_t>(state.confirmed))
                          .text("confirmed_digest", to_hex(state.confirmed_digest))
                          .texts("rejected", rejected)
                          .text("rejected_reason", state.rejected_reason)
                          .integer("starts", static_cast<std::int64_t>(state.starts))
                          .str());
}

}  // namespace vitrine
