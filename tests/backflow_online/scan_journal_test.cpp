#include "backflow/scan_journal.hpp"

#include <doctest/doctest.h>

#include <atomic>

#include "base/time.hpp"
#include "process.hpp"
#include "temp_directory.hpp"

namespace vitrine {
namespace {

using testing::TempDirectory;
using testing::until;

constexpr Micros kNow = 1'796'000'000 * kSecond;
constexpr std::int64_t kUtcDay = kNow / kDay;

Scan scan(int number, Micros at = kNow) {
  Scan one;
  one.scan_id = "scan-" + std::to_string(number);
  one.time_us = at;
  one.device = "lobby-1";
  one.creative = 11;
  one.campaign = 41;
  one.bucket_us = kNow - kMinute;
  one.landing = "coupon";
  one.state = "pending";
  one.day = kUtcDay;
  return one;
}

struct Content {
  std::vector<Scan> scans;
  std::vector<ScanRefused> refused;
  std::int64_t unreadable = 0;
};
Content content_of(const fs::path& directory, std::int64_t day = kUtcDay) {
  Content content;
  auto read = read_scan_journal(directory, day,
                                {[&](const Scan& one) { content.scans.push_back(one); },
                                 [&](const ScanRefused& one) { content.refused.push_back(one); }});
  REQUIRE(read);
  content.unreadable = *read;
  return content;
}
fs::path file_in(const fs::path& directory) {
  return directory / "scans-2026-11-30.ndjson";
}

TEST_CASE("a scan is on disk when the journal says so") {
  const TempDirectory directory;
  auto journal = ScanJournal::open(directory / "scans");
  REQUIRE(journal);
  CHECK((*journal)->append(scan(1)));
  (*journal)->append(ScanRefused{"p-1", "forged", 12, kNow, kUtcDay});
  CHECK((*journal)->append(scan(2, kNow + kDay)));
  const Content today = content_of(directory / "scans");
  REQUIRE(today.scans.size() == 1);
  CHECK(to_sql_row(today.scans[0]) == to_sql_row(scan(1)));
  REQUIRE(today.refused.size() == 1);
  CHECK(today.refused[0].tokens == 12);
  CHECK(content_of(directory / "scans", kUtcDay + 1).scans.size() == 1);
  CHECK(content_of(directory / "scans", kUtcDay + 2).scans.empty());
}

TEST_CASE("a full disk lets the passer-by go on at once, and keeps his scan until there is room") {
  const TempDirectory directory;
  const fs::path folder = directory / "scans";
  REQUIRE(make_directories(folder));
  fs::create_symlink("/dev/full", file_in(folder));
  auto journal = ScanJournal::open(folder);
  REQUIRE(journal);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) CHECK_FALSE((*journal)->append(scan(i)));
  // The first may wait for the disk; after that nobody does.
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(2));
  CHECK((*journal)->state().waiting == 1000);
  CHECK((*journal)->state().problem.find("No space left") != std::string::npos);
  fs::remove(file_in(folder));
  CHECK(until([&] { return (*journal)->state().waiting == 0; }));
  CHECK((*journal)->state().problem == "");
  CHECK(content_of(folder).scans.size() == 1000);
  CHECK((*journal)->append(scan(1000)));
  CHECK((*journal)->state().lost == 0);
}

TEST_CASE("a line that a power cut has torn spoils no other") {
  const TempDirectory directory;
  const fs::path folder = directory / "scans";
  {
    auto journal = ScanJournal::open(folder);
    REQUIRE(journal);
    CHECK((*journal)->append(scan(1)));
    CHECK((*journal)->append(scan(2)));
  }
  fs::resize_file(file_in(folder), fs::file_size(file_in(folder)) - 5);
  {
    auto journal = ScanJournal::open(folder);
    REQUIRE(journal);
    CHECK((*journal)->append(scan(3)));
  }
  const Content content = content_of(folder);
  REQUIRE(content.scans.size() == 2);
  CHECK(content.scans[1].scan_id == "scan-3");
  CHECK(content.unreadable == 1);
}

TEST_CASE("many phones at once share the disk's work") {
  const TempDirectory directory;
  auto journal = ScanJournal::open(directory / "scans");
  REQUIRE(journal);
  std::atomic<int> kept = 0;
  std::vector<std::thread> phones;
  for (int phone = 0; phone < 4; ++phone) {
    phones.emplace_back([&, phone] {
      for (int i = 0; i < 50; ++i) kept += (*journal)->append(scan(phone * 50 + i)) ? 1 : 0;
    });
  }
  for (std::thread& phone : phones) phone.join();
  CHECK(until([&] { return (*journal)->state().waiting == 0; }));
  CHECK(content_of(directory / "scans").scans.size() == 200);
  CHECK(kept > 0);
}

TEST_CASE("what is older than the retention goes by the file") {
  const TempDirectory directory;
  auto journal = ScanJournal::open(directory / "scans");
  REQUIRE(journal);
  for (int i = 0; i < 3; ++i) CHECK((*journal)->append(scan(i, kNow + i * kDay)));
  auto files = expire_scan_journal(directory / "scans", kUtcDay + 2);
  REQUIRE(files);
  CHECK(*files == 2);
  CHECK(content_of(directory / "scans", kUtcDay + 2).scans.size() == 1);
}

}  // namespace
}  // namespace vitrine
