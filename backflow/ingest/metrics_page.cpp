#include "backflow/ingest_counts.hpp"
#include "http/metrics_text.hpp"

namespace vitrine {
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
  MetricsText page;
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
  page.counter("vitrine_ingest_pictures_total", "Screenshots archived.", counts.pictures);
  page.counter("vitrine_ingest_pictures_refused_total",
               "Screenshots not archived: none, too many of a screen, or no room.",
               counts.pictures_refused);
  page.gauge("vitrine_ingest_connected", "1 while linked to the broker.", gauges.connected ? 1 : 0);
  page.gauge("vitrine_ingest_known_batches", "Batches in the spool.", gauges.known_batches);
  page.gauge("vitrine_ingest_spool_segment", "The spool's last segment.", gauges.spool_segment);
  page.gauge("vitrine_ingest_spool_offset_bytes", "Bytes in the last segment.",
             gauges.spool_offset);
  page.gauge("vitrine_ingest_disk_free_bytes", "Free on the spool's disk.", gauges.free_bytes);
  return std::move(page).text();
}

}  // namespace vitrine
