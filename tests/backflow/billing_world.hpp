// A small network that earned something: screens, a schedule, a profile and prices on disk, and
// batches whose every play is either as it was bought or spoilt in one known way.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "backflow/billing.hpp"
#include "backflow/desired.hpp"
#include "backflow/store.hpp"
#include "protocol/documents.hpp"
#include "protocol/wire.hpp"
#include "random.hpp"
#include "sample_batches.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {

class BillingWorld {
 public:
  static constexpr std::int64_t kFirstDay = 20'788;  // 2026-12-01
  static constexpr CampaignId kCampaign = 41;
  static constexpr CreativeId kCreative = 7;
  static constexpr std::int64_t kVersion = 3;
  static constexpr int kBatch = 20;

  explicit BillingWorld(int screens = 3) {
    for (int i = 1; i <= screens; ++i) {
      RegisteredScreen screen;
      screen.screen = "lobby-" + std::to_string(i);
      screen.area = static_cast<AreaId>(10 + i);
      screen.zone = i % 2 == 0 ? "Asia/Shanghai" : "Europe/Berlin";
      screen.groups = {"demo"};
      screen.shard = shard_of(screen.screen);
      screen.proof_key = PrivateKey::from_seed({4}).public_key().raw;
      screen.valid_from = 1;
      registry.screens.push_back(screen);
    }
    REQUIRE(write_atomic(root() / "registry.json", write_registry(registry)));
    auto opened = DocumentArchive::open(root() / "archive");
    REQUIRE(opened);
    archive.emplace(*std::move(opened));
    keep(DocumentKind::schedule, write_schedule(schedule()));
    keep(DocumentKind::profile, write_profile(profile()));
    prices("41,mille,2.50,EUR,7,1000000,\n");
  }

  const fs::path& root() const { return directory_.path(); }
  BillingConfig config(const std::string& store = "store.db") const {
    BillingConfig config;
    config.store = (root() / store).string();
    config.registry = root() / "registry.json";
    config.archive = root() / "archive";
    config.prices = root() / "prices.csv";
    return config;
  }
  void prices(const std::string& lines) const {
    REQUIRE(write_atomic(root() / "prices.csv",
                         "campaign,per,price,currency,cutoff_days,goal,burl\n" + lines));
  }
  void keep(DocumentKind kind, const std::string& payload) {
    const DocumentHeader header{
        kind, {Audience::Kind::group, "demo"}, "operator-1", kVersion, 1'790'000'000, 0};
    auto document = parse_envelope(sign_document(header, payload, PrivateKey::from_seed({2})));
    REQUIRE(document);
    REQUIRE(archive->keep(*document));
  }

  static Hash256 file() {
    Hash256 hash;
    hash.fill(0xaa);
    return hash;
  }
  static Schedule schedule() {
    Schedule schedule;
    Campaign campaign;
    campaign.id = kCampaign;
    campaign.advertiser = 1;
    campaign.category = "tea";
    campaign.flights = {{FlightPhase::launch, kFirstDay, kFirstDay + 25, {{kCreative, 1}}}};
    schedule.campaigns = {campaign};
    Creative creative;
    creative.id = kCreative;
    creative.length_ms = 10'000;
    creative.variants = {{1, {}, file()}};
    schedule.creatives = {creative};
    schedule.content = {{file(), 1000, "video/mp4", "content/" + to_hex(file())}};
    schedule.house = {kCreative};
    return schedule;
  }
  static Profile profile() {
    Profile profile;
    profile.area = 11;
    profile.scene = "office";
    profile.zone = "Europe/Berlin";
    profile.group_system = "jd-ten";
    profile.n_sample = 500;
    for (ProfileHour& hour : profile.hours) {
      hour.share.fill(1000);
      hour.footfall = 360;
      hour.dwell_ms = 20'000;
    }
    return profile;
  }

  // One log of a screen: `count` plays every `step`, from 06:00 UTC of the first day on, cut into
  // batches of 20, with the fixes of their boot. Faults only with a `random`: one play in four is
  // spoilt, one batch in twenty comes after the cut-off.
  std::vector<SpoolRecord> log_of(int screen, int count, Micros step, Random* random = nullptr,
                                  LogId log_id = 77) {
    const ScreenId device = "lobby-" + std::to_string(screen);
    std::vector<PlayRow> plays;
    std::vector<ExposureRow> exposures;
    std::vector<bool> late;
    for (int i = 0; i < count; ++i) {
      if (i % kBatch == 0) late.push_back(random != nullptr && random->one_in(20));
      PlayRow row = good_play(log_id, static_cast<std::uint64_t>(i + 1), kHour + i * step);
      if (random != nullptr && random->one_in(4)) {
        ++expected[spoil(row, *random)];
      } else {
        ++expected[late.back() ? Reason::bill_cutoff : Reason::none];
      }
      if (i % 2 == 0 && row.first_flip_us != kAbsent)
        exposures.push_back(seen(row, i, exposures.size() + 1));
      plays.push_back(row);
    }
    std::vector<SpoolRecord> records;
    for (std::size_t at = 0; at < plays.size(); at += kBatch) {
      const auto from = plays.begin() + static_cast<std::ptrdiff_t>(at);
      const auto until =
          plays.begin() + static_cast<std::ptrdiff_t>(std::min(at + kBatch, plays.size()));
      records.push_back(record(device,
                               signed_batch({from, until}, device, PrivateKey::from_seed({4})),
                               utc_of(kHour + static_cast<std::int64_t>(at) * step) + kHour +
                                   (late[at / kBatch] ? 40 * kDay : 0)));
    }
    for (std::size_t at = 0; at < exposures.size(); at += 20) {
      const auto from = exposures.begin() + static_cast<std::ptrdiff_t>(at);
      const auto until =
          exposures.begin() + static_cast<std::ptrdiff_t>(std::min(at + 20, exposures.size()));
      Batch batch;
      batch.rows = std::vector<ExposureRow>(from, until);
      batch.key = {Stream::exposure, log_id + 1, from->seq, (until - 1)->seq};
      records.push_back(record(device, batch, utc_of(kHour)));
    }
    for (int i = 0; i < 4; ++i)
      records.push_back(
          fix(device, static_cast<std::uint64_t>(i + 1), i * count * step / 3, log_id + 2));
    return records;
  }

  SpoolRecord fix(const ScreenId& device, std::uint64_t seq, Micros boottime_us, LogId log_id,
                  std::int64_t error_us = 20'000) const {
    Batch batch;
    batch.key = {Stream::event, log_id, seq, seq};
    batch.rows = std::vector<EventRow>{
        {seq, TimeFix{kBoot, boottime_us, utc_of(boottime_us), error_us, TimeSource::ntp}}};
    return record(device, batch, utc_of(boottime_us));
  }

  static std::int64_t utc_of(Micros boottime_us) {
    return kFirstDay * kDay + 5 * kHour + boottime_us;
  }
  static SpoolRecord record(const ScreenId& device, const Batch& batch, std::int64_t received) {
    return {received, device, "t", "", encode_batch(batch)};
  }

  // Adds to what the store has.
  void load(const std::vector<SpoolRecord>& records, const std::string& name = "store") const {
    auto spool = Spool::open(root() / (name + ".spool"));
    REQUIRE(spool);
    for (const SpoolRecord& record : records) REQUIRE(spool->append(record));
    REQUIRE(spool->sync());
    auto store = Store::open(root() / (name + ".db"), root() / (name + ".spool"));
    REQUIRE(store);
    for (;;) {
      auto loaded = store->load(1000);
      REQUIRE(loaded);
      if (*loaded == 0) return;
    }
  }

  static PlayRow good_play(LogId log_id, std::uint64_t seq, Micros at) {
    PlayRow row;
    row.log_id = log_id;
    row.seq = seq;
    row.boot = kBoot;
    row.planned_start_us = at;
    row.planned_length_us = 10 * kSecond;
    row.first_flip_us = at + 4'000;
    row.last_flip_us = at + 10 * kSecond - 16'000;
    row.schedule_version = kVersion;
    row.profile_version = kVersion;
    row.campaign = kCampaign;
    row.creative = kCreative;
    row.variant = 1;
    row.content = file();
    row.grade = Grade::scanned_out;
    row.display_bits = kDisplayConnected | kDisplayCrtcOn | kDisplayVblankReal;
    row.verdict_bits = kVerdictFull | kVerdictThreeQuarters | kVerdictTwoSeconds;
    row.clock_trust = ClockTrust::trusted;
    return row;
  }

  static constexpr BootId kBoot{5, 6};
  Registry registry;
  std::optional<DocumentArchive> archive;
  std::map<Reason, std::int64_t> expected;  // of all logs made so far

 private:
  static Reason spoil(PlayRow& row, Random& random) {
    switch (random.below(8)) {
      case 0:
        row.grade = Grade::scheduled;
        return Reason::bill_grade;
      case 1:
        row.display_bits |= kDisplayKnownDark;
        return Reason::bill_dark;
      case 2:
        row.verdict_bits = kVerdictTwoSeconds;
        return Reason::bill_verdict;
      case 3:
        row.content.fill(0xbb);
        return Reason::bill_hash;
      case 4:
        row.boot = {9, 9};  // nobody knows its time
        return Reason::bill_clock;
      case 5:
        row.kind = PlayKind::takeover;
        return Reason::bill_kind;
      case 6:
        row.kind = PlayKind::ghost;
        row.grade = Grade::scheduled;
        row.first_flip_us = row.last_flip_us = kAbsent;
        return Reason::bill_grade;
      default:
        row.campaign = 99;
        return Reason::bill_hash;
    }
  }
  static ExposureRow seen(const PlayRow& play, int i, std::uint64_t seq) {
    ExposureRow row;
    row.log_id = play.log_id + 1;
    row.seq = seq;
    row.play_log_id = play.log_id;
    row.play_seq = play.seq;
    row.person_ms = 17'000 + 13 * i;
    row.ots = 3;
    row.coverage_permille = 1000;
    row.quality = i % 4 == 0 ? Quality::people : Quality::flow;
    row.method = i % 4 == 0 ? Method::dnn : Method::mog2;
    return row;
  }

  TempDirectory directory_;
};

}  // namespace vitrine::testing
