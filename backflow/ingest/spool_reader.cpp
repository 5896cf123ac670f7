#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "backflow/spool.hpp"
#include "ingest/spool_record.hpp"
#include "platform/crypto.hpp"

namespace vitrine {
namespace {

void append_text(Bytes& out, std::string_view text) {
  const auto size = static_cast<std::uint16_t>(std::min<std::size_t>(text.size(), 0xffff));
  out.push_back(static_cast<std::uint8_t>(size & 255));
  out.push_back(static_cast<std::uint8_t>(size >> 8));
  out.insert(out.end(), text.begin(), text.begin() + size);
}

std::optional<std::string> take_text(ByteView& body) {
  if (body.size() < 2) return std::nullopt;
  const std::size_t size = body[0] | static_cast<std::size_t>(body[1]) << 8;
  body = body.subspan(2);
  if (body.size() < size) return std::nullopt;
  std::string text(as_text(body.first(size)));
  body = body.subspan(size);
  return text;
}

// As many bytes as there are, up to `most`.
Result<Bytes> read_at(int fd, std::uint64_t offset, std::size_t most, const fs::path& named) {
  Bytes bytes(most);
  std::size_t have = 0;
  while (have < most) {
    const ssize_t got =
        ::pread(fd, bytes.data() + have, most - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return fail(ErrorCode::unavailable,
                  "cannot read " + named.string() + ": " + std::strerror(errno));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace

Bytes spool_record_bytes(const SpoolRecord& record) {
  Bytes body;
  append_le64(body, record.received_at_us);
  append_text(body, record.device);
  append_text(body, record.topic);
  append_text(body, record.reason);
  body.insert(body.end(), record.payload.begin(), record.payload.end());
  Bytes bytes(kSpoolMagic.begin(), kSpoolMagic.end());
  append_le32(bytes, static_cast<std::uint32_t>(body.size()));
  const Hash256 hash = sha256(body);
  bytes.insert(bytes.end(), hash.begin(), hash.begin() + 8);
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

std::optional<SpoolRecord> parse_spool_body(ByteView body) {
  if (body.size() < 8) return std::nullopt;
  SpoolRecord record;
  record.received_at_us = read_le64(body.data());
  body = body.subspan(8);
  for (std::string* text : {&record.device, &record.topic, &record.reason}) {
    auto taken = take_text(body);
    if (!taken) return std::nullopt;
    *text = *std::move(taken);
  }
  record.payload.assign(body.begin(), body.end());
  return record;
}

std::optional<std::size_t> spool_body_size(ByteView header) {
  if (header.size() < kSpoolHeader ||
      !std::equal(kSpoolMagic.begin(), kSpoolMagic.end(), header.begin())) {
    return std::nullopt;
  }
  const std::size_t size = read_le32(header.data() + 4);
  if (size > kMostSpoolBody) return std::nullopt;
  return size;
}

bool spool_body_matches(ByteView header, ByteView body) {
  const Hash256 hash = sha256(body);
  return std::equal(hash.begin(), hash.begin() + 8, header.begin() + 8);
}

std::vector<std::uint64_t> spool_segments(const fs::path& directory) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : list_directory(directory)) {
    constexpr std::string_view suffix = ".spool";
    if (!name.ends_with(suffix)) continue;
    std::uint64_t number = 0;
    const char* end = name.data() + name.size() - suffix.size();
    const auto [stop, error] = std::from_chars(name.data(), end, number);
    if (error == std::errc{} && stop == end && number > 0) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

fs::path spool_segment_path(const fs::path& directory, std::uint64_t segment) {
  return directory / (std::to_string(segment) + ".spool");
}

Result<std::optional<SpoolEntry>> SpoolReader::next() {
  for (;;) {
    const fs::path path = spool_segment_path(directory_, at_.segment);
    if (open_segment_ != at_.segment) {
      auto file = open_read(path);
      if (!file && file.error().code == ErrorCode::not_found) return std::optional<SpoolEntry>();
      if (!file) return std::move(file).error();
      file_ = *std::move(file);
      open_segment_ = at_.segment;
    }
    // Looked up before the read: a segment is complete once its successor exists.
    std::error_code ignored;
    const bool complete = fs::exists(spool_segment_path(directory_, at_.segment + 1), ignored);
    auto header = read_at(file_.get(), at_.offset, kSpoolHeader, path);
    if (!header) return std::move(header).error();
    if (header->empty() && complete) {
      at_ = {at_.segment + 1, 0};
      continue;
    }
    const auto size = spool_body_size(*header);
    auto body = read_at(file_.get(), at_.offset + kSpoolHeader, size.value_or(0), path);
    if (!body) return std::move(body).error();
    auto record = size && body->size() == *size && spool_body_matches(*header, *body)
                      ? parse_spool_body(*body)
                      : std::nullopt;
    if (!record) {
      if (!complete) return std::optional<SpoolEntry>();
      return fail(ErrorCode::corrupt,
                  path.string() + " is damaged at byte " + std::to_string(at_.offset));
    }
    SpoolEntry entry{at_, {at_.segment, at_.offset + kSpoolHeader + *size}, *std::move(record)};
    at_ = entry.next;
    return std::optional<SpoolEntry>(std::move(entry));
  }
}

}  // namespace vitrine
