#include "codec/wire_rows.hpp"

#include <algorithm>

#include "protocol/wire.hpp"

namespace vitrine {
namespace {

// Length of the UTF-8 sequence at `at`, 0 when there is none (RFC 3629, section 4).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0u;
  };
  const unsigned lead = byte(at);
  const auto tail = [&](std::size_t i) { return (byte(at + i) & 0xC0u) == 0x80u; };
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned second = byte(at + 1);
    const bool shortest = lead != 0xE0 || second >= 0xA0;
    const bool no_surrogate = lead != 0xED || second < 0xA0;
    return tail(1) && tail(2) && shortest && no_surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned second = byte(at + 1);
    const bool in_range = (lead != 0xF0 || second >= 0x90) && (lead != 0xF4 || second < 0x90);
    return tail(1) && tail(2) && tail(3) && in_range ? 4 : 0;
  }
  return 0;
}

void put_hash(const Hash256& hash, std::string& bytes) {
  if (hash != Hash256{}) bytes.assign(as_text(hash));
}

Result<Hash256> take_hash(const std::string& bytes, std::string_view named) {
  Hash256 hash{};
  if (bytes.empty()) return hash;
  if (bytes.size() != hash.size()) {
    return fail(ErrorCode::invalid, std::string(named) + " is not 32 bytes");
  }
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

}  // namespace

std::string printable(std::string text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (length == 0) text[at] = '?';
    at += std::max<std::size_t>(length, 1);
  }
  return text;
}

Result<Stream> take_stream(std::uint32_t number) {
  if (number >= kStreams)
    return fail(ErrorCode::invalid, "stream " + std::to_string(number) + " is unknown");
  return static_cast<Stream>(number);
}

void put_fix(const TimeFix& fix, wire::TimeFix& message) {
  message.set_boot_high(static_cast<std::uint64_t>(fix.boot.high));
  message.set_boot_low(static_cast<std::uint64_t>(fix.boot.low));
  message.set_boottime_us(fix.boottime_us);
  message.set_utc_us(fix.utc_us);
  message.set_error_us(fix.error_us);
  message.set_source(static_cast<std::uint32_t>(fix.source));
}

Result<TimeFix> take_fix(const wire::TimeFix& message) {
  if (message.source() > static_cast<std::uint32_t>(TimeSource::beacon)) {
    return fail(ErrorCode::invalid,
                "time source " + std::to_string(message.source()) + " is unknown");
  }
  TimeFix fix;
  fix.boot = {static_cast<std::int64_t>(message.boot_high()),
              static_cast<std::int64_t>(message.boot_low())};
  fix.boottime_us = message.boottime_us();
  fix.utc_us = message.utc_us();
  fix.error_us = message.error_us();
  fix.source = static_cast<TimeSource>(message.source());
  return fix;
}

void put_event(const EventRow& row, wire::EventRow& message) {
  message.set_seq(row.seq);
  if (const auto* notice = std::get_if<Notice>(&row.body)) {
    wire::Notice& out = *message.mutable_notice();
    out.set_boot_high(static_cast<std::uint64_t>(notice->boot.high));
    out.set_boot_low(static_cast<std::uint64_t>(notice->boot.low));
    out.set_at_us(notice->at_us);
    out.set_code(printable(notice->code));
    out.set_text(printable(notice->text));
  } else if (const auto* fix = std::get_if<TimeFix>(&row.body)) {
    put_fix(*fix, *message.mutable_fix());
  } else if (const auto* drop = std::get_if<DropNotice>(&row.body)) {
    wire::DropNotice& out = *message.mutable_drop();
    out.set_stream(static_cast<std::uint32_t>(drop->stream));
    out.set_log_id(drop->log_id);
    out.set_first(drop->first);
    out.set_last(drop->last);
    put_hash(drop->chain_after, *out.mutable_chain_after());
    out.set_reason(printable(drop->reason));
  } else if (const auto* end = std::get_if<LogEnd>(&row.body)) {
    wire::LogEnd& out = *message.mutable_log_end();
    out.set_stream(static_cast<std::uint32_t>(end->stream));
    out.set_log_id(end->log_id);
    out.set_last_seen(end->last_seen);
  }
}

Result<EventRow> take_event(const wire::EventRow& message) {
  EventRow row;
  row.seq = message.seq();
  switch (message.body_case()) {
    case wire::EventRow::kNotice: {
      const wire::Notice& in = message.notice();
      row.body = Notice{
          {static_cast<std::int64_t>(in.boot_high()), static_cast<std::int64_t>(in.boot_low())},
          in.at_us(),
          in.code(),
          in.text()};
      return row;
    }
    case wire::EventRow::kFix: {
      auto fix = take_fix(message.fix());
      if (!fix) return std::move(fix).error();
      row.body = *fix;
      return row;
    }
    case wire::EventRow::kDrop: {
      const wire::DropNotice& in = message.drop();
      auto stream = take_stream(in.stream());
      if (!stream) return std::move(stream).error();
      auto chain = take_hash(in.chain_after(), "chain_after");
      if (!chain) return std::move(chain).error();
      row.body = DropNotice{*stream, in.log_id(), in.first(), in.last(), *chain, in.reason()};
      return row;
    }
    case wire::EventRow::kLogEnd: {
      const wire::LogEnd& in = message.log_end();
      auto stream = take_stream(in.stream());
      if (!stream) return std::move(stream).error();
      row.body = LogEnd{*stream, in.log_id(), in.last_seen()};
      return row;
    }
    case wire::EventRow::BODY_NOT_SET:
      break;
  }
  return fail(ErrorCode::invalid, "event " + std::to_string(row.seq) + " is of no known kind");
}

Bytes encode_event(const EventRow& row) {
  wire::EventRow message;
  put_event(row, message);
  return to_bytes(message);
}

Result<EventRow> decode_event(ByteView bytes) {
  wire::EventRow message;
  if (!from_bytes(bytes, message)) return fail(ErrorCode::invalid, "these bytes are no event row");
  return take_event(message);
}

}  // namespace vitrine
