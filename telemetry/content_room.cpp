#include "content_room.hpp"

#include <algorithm>
#include <tuple>

#include "platform/config.hpp"
#include "platform/log.hpp"

namespace vitrine {
namespace {

// Below this the logs, the outbox and the system itself would be the next to fail.
constexpr std::uint64_t kMostFloor = 256ull << 20;
std::uint64_t floor_of(const DiskSpace& disk) {
  return std::min(kMostFloor, disk.capacity / 20);
}

enum class Kind { damaged, part, file };

struct Entry {
  fs::path path;
  Hash256 sha256{};
  Kind kind = Kind::file;
  std::uint64_t size = 0;
};

std::vector<Entry> entries_of(const fs::path& directory) {
  std::vector<Entry> entries;
  for (const std::string& name : list_directory(directory)) {
    const auto dot = name.find('.');
    const auto hash = hash_from_hex(name.substr(0, dot));
    if (!hash) continue;
    Entry entry{directory / name, *hash, Kind::file, 0};
    if (dot != std::string::npos) entry.kind = name.ends_with(".bad") ? Kind::damaged : Kind::part;
    std::error_code error;
    const auto size = fs::file_size(entry.path, error);
    if (error) continue;  // a part that was renamed meanwhile
    entry.size = size;
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

std::optional<DiskSpace> disk_space(const fs::path& path) {
  std::error_code error;
  const auto space = fs::space(path, error);
  if (error) return std::nullopt;
  return DiskSpace{space.available, space.capacity};
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes >= 1'000'000) return std::to_string((bytes + 999'999) / 1'000'000) + " MB";
  if (bytes >= 1'000) return std::to_string((bytes + 999) / 1'000) + " kB";
  return std::to_string(bytes) + " bytes";
}

ContentRoom::ContentRoom(const StatePaths& paths, Disk disk)
    : directory_(paths.content()), uses_file_(paths.content_uses()), disk_(std::move(disk)) {
  // A damaged file only costs the order in which files go.
  auto uses = Config::read(uses_file_);
  if (!uses) return;
  for (const Entry& entry : entries_of(directory_)) {
    if (const auto use = uses->integer_or(to_hex(entry.sha256), 0); use > 0)
      uses_[entry.sha256] = use;
  }
}

std::int64_t ContentRoom::last_use(const Hash256& sha256) const {
  const auto known = uses_.find(sha256);
  return known == uses_.end() ? 0 : known->second;
}

void ContentRoom::note_use(std::uint64_t generation, const std::vector<Hash256>& creatives) {
  std::map<Hash256, std::int64_t> uses;
  for (const Entry& entry : entries_of(directory_)) {
    if (entry.kind != Kind::file) continue;
    if (const auto known = last_use(entry.sha256); known != 0) uses[entry.sha256] = known;
  }
  for (const Hash256& creative : creatives) uses[creative] = static_cast<std::int64_t>(generation);
  uses_ = std::move(uses);
  std::string text;
  for (const auto& [hash, number] : uses_)
    text += to_hex(hash) + " = " + std::to_string(number) + "\n";
  if (auto written = write_atomic(uses_file_, text); !written)
    log_warn("{}; which creatives were used last is forgotten at the next start",
             written.error().message);
}

Status ContentRoom::make(const std::set<Hash256>& kept, const std::set<Hash256>& awaited,
                         std::uint64_t to_come, std::uint64_t quota) {
  const auto entries = entries_of(directory_);
  std::uint64_t sum = 0;
  std::vector<const Entry*> removable;
  for (const Entry& entry : entries) {
    sum += entry.size;
    const bool needed =
        awaited.contains(entry.sha256) || (entry.kind == Kind::file && kept.contains(entry.sha256));
    if (entry.kind == Kind::damaged || !needed) removable.push_back(&entry);
  }
  std::uint64_t available = ~std::uint64_t{0}, floor = 0;
  if (const auto disk = disk_(directory_)) {
    available = disk->available;
    floor = floor_of(*disk);
  }
  const auto fits_quota = [&] { return sum + to_come <= quota; };
  const auto fits_disk = [&] { return available >= floor + to_come; };
  const auto rank = [&](const Entry* entry) {
    return std::tuple(entry->kind, last_use(entry->sha256), entry->path);
  };
  if (!fits_quota() || !fits_disk()) {
    std::sort(removable.begin(), removable.end(),
              [&](const Entry* a, const Entry* b) { return rank(a) < rank(b); });
  }
  for (const Entry* entry : removable) {
    if (fits_quota() && fits_disk()) return ok();
    if (auto removed = remove_file(entry->path); !removed) {
      log_warn("{}", removed.error().message);
      continue;
    }
    log_info("{} ({}) is removed to make room", entry->path.filename().string(),
             bytes_text(entry->size));
    sum -= entry->size;
    if (available != ~std::uint64_t{0}) available += entry->size;
  }
  if (!fits_quota()) {
    return fail(ErrorCode::exhausted,
                bytes_text(to_come) + " to come do not fit beside the " + bytes_text(sum) +
                    " that kept generations need, within the quota of " + bytes_text(quota));
  }
  if (!fits_disk()) {
    return fail(ErrorCode::exhausted, bytes_text(to_come) + " to come, the disk has " +
                                          bytes_text(available) + " free and keeps " +
                                          bytes_text(floor) + " of them");
  }
  return ok();
}

}  // namespace vitrine
