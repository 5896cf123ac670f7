#include "backflow/spool.hpp"

#include <doctest/doctest.h>

#include "temp_directory.hpp"

namespace vitrine {
namespace {

using testing::TempDirectory;

SpoolRecord record(int number) {
  return {number * 1000, "lobby-1", "vt/v1/1/lobby-1/up/play", number % 3 == 0 ? "why" : "",
          Bytes(static_cast<std::size_t>(20 + number), static_cast<std::uint8_t>(number))};
}

std::vector<SpoolEntry> read_all(const fs::path& directory, SpoolPosition from = {}) {
  std::vector<SpoolEntry> entries;
  SpoolReader reader(directory, from);
  for (;;) {
    auto entry = reader.next();
    REQUIRE(entry);
    if (!*entry) return entries;
    entries.push_back(**entry);
  }
}

void fill(const fs::path& directory, int count, std::uint64_t segment_bytes) {
  auto spool = Spool::open(directory, segment_bytes);
  REQUIRE(spool);
  for (int i = 1; i <= count; ++i) REQUIRE(spool->append(record(i)));
  REQUIRE(spool->sync());
}

TEST_CASE("records come back in order over segments, from the start and from any position") {
  const TempDirectory directory;
  fill(directory.path(), 50, 500);
  CHECK(spool_segments(directory.path()).size() > 5);
  const auto entries = read_all(directory.path());
  REQUIRE(entries.size() == 50);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const SpoolRecord expected = record(static_cast<int>(i) + 1);
    CHECK(entries[i].record.payload == expected.payload);
    CHECK(entries[i].record.received_at_us == expected.received_at_us);
    CHECK(entries[i].record.topic == expected.topic);
    CHECK(entries[i].record.reason == expected.reason);
    CHECK(read_all(directory.path(), entries[i].next).size() == 49 - i);
  }
}

TEST_CASE(
    "a tail torn at any byte is cut off, kept aside, and the spool goes on after the last whole "
    "record") {
  const TempDirectory whole;
  fill(whole.path(), 4, Spool::kSegmentBytes);
  const auto bytes = read_file(spool_segment_path(whole.path(), 1));
  REQUIRE(bytes);
  const auto entries = read_all(whole.path());
  for (std::size_t size = entries[2].next.offset; size < bytes->size(); ++size) {
    const TempDirectory torn;
    const fs::path segment = spool_segment_path(torn.path(), 1);
    REQUIRE(write_atomic(segment, ByteView(*bytes).first(size)));
    CHECK(read_all(torn.path()).size() == 3);
    auto spool = Spool::open(torn.path());
    REQUIRE(spool);
    CHECK(fs::file_size(segment) == entries[2].next.offset);
    CHECK(fs::exists(torn / "1.torn") == (size > entries[2].next.offset));
    REQUIRE(spool->append(record(9)));
    REQUIRE(spool->sync());
    const auto after = read_all(torn.path());
    REQUIRE(after.size() == 4);
    CHECK(after.back().record.payload == record(9).payload);
  }
}

TEST_CASE("a flipped bit in the last record is a torn tail, in a finished segment it is damage") {
  const TempDirectory directory;
  fill(directory.path(), 20, 500);
  const fs::path first = spool_segment_path(directory.path(), 1);
  auto bytes = read_file(first);
  REQUIRE(bytes);
  (*bytes)[30] ^= 1;
  REQUIRE(write_atomic(first, *bytes));
  SpoolReader reader(directory.path(), {});
  const auto entry = reader.next();
  REQUIRE_FALSE(entry);
  CHECK(entry.error().code == ErrorCode::corrupt);
  CHECK(entry.error().message.find("1.spool is damaged at byte 0") != std::string::npos);
}

TEST_CASE("a reader at the end sees what is appended later") {
  const TempDirectory directory;
  auto spool = Spool::open(directory.path(), 200);
  REQUIRE(spool);
  SpoolReader reader(directory.path(), {});
  for (int i = 1; i <= 20; ++i) {
    auto none = reader.next();
    REQUIRE(none);
    CHECK_FALSE(*none);
    REQUIRE(spool->append(record(i)));
    auto entry = reader.next();
    REQUIRE(entry);
    REQUIRE(*entry);
    CHECK((*entry)->record.payload == record(i).payload);
  }
}

}  // namespace
}  // namespace vitrine
