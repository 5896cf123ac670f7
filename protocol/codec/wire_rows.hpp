// Health and event rows <-> their messages, shared by batches and by the rows that rest in
// outbox.db.
#pragma once

#include "base/result.hpp"
#include "protocol/batch.hpp"
#include "protocol/document.hpp"
#include "wire.pb.h"

namespace vitrine {

void put_fix(const TimeFix& fix, wire::TimeFix& message);
Result<TimeFix> take_fix(const wire::TimeFix& message);
void put_health(const std::vector<HealthRow>& rows, wire::HealthRows& message);
Result<std::vector<HealthRow>> take_health(const wire::HealthRows& message);
void put_event(const EventRow& row, wire::EventRow& message);
Result<EventRow> take_event(const wire::EventRow& message);
Result<Stream> take_stream(std::uint32_t number);

// Protobuf refuses text that is not UTF-8 when it is read back; a file name in an error may be
// anything.
std::string printable(std::string text);

template <class Message>
Bytes to_bytes(const Message& message) {
  Bytes bytes(message.ByteSizeLong());
  // Columns are known sizes and nothing is required, so writing into a large enough array cannot
  // fail.
  (void)message.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

template <class Message>
bool from_bytes(ByteView bytes, Message& message) {
  return bytes.size() <= kMaxPacket &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace vitrine
