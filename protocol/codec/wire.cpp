#include "protocol/wire.hpp"

#include <algorithm>

#include "codec/wire_columns.hpp"
#include "codec/wire_rows.hpp"

namespace vitrine {
namespace {

constexpr std::uint32_t kSchema = 1;
constexpr std::uint64_t kMostRows = 10'000;

void put_bytes(ByteView from, std::string& to) {
  to.assign(as_text(from));
}

template <std::size_t N>
Status take_fixed(const std::string& from, std::array<std::uint8_t, N>& to,
                  std::string_view named) {
  if (from.size() != N) {
    std::string message(named);
    message += " has " + std::to_string(from.size()) + " bytes instead of " + std::to_string(N);
    return fail(ErrorCode::invalid, std::move(message));
  }
  std::copy(from.begin(), from.end(), to.begin());
  return ok();
}

// Health and event rows carry their seq: it must rise within the key, or two rows could claim one
// place.
template <class Row>
Status check_seqs(const std::vector<Row>& rows, const BatchKey& key) {
  std::uint64_t above = key.first;
  for (const Row& row : rows) {
    if (row.seq < above || row.seq > key.last) {
      return fail(ErrorCode::invalid, "row " + std::to_string(row.seq) +
                                          " lies outside its batch " + std::to_string(key.first) +
                                          ".." + std::to_string(key.last));
    }
    above = row.seq + 1;
  }
  return ok();
}

BatchKey key_of(const wire::Batch& message, Stream stream) {
  return {stream, message.log_id(), message.first(), message.first() + message.more()};
}

Result<BatchKey> take_key(const wire::Batch& message) {
  if (message.schema() != kSchema) {
    return fail(ErrorCode::invalid,
                "batch schema " + std::to_string(message.schema()) + " is unknown");
  }
  auto stream = take_stream(message.stream());
  if (!stream) return std::move(stream).error();
  const BatchKey key = key_of(message, *stream);
  if (key.first == 0 || key.last < key.first || key.last - key.first >= kMostRows) {
    return fail(ErrorCode::invalid, "rows " + std::to_string(key.first) + ".." +
                                        std::to_string(key.last) + " are no batch of 1 to " +
                                        std::to_string(kMostRows));
  }
  return key;
}

Status take_play(const wire::Batch& message, Batch& batch, std::size_t count,
                 const ContentOf& contents) {
  if (auto taken = take_fixed(message.chain_before(), batch.chain_before, "chain_before"); !taken)
    return taken;
  if (auto taken = take_fixed(message.signature(), batch.signature, "signature"); !taken)
    return taken;
  auto rows =
      wire_columns::take_rows<PlayRow>(message.play(), batch.key, batch.fix.boot, count, contents);
  if (!rows) return std::move(rows).error();
  batch.rows = *std::move(rows);
  return ok();
}

Status take_exposure(const wire::Batch& message, Batch& batch, std::size_t count) {
  auto rows =
      wire_columns::take_rows<ExposureRow>(message.exposure(), batch.key, batch.fix.boot, count);
  if (!rows) return std::move(rows).error();
  batch.rows = *std::move(rows);
  return ok();
}

Status take_flow(const wire::Batch& message, Batch& batch, std::size_t count) {
  auto rows = wire_columns::take_rows<FlowRow>(message.flow(), batch.key, batch.fix.boot, count);
  if (!rows) return std::move(rows).error();
  batch.rows = *std::move(rows);
  return ok();
}

Status take_health_rows(const wire::Batch& message, Batch& batch) {
  auto rows = take_health(message.health());
  if (!rows) return std::move(rows).error();
  if (auto checked = check_seqs(*rows, batch.key); !checked) return checked;
  batch.rows = *std::move(rows);
  return ok();
}

Status take_event_rows(const wire::Batch& message, Batch& batch) {
  std::vector<EventRow> rows;
  for (const wire::EventRow& row : message.event().row()) {
    auto taken = take_event(row);
    if (!taken) return std::move(taken).error();
    rows.push_back(*std::move(taken));
  }
  if (auto checked = check_seqs(rows, batch.key); !checked) return checked;
  batch.rows = std::move(rows);
  return ok();
}

Status take_rows_of(const wire::Batch& message, Batch& batch, const ContentOf& contents) {
  const auto count = static_cast<std::size_t>(batch.key.last - batch.key.first + 1);
  const auto is = [&](wire::Batch::RowsCase rows) { return message.rows_case() == rows; };
  switch (batch.key.stream) {
    case Stream::play:
      if (is(wire::Batch::kPlay)) return take_play(message, batch, count, contents);
      break;
    case Stream::exposure:
      if (is(wire::Batch::kExposure)) return take_exposure(message, batch, count);
      break;
    case Stream::flow:
      if (is(wire::Batch::kFlow)) return take_flow(message, batch, count);
      break;
    case Stream::health:
      if (is(wire::Batch::kHealth)) return take_health_rows(message, batch);
      break;
    case Stream::event:
      if (is(wire::Batch::kEvent)) return take_event_rows(message, batch);
      break;
  }
  return fail(ErrorCode::invalid, "the rows are not of the stream the batch names: " +
                                      std::string(name_of(batch.key.stream)));
}

struct PutRows {
  wire::Batch& message;
  const BootId& boot;

  void operator()(const std::vector<PlayRow>& rows) const {
    wire_columns::put_rows(rows, boot, *message.mutable_play());
  }
  void operator()(const std::vector<ExposureRow>& rows) const {
    wire_columns::put_rows(rows, boot, *message.mutable_exposure());
  }
  void operator()(const std::vector<FlowRow>& rows) const {
    wire_columns::put_rows(rows, boot, *message.mutable_flow());
  }
  void operator()(const std::vector<HealthRow>& rows) const {
    put_health(rows, *message.mutable_health());
  }
  void operator()(const std::vector<EventRow>& rows) const {
    wire::EventRows& out = *message.mutable_event();
    for (const EventRow& row : rows) put_event(row, *out.add_row());
  }
};

}  // namespace

Bytes encode_batch(const Batch& batch) {
  wire::Batch message;
  message.set_schema(kSchema);
  message.set_stream(static_cast<std::uint32_t>(batch.key.stream));
  message.set_log_id(batch.key.log_id);
  message.set_first(batch.key.first);
  message.set_more(batch.key.last - batch.key.first);
  if (batch.fix.utc_us != 0 || batch.fix.boottime_us != 0 || batch.fix.boot != BootId{})
    put_fix(batch.fix, *message.mutable_fix());
  if (batch.key.stream == Stream::play) {
    put_bytes(batch.chain_before, *message.mutable_chain_before());
    put_bytes(batch.signature, *message.mutable_signature());
  }
  std::visit(PutRows{message, batch.fix.boot}, batch.rows);
  return to_bytes(message);
}

Result<Batch> decode_batch(ByteView bytes, const ContentOf& contents) {
  wire::Batch message;
  if (!from_bytes(bytes, message)) {
    return fail(ErrorCode::invalid, std::to_string(bytes.size()) + " bytes are no batch");
  }
  auto key = take_key(message);
  if (!key) return std::move(key).error();
  Batch batch;
  batch.key = *key;
  auto fix = take_fix(message.fix());
  if (!fix) return std::move(fix).error();
  batch.fix = *fix;
  if (auto taken = take_rows_of(message, batch, contents); !taken) return std::move(taken).error();
  return batch;
}

std::vector<std::pair<std::string_view, std::size_t>> column_bytes(const std::vector<PlayRow>& rows,
                                                                   const BootId& boot) {
  wire::Columns columns;
  std::vector<std::size_t> sizes;
  wire_columns::put_rows(rows, boot, columns, &sizes);
  std::vector<std::pair<std::string_view, std::size_t>> named;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    named.emplace_back(wire_columns::columns_of<PlayRow>()[i].name, sizes[i]);
  return named;
}

ContentOf contents_of(const Batch& batch) {
  ContentOf contents;
  if (const auto* rows = std::get_if<std::vector<PlayRow>>(&batch.rows)) {
    for (const PlayRow& row : *rows) contents[row.creative] = row.content;
  }
  return contents;
}

Bytes leave_out_hashes(ByteView whole, const ContentOf& contents) {
  const auto as_it_is = [&] { return Bytes(whole.begin(), whole.end()); };
  wire::Batch message;
  if (contents.empty() || !from_bytes(whole, message) || !message.has_play()) return as_it_is();
  wire::Columns& columns = *message.mutable_play();
  columns.set_hashes_left_out(
      static_cast<std::uint32_t>(columns.hashes().size() / Hash256{}.size()));
  columns.clear_hashes();
  if (columns.hashes_left_out() == 0) return as_it_is();
  Bytes shorter = to_bytes(message);
  // The only proof that the other end can: doing what it does.
  const auto batch = decode_batch(shorter, contents);
  if (!batch) return as_it_is();
  const Bytes again = encode_batch(*batch);
  return std::equal(again.begin(), again.end(), whole.begin(), whole.end()) ? shorter : as_it_is();
}

bool leaves_out_hashes(ByteView bytes) {
  wire::Batch message;
  return from_bytes(bytes, message) && message.play().hashes_left_out() > 0;
}

std::optional<BatchKey> peek_batch_key(ByteView bytes) {
  wire::Batch message;
  if (!from_bytes(bytes, message)) return std::nullopt;
  auto stream = take_stream(message.stream());
  if (!stream) return std::nullopt;
  return key_of(message, *stream);
}

std::uint64_t batch_hash_prefix(ByteView bytes) {
  const Hash256 hash = sha256(bytes);
  return static_cast<std::uint64_t>(read_le64(hash.data()));
}

}  // namespace vitrine
