#include "intake.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "backflow/ingest.hpp"
#include "backflow/store.hpp"
#include "backflow/store_loader.hpp"
#include "protocol/documents.hpp"
#include "screens.hpp"

namespace vitrine::bench {
namespace {

constexpr std::size_t kMostACommit = 4000;
// How often the store is asked whether all is committed: each time costs ClickHouse some
// milliseconds, which it has not for rows.
constexpr auto kBetweenAsking = std::chrono::milliseconds(100);

class Meter {
 public:
  Cost cost(std::size_t plays) const {
    return {plays, std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(),
            cpu() - cpu_began_};
  }

 private:
  static double cpu() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
  }
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double cpu_began_ = cpu();
};

Result<Ingest> open_ingest(const fs::path& folder, const Registry& registry) {
  if (auto made = make_directories(folder); !made) return std::move(made).error();
  const fs::path file = folder / "registry.json";
  if (auto written = write_atomic(file, write_registry(registry)); !written)
    return std::move(written).error();
  IngestOptions options{folder / "spool", file, "ingest-1", PrivateKey::from_seed({3})};
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  return Ingest::open(std::move(options));
}

template <class Committed>
Status send(Ingest& ingest, Screens& screens, const Committed& committed) {
  for (std::size_t i = 0; i < screens.messages.size(); ++i) {
    Message& message = screens.messages[i];
    ingest.take(message.topic, std::move(message.payload), static_cast<std::int64_t>(i));
    if (ingest.pending() < kMostACommit && i + 1 < screens.messages.size()) continue;
    auto acks = ingest.commit();
    if (!acks) return std::move(acks).error();
    committed();
  }
  return ok();
}

}  // namespace

Result<Cost> take_in(const fs::path& folder, std::size_t plays, std::size_t rows) {
  Screens screens = screens_of(plays, rows);
  auto ingest = open_ingest(folder, screens.registry);
  if (!ingest) return std::move(ingest).error();
  const std::size_t batches = screens.messages.size();
  const Meter meter;
  if (auto sent = send(*ingest, screens, [] {}); !sent) return std::move(sent).error();
  const Cost cost = meter.cost(screens.plays);
  if (ingest->known_batches() != batches)
    return fail(ErrorCode::internal, "of " + std::to_string(batches) + " batches " +
                                         std::to_string(ingest->known_batches()) + " were taken");
  return cost;
}

Result<Cost> load(const fs::path& folder, const std::string& address) {
  auto store = Store::open(address, folder / "spool" / "all");
  if (!store) return std::move(store).error();
  const Meter meter;
  for (;;) {
    auto loaded = store->load(20'000);
    if (!loaded) return std::move(loaded).error();
    if (*loaded == 0) break;
  }
  const Cost cost = meter.cost(0);
  auto sql = open_sql_store(address, SqlAccess::read);
  if (!sql) return std::move(sql).error();
  auto plays = sql_scalar(**sql, "SELECT count(*) FROM play");
  if (!plays) return std::move(plays).error();
  return Cost{static_cast<std::size_t>(sql_integer(*plays)), cost.wall_s, cost.cpu_s};
}

Result<Cost> take_in_and_load(const fs::path& folder, std::size_t plays, std::size_t rows,
                              const std::string& address) {
  Screens screens = screens_of(plays, rows);
  auto ingest = open_ingest(folder, screens.registry);
  if (!ingest) return std::move(ingest).error();
  auto store = Store::open(address, folder / "spool" / "all");
  if (!store) return std::move(store).error();
  auto sql = open_sql_store(address, SqlAccess::read);
  if (!sql) return std::move(sql).error();
  const Meter meter;
  StoreLoader loader(*std::move(store), {});
  auto sent = send(*ingest, screens, [&] { loader.durable_until(ingest->spool_end()); });
  if (!sent) return std::move(sent).error();
  for (;;) {
    auto stored = sql_scalar(**sql, "SELECT sum(added) FROM batch");
    if (!stored) return std::move(stored).error();
    if (sql_integer(*stored) == static_cast<std::int64_t>(screens.plays)) break;
    std::this_thread::sleep_for(kBetweenAsking);
  }
  return meter.cost(screens.plays);
}

}  // namespace vitrine::bench
