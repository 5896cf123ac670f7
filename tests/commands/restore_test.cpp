// A backend that was restored from an older copy asks its screens for what it had acknowledged
// since.
#include <csignal>

#include "backflow/gaps.hpp"
#include "installation.hpp"
#include "state/play_log.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Restored : Installation {
  std::unique_ptr<Process> taking;
  Result<PlayLog> log = PlayLog::open(paths.plays_log(), kScreen, proof);

  Restored() {
    REQUIRE(log.ok());
    start_desired();
    taking = start_ingest();
  }
  void play(int rows) {
    for (int i = 0; i < rows; ++i) REQUIRE(log->append(PlayRow{}, 0).ok());
  }
  // Stored, and known to the screen to be.
  bool all_stored(std::int64_t rows) {
    return turn_until([&] { return stored() == rows && daemon->outbox_load().batches == 0; });
  }
  void stop_ingest() {
    taking->signal(SIGTERM);
    REQUIRE(taking->wait() == 0);
  }
  std::string bill(const std::string& verb) {
    fs::remove(temp / "out");
    Process process({VITRINE_PROGRAM, "bill", verb, "--config", temp / "backend.toml"},
                    temp / "out");
    CHECK(process.wait() == 0);
    return output();
  }
};

}  // namespace

TEST_CASE(
    "what was acknowledged after the backup that was restored comes again when it is asked for, "
    "and "
    "the books close") {
  Restored all;
  const fs::path ingest = all.temp / "ingest", copy = all.temp / "copy";
  all.play(20);
  REQUIRE(all.all_stored(20));
  all.stop_ingest();
  fs::copy(ingest, copy, fs::copy_options::recursive);

  all.taking = all.start_ingest();
  all.play(40);
  REQUIRE(all.all_stored(60));
  all.stop_ingest();
  fs::remove_all(ingest);  // the disk is lost, and last night's copy takes its place
  fs::copy(copy, ingest, fs::copy_options::recursive);
  all.taking = all.start_ingest();
  REQUIRE(until([&] { return all.stored() == 20; }));

  // The screen was told that its rows are stored, and begins behind them.
  all.play(20);
  REQUIRE(all.all_stored(40));
  const std::vector<std::string> words = {"gaps", "--config", all.temp / "backend.toml"};
  CHECK(all.run(words) == 1);
  INFO(all.output());
  CHECK(all.says("lobby-1 play log "));
  CHECK(all.says(" rows 21..60\n"));

  auto resend = words;
  resend.push_back("--resend");
  CHECK(all.run(resend) == 0);
  CHECK(all.says("lobby-1: resend: done:"));
  REQUIRE(all.all_stored(80));
  CHECK(find_gaps(*all.store())->empty());
  CHECK(all.run(words) == 0);
  CHECK(all.output().empty());
  CHECK(all.bill("run").starts_with("80 plays: "));
  const std::string books = all.bill("reconcile");
  INFO(books);
  CHECK(books.starts_with("80 plays stored = "));
  CHECK(books.find("; 0 conflicts;") != std::string::npos);
  CHECK(books.ends_with("reconcile: holds\n"));
}
