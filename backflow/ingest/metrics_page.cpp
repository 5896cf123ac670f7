#include <spdlog/fmt/fmt.h>

#include "backflow/ingest_counts.hpp"

namespace vitrine {
namespace {

class Page {
 public:
  void head(std::string_view name, std::string_view type, std::string_view help) {
    text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
  }
  void value(std::string_view name, std::uint64_t value) {
    text_ += fmt::format("{} {}\n", name, value);
  }
  void value(std::string_view name, std::string_view label, std::string_view of,
             std::uint64_t value) {
    text_ += fmt::format("{}{{{}=\"{}\"}} {}\n", name, label, of, value);
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t count) {
    head(name, "counter", help);
    value(name, count);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t count) {
    head(name, "gauge", help);
    value(name, count);
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string_view name_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::unreadable:
      return "unreadable";
    case Refusal::forged:
      return "forged";
    case Refusal::conflict:
      return "conflict";
    case Refusal::future:
      break;
  }
  return "future";
}

std::string metrics_page(const IngestCounts& counts, const IngestGauges& gauges) {
  Page page;
  page.head("vitrine_ingest_batches_total", "counter", "Batches taken for the first time.");
  for (std::size_t i = 0; i < kStreams; ++i)
    page.value("vitrine_ingest_batches_total", "stream", name_of(static_cast<Stream>(i)),
               counts.batches[i]);
  page.head("vitrine_ingest_rows_total", "counter", "Rows of these batches.");
  for (std::size_t i = 0; i < kStreams; ++i)
    page.value("vitrine_ingest_rows_total", "stream", name_of(static_cast<Stream>(i)),
               counts.rows[i]);
  page.head("vitrine_ingest_quarantined_total", "counter", "Batches set aside.");
  for (std::size_t i = 0; i < kRefusals; ++i)
    page.value("vitrine_ingest_quarantined_total", "cause", name_of(static_cast<Refusal>(i)),
               counts.quarantined[i]);
  page.counter("vitrine_ingest_bytes_total", "Bytes of the batches taken.", counts.bytes);
  page.counter("vitrine_ingest_again_total", "Batches that were known.", counts.again);
  page.counter("vitrine_ingest_asked_whole_total", "Batches asked for with their hashes.",
               counts.asked_whole);
  page.counter("vitrine_ingest_unknown_screen_total", "Messages of screens unknown or revoked.",
               counts.unknown_screen);
  page.counter("vitrine_ingest_over_limit_total", "Messages above a screen's limit, not taken.",
               counts.over_limit);
  page.counter("vitrine_ingest_no_room_total",
               "Batches that could not be written, not acknowledged.", counts.no_room);
  page.gauge("vitrine_ingest_connected", "1 while linked to the broker.", gauges.connected ? 1 : 0);
  page.gauge("vitrine_ingest_known_batches", "Batches in the spool.", gauges.known_batches);
  page.gauge("vitrine_ingest_spool_segment", "The spool's last segment.", gauges.spool_segment);
  page.gauge("vitrine_ingest_spool_offset_bytes", "Bytes in the last segment.",
             gauges.spool_offset);
  page.gauge("vitrine_ingest_disk_free_bytes", "Free on the spool's disk.", gauges.free_bytes);
  return std::move(page).text();
}

}  // namespace vitrine
