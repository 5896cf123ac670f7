#include "play_day.hpp"

#include "platform/crypto.hpp"
#include "protocol/chain.hpp"
#include "random.hpp"
#include "scheduler/simulate.hpp"

namespace vitrine::bench {
namespace {

using testing::Random;

constexpr std::int64_t kMonday = 20'780;  // 2026-11-23
constexpr CreativeId kCreatives = 24;
constexpr std::uint32_t kLengthMs = 15'000;
constexpr double kVblankUs = 1e6 * 1001 / 60'000;
constexpr std::uint32_t kStampNoiseUs = 60;

// A rotation of 24: two creatives to each of twelve campaigns, of two weights.
Schedule loop_of_24() {
  Schedule schedule;
  for (CampaignId id = 1; id <= kCreatives / 2; ++id) {
    Campaign campaign;
    campaign.id = 4000 + id;
    campaign.weight = id % 3 == 0 ? 2 : 1;
    campaign.category = "category-" + std::to_string(id);
    Flight flight;
    flight.first_day = kMonday - 10;
    flight.last_day = kMonday + 10;
    for (CreativeId k = 0; k < 2; ++k) {
      const CreativeId creative = 10'000 + 2 * id + k;
      const Hash256 content = sha256(as_bytes("file " + std::to_string(creative)));
      schedule.creatives.push_back(
          {creative, "creative", kLengthMs, false, {{20'000 + creative, {}, content}}});
      flight.creatives.push_back({creative, 1});
    }
    campaign.flights.push_back(flight);
    schedule.campaigns.push_back(campaign);
  }
  return schedule;
}

// Frames a second of its file; 0 = a still.
int rate_of(CreativeId creative) {
  const CreativeId n = creative % 4;
  return n == 0 ? 0 : n == 1 ? 30 : 25;
}

class Display {
 public:
  explicit Display(Random& random) : random_(random) {}
  // The stamp of the first vblank at or after `at`.
  Micros flip(double at) {
    const double count = std::max(0.0, (at - 1) / kVblankUs);
    const auto vblank = static_cast<std::int64_t>(count) +
                        (count > static_cast<double>(static_cast<std::int64_t>(count)) ? 1 : 0);
    const auto noise = static_cast<Micros>(random_.below(2 * kStampNoiseUs + 1)) - kStampNoiseUs;
    return static_cast<Micros>(static_cast<double>(vblank) * kVblankUs) + noise;
  }

 private:
  Random& random_;
};

void show(PlayRow& row, Display& display, Random& random) {
  const int rate = rate_of(row.creative);
  row.first_flip_us = display.flip(static_cast<double>(row.planned_start_us));
  row.last_flip_us = row.first_flip_us;
  row.frames_due = row.frames_shown = 1;
  row.decoder = rate == 0 ? Decoder::still : Decoder::software;
  Micros shown = row.planned_length_us;
  if (random.one_in(200)) {
    row.cut_cause = CutCause::generation;
    shown = static_cast<Micros>(1 + random.below(14)) * kSecond;
  }
  row.verdict_bits = (shown == row.planned_length_us ? kVerdictFull : 0) |
                     (4 * shown >= 3 * row.planned_length_us ? kVerdictThreeQuarters : 0) |
                     (shown >= 2 * kSecond ? kVerdictTwoSeconds : 0);
  if (rate == 0) return;
  row.frames_due = row.frames_shown = shown * rate / kSecond;
  const double last =
      static_cast<double>(row.first_flip_us) + static_cast<double>(row.frames_due - 1) * 1e6 / rate;
  row.last_flip_us = display.flip(last);
  if (random.one_in(100)) {
    row.frames_dropped = 1 + random.below(5);
    row.frames_shown -= row.frames_dropped;
  }
  if (random.one_in(50)) row.frames_repeated = 1 + random.below(2);
}

ExposureRow measured(const PlayRow& row, Random& random) {
  ExposureRow exposure;
  exposure.log_id = row.log_id ^ 1;
  exposure.seq = row.seq;
  exposure.play_log_id = row.log_id;
  exposure.play_seq = row.seq;
  exposure.crossings = random.below(6);
  exposure.person_ms = exposure.crossings * (500 + random.below(6000));
  exposure.coverage_permille = random.one_in(50) ? 900 + random.below(100) : 1000;
  exposure.quality = Quality::flow;
  exposure.method = Method::mog2;
  return exposure;
}

}  // namespace

PlayDay play_day(std::uint64_t seed) {
  Random random(seed);
  Display display(random);
  const Schedule schedule = loop_of_24();
  Documents documents;
  documents.schedule = &schedule;
  const ZoneTable zone = {"Asia/Shanghai", "", {{0, 8 * 3600}}};
  const std::int64_t from_ms = (kMonday * 86'400 - 8 * 3600) * 1000;
  SimulatedScreen screen(documents, zone, from_ms);

  PlayDay day;
  const BootId boot{static_cast<std::int64_t>(random.next()),
                    static_cast<std::int64_t>(random.next())};
  const LogId log_id = random.next();
  day.fix = {boot, 7'200 * kSecond, (from_ms + 7'200'000) * 1000, 12'000, TimeSource::ntp};
  Micros seam = 86'400 * kSecond;  // up since yesterday
  for (;;) {
    const SimulatedSlot slot = screen.next();
    if (slot.utc_ms >= from_ms + 86'400'000) break;
    if (slot.dark || !slot.decision.playable) continue;
    const Decision& decision = slot.decision;
    PlayRow& row = day.plays.emplace_back();
    row.log_id = log_id;
    row.seq = day.plays.size() + 170'000;
    row.kind = decision.kind;
    row.boot = boot;
    row.planned_start_us = seam;
    row.planned_length_us = static_cast<Micros>(decision.length_ms) * kMillisecond;
    row.generation = 57;
    row.schedule_version = 41;
    row.numbers_version = 112;
    row.profile_version = 9;
    row.decision_seq = row.seq + 1200;
    row.reason = decision.reason;
    row.runner_up = decision.runner_up;
    row.campaign = decision.campaign;
    row.flight_phase = decision.flight_phase;
    row.creative = decision.creative;
    row.variant = decision.variant;
    row.arm = decision.arm;
    row.content = decision.content;
    row.grade = Grade::presented;
    row.display_bits = kDisplayConnected | kDisplayCrtcOn;
    row.clock_trust = ClockTrust::trusted;
    show(row, display, random);
    seam = row.first_flip_us + row.planned_length_us;
    if (row.cut_cause != CutCause::none) seam = row.last_flip_us + 40 * kMillisecond;
  }
  Hash256 chain = chain_start("lobby-1", log_id);
  for (std::size_t i = 0; i < day.plays.size(); ++i) {
    PlayRow& row = day.plays[i];
    if (i + 1 < day.plays.size()) row.next_creative = day.plays[i + 1].creative;
    row.chain = chain = chain_next(chain, row);
    day.exposures.push_back(measured(row, random));
  }
  return day;
}

}  // namespace vitrine::bench
