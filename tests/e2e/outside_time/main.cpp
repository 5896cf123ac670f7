// vitrine-outside-time: puts into a spool what a screen with a disciplined clock (NTP, GNSS) would
// have sent, a time fix of the boot of its plays, as a batch of the event stream. For machines
// whose own clock is vouched for by nobody: there a demo's plays are dated and not paid (money.py).
#include <cstdio>
#include <optional>

#include "backflow/spool.hpp"
#include "platform/clock.hpp"
#include "platform/command_line.hpp"
#include "platform/crypto.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

constexpr Micros kError = 20 * kMillisecond;  // of NTP over an ordinary line

// nullopt: it sent no play.
Result<std::optional<BootId>> boot_of_plays(const fs::path& spool, const ScreenId& screen) {
  SpoolReader reader(spool, {});
  for (;;) {
    auto entry = reader.next();
    if (!entry) return std::move(entry).error();
    if (!*entry) return std::optional<BootId>();
    if ((*entry)->record.device != screen) continue;
    const auto batch = decode_batch((*entry)->record.payload);
    if (batch && batch->key.stream == Stream::play)
      return std::optional(std::get<std::vector<PlayRow>>(batch->rows).front().boot);
  }
}

Status put_fix(const fs::path& spool_directory, const ScreenId& screen) {
  const SystemClock clock;
  auto boot = boot_of_plays(spool_directory, screen);
  if (!boot) return std::move(boot).error();
  if (!*boot) return fail(ErrorCode::not_found, "screen " + screen + " sent no play");
  if (**boot != clock.boot_id())
    return fail(ErrorCode::stale, "these plays are of another boot than this machine's");
  const TimeFix fix{**boot, clock.boottime(), clock.realtime(), kError, TimeSource::ntp};
  Batch batch;
  batch.key = {Stream::event, random_u64(), 1, 1};
  batch.fix = fix;
  batch.rows = std::vector<EventRow>{{1, fix}};
  auto spool = Spool::open(spool_directory);
  if (!spool) return std::move(spool).error();
  const SpoolRecord record{clock.realtime(), screen, DeviceTopics(screen).up(Stream::event), "",
                           encode_batch(batch)};
  if (auto put = spool->append(record); !put) return std::move(put).error();
  return spool->sync();
}

}  // namespace
}  // namespace vitrine

int main(int count, char** words) {
  vitrine::cli::App app("Puts a time fix of a screen into a spool, for tests.");
  vitrine::fs::path spool;
  std::string screen;
  app.add_option("--spool", spool, "the directory with the segments")->required();
  app.add_option("--screen", screen, "whose clock")->required();
  if (const auto code = app.parse(count, words)) return *code;
  auto done = vitrine::put_fix(spool, screen);
  if (!done) std::fprintf(stderr, "vitrine-outside-time: %s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
