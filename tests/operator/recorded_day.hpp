// A screen that lives through a day and a bit: the player's own programme and keeper on a clock
// moved by hand, its rows in a real log, and everything happening to it that may.
#pragma once

#include <random>

#include "platform/time_zone.hpp"
#include "player/schedule_programme.hpp"
#include "screen.hpp"

namespace vitrine::testing {

inline constexpr std::int64_t kTuesday = 20'781;  // 2026-11-24, the day
inline constexpr std::uint32_t kPlayMs = 30'000;
inline constexpr Micros kLead = 2 * kSecond;  // a slot is asked for so long before it begins

class RecordedDay {
 public:
  Screen screen;
  std::uint64_t generation_2 = 0;  // its number

  RecordedDay() {
    auto zone = load_zone("Europe/Berlin");
    screen.zone = zone ? *zone : ZoneTable{};
    screen.identity.zone = "Europe/Berlin";
    screen.identity.mqtt_host = "127.0.0.1";
    (void)make_directories(screen.paths.proof_key().parent_path());
    (void)write_atomic(screen.paths.device_config(), write_device_identity(screen.identity));
    (void)write_public_key(screen.paths.root_key(), screen.root.public_key());
    (void)write_private_key(screen.paths.proof_key(), proof_);
    screen.clock.step_wall_clock(utc(kTuesday - 1, 21, 0) - screen.clock.realtime());
    screen.put_trust(
        {Screen::key("operator-1", screen.person, "operator",
                     {DocumentKind::schedule, DocumentKind::settings}),
         Screen::key("takeover-1", takeover_key_, "takeover", {DocumentKind::takeover}),
         Screen::key("takeover-2", second_key_, "takeover", {DocumentKind::takeover}),
         Screen::key("backend-1", screen.server, "backend",
                     {DocumentKind::numbers, DocumentKind::profile})});
    for (CreativeId id = 1; id <= 13; ++id) files_.push_back(add_file(id));
    offer(10, 3);
  }

  // From 21:00 the evening before to 01:00 the morning after.
  void live() {
    start();
    play_until(kTuesday, 6, 0);
    fs::remove(path_of(7));  // a file goes missing, and comes back
    play_until(kTuesday, 7, 0);
    (void)add_file(7);
    play_until(kTuesday, 9, 0);
    fails_ = 6;  // on the glass, until it is in quarantine
    play_until(kTuesday, 10, 0);
    fails_ = 0;
    put_takeover();
    play_until(kTuesday, 12, 0);
    crowd_ = true;  // more people than the profile says
    play_until(kTuesday, 13, 0);
    crowd_ = false;
    generation_2 = offer(11, 5);
    play_until(kTuesday, 15, 0);
    miss_ = 2;  // decisions that are dropped while others are made behind them
    play_until(kTuesday, 16, 0);
    kill();
    start();
    play_until(kTuesday, 18, 0);
    kill();
    screen.clock.reboot(40 * kSecond);
    screen.clock.step_wall_clock(-300 * kDay);  // it wakes up without a time
    start();
    play_for(3 * kMinute);
    screen.clock.step_wall_clock(300 * kDay);
    play_until(kTuesday, 20, 0);
    screen.clock.step_wall_clock(25 * kMinute);
    play_until(kTuesday, 22, 0);
    screen.clock.step_wall_clock(-10 * kMinute);
    play_until(kTuesday + 1, 1, 0);
    stop();
  }

  // The same and more of it, in an order drawn by `seed`.
  void live_at_random(unsigned seed, int events) {
    std::mt19937 random(seed);
    const auto below = [&](unsigned most) { return static_cast<std::int64_t>(random() % most); };
    std::uint64_t version = 11;
    start();
    for (int event = 0; event < events; ++event) {
      play_for((1 + below(40)) * kMinute);
      const auto creative = static_cast<CreativeId>(1 + below(12));
      switch (random() % 10) {
        case 0:
          fs::remove(path_of(creative));
          break;
        case 1:
          (void)add_file(creative);
          break;
        case 2:
          fails_ = creative;
          play_for(10 * kMinute);
          fails_ = 0;
          break;
        case 3:  // somebody lets them out
          for (const std::string& name : list_directory(screen.paths.quarantine()))
            fs::remove(screen.paths.quarantine() / name);
          break;
        case 4:
          miss_ = static_cast<int>(1 + below(3));
          break;
        case 5:
          kill();
          start();
          break;
        case 6:
          kill();
          screen.clock.reboot(below(600) * kSecond);
          start();
          break;
        case 7:
          kill();
          screen.clock.reboot(below(600) * kSecond);
          screen.clock.step_wall_clock(-300 * kDay);
          start();
          play_for(below(20) * kMinute);
          screen.clock.step_wall_clock(300 * kDay);
          break;
        case 8:
          screen.clock.step_wall_clock((below(7'200) - 3'600) * kSecond + below(1'000'000));
          break;
        default:
          crowd_ = !crowd_;
          (void)offer(version++, static_cast<std::uint32_t>(1 + below(6)));
      }
    }
    kill();
  }

  static Micros utc(std::int64_t day, int hour, int minute) {
    return (day * 86'400 + (hour - 1) * 3'600 + minute * 60) * kSecond;  // winter in Berlin
  }

 private:
  struct LogSink final : PlaySink {
    LogSink(PlayLog into, const StatePaths& paths) : log(std::move(into)), plays(paths) {}
    void play(const PlayRow& row, std::int64_t local_day) override {
      const auto stored = log.append(row, local_day);
      if (stored) (void)plays.forget(*stored);
    }
    void input(const InputRow& row) override { (void)log.append_inputs({row}); }
    PlayLog log;
    OpenPlays plays;
  };
  struct OnGlass {
    PlannedItem item;
    PlayFigures figures;
  };

  // --- documents ---

  static std::string bytes_of(CreativeId id) {
    return "the bytes of creative " + std::to_string(id);
  }
  Hash256 add_file(CreativeId id) const { return screen.add_content(bytes_of(id)); }
  fs::path path_of(CreativeId id) const {
    return ContentStore(screen.paths.content()).path_of(files_[id - 1]);
  }
  ContentItem content(CreativeId id) const {
    return {files_[id - 1], bytes_of(id).size(), "video/mp4", "file-" + std::to_string(id)};
  }
  Campaign campaign(CampaignId id, CampaignClass klass, std::uint32_t weight,
                    std::vector<CreativeId> creatives) const {
    Campaign made;
    made.id = id;
    made.label = "campaign no " + std::to_string(id);
    made.advertiser = id;
    made.category = "trade-" + std::to_string(id);
    made.klass = klass;
    made.weight = weight;
    Flight flight;
    flight.first_day = kTuesday - 1;
    flight.last_day = kTuesday + 5;
    for (const CreativeId creative : creatives) flight.creatives.push_back({creative, 1});
    made.flights = {flight};
    return made;
  }
  Schedule schedule(std::uint32_t weight) const {
    Schedule made;
    for (CreativeId id = 1; id <= 12; ++id) {
      made.creatives.push_back(
          {id, "creative no " + std::to_string(id), kPlayMs, false, {{id, {}, files_[id - 1]}}});
      made.content.push_back(content(id));
    }
    made.campaigns = {campaign(1, CampaignClass::guaranteed, 1, {1, 2}),
                      campaign(2, CampaignClass::guaranteed, 1, {3, 4}),
                      campaign(3, CampaignClass::guaranteed, 1, {5}),
                      campaign(4, CampaignClass::share, weight, {6, 7}),
                      campaign(5, CampaignClass::share, 2, {8}),
                      campaign(6, CampaignClass::remnant, 1, {9, 10})};
    made.campaigns[0].rules.separation_s = 110;  // no multiple of a slot: flips come late
    made.campaigns[1].target_groups = {2, 3};
    made.campaigns[3].rules.exclude_categories = {"trade-5"};
    made.campaigns[3].rules.separation_s = 45;
    Daypart day;
    day.from_minute = 8 * 60;
    day.until_minute = 18 * 60 + 30;
    made.campaigns[4].dayparts = {day};
    made.campaigns[4].rules.daypart_end = DaypartEnd::cut;
    made.campaigns[5].rules.hourly_cap = 10;
    made.campaigns[5].rules.daily_cap = 150;
    made.house = {11, 12};
    return made;
  }
  std::uint64_t offer(std::uint64_t version, std::uint32_t weight) {
    const std::string payload = write_schedule(schedule(weight));
    Numbers numbers;
    numbers.schedule_version = version;
    numbers.schedule_sha256 = sha256(as_bytes(payload));
    const auto goals = [](std::uint32_t goal) { return std::vector<std::uint32_t>(7, goal); };
    numbers.campaigns = {{1, kTuesday - 1, goals(300'400), 0, 500, Arm::none, {}},
                         {2, kTuesday - 1, goals(500'000), 50, 250, Arm::treated, {}},
                         {3, kTuesday - 1, goals(200'000), 0, 0, Arm::control, {}}};
    Profile profile;
    profile.area = 1;
    profile.scene = "office";
    profile.group_system = "jd-ten";
    profile.n_sample = 500;
    profile.zone = "Europe/Berlin";
    for (std::size_t hour = 0; hour < kHoursOfWeek; ++hour) {
      ProfileHour& entry = profile.hours[hour];
      entry.footfall = static_cast<std::uint32_t>(40 + hour * 37 % 300);
      entry.dwell_ms = 20'000;
      for (std::size_t group = 0; group < kGroups; ++group) entry.share[group] = 1'000;
    }
    GenerationFiles files;
    files.schedule =
        screen.sign(DocumentKind::schedule, version, payload, screen.person, "operator-1");
    files.settings = screen.signed_settings(version, 60);
    files.numbers = screen.sign(DocumentKind::numbers, version, write_numbers(numbers),
                                screen.server, "backend-1", "screen/lobby-1");
    files.profile = screen.sign(DocumentKind::profile, version, write_profile(profile),
                                screen.server, "backend-1");
    return screen.offer(files);
  }
  void put_takeover() {
    Takeover takeover;
    takeover.creative = 900;
    takeover.creatives = {{900, "alarm", kPlayMs, false, {{900, {}, files_[12]}}}};
    takeover.content = {content(13)};
    takeover.from_utc = utc(kTuesday, 11, 0) / kSecond;
    takeover.until_utc = utc(kTuesday, 11, 10) / kSecond;
    (void)make_directories(screen.paths.takeover());
    (void)write_atomic(
        screen.paths.takeover() / "1",
        *countersign_document(screen.sign(DocumentKind::takeover, 1, write_takeover(takeover),
                                          takeover_key_, "takeover-1"),
                              "takeover-2", second_key_));
  }

  // --- the player, as player_main() puts it together ---

  void start() {
    auto log = PlayLog::open(screen.paths.plays_log(), screen.identity.screen, proof_);
    (void)recover_open_plays(screen.paths, *log);
    auto before = read_screen_log(*log);
    keeper_ = screen.keeper();
    const std::uint64_t next = log->next_decision_seq();
    sink_ = std::make_unique<LogSink>(std::move(*log), screen.paths);
    programme_ = std::make_unique<ScheduleProgramme>(
        ScheduleProgramme::Setup{
            screen.clock, screen.paths, screen.board, *sink_, screen.zone, next, {}},
        std::move(*before));
    seam_ = screen.clock.boottime() + kLead;
  }
  void kill() {
    programme_.reset();
    keeper_.reset();
    sink_.reset();
    on_glass_.reset();
  }
  void stop() {
    on_glass_->figures.cut_cause = CutCause::stopped;
    end_current(CutCause::stopped);
    kill();
  }

  // --- the presenter ---

  void play_until(std::int64_t day, int hour, int minute) {
    while (screen.clock.realtime() < utc(day, hour, minute)) play_next();
  }
  void play_for(Micros time) {
    const Micros end = screen.clock.boottime() + time;
    while (screen.clock.boottime() < end) play_next();
  }
  void play_next() {
    screen.clock.advance(seam_ - kLead - screen.clock.boottime());
    if (crowd_) {
      AudienceLive audience;
      audience.written_at = screen.clock.boottime();
      audience.covered_ms_15min = 15 * 60 * 1000;
      audience.person_ms_15min = 3 * audience.covered_ms_15min;
      audience.quality = Quality::people;
      (void)write_audience_live(screen.paths, audience);
    }
    keeper_->tick();
    auto item = programme_->next(seam_);
    std::vector<OnGlass> failed;
    while (item && cannot_open(*item)) {
      PlayFigures figures;
      figures.planned_start = seam_;
      figures.planned_length = item->length;
      figures.cut_cause = CutCause::decode_error;
      figures.error = "no frame could be decoded";
      failed.push_back({*item, figures});
      // Told before the next decision, or still open then.
      if (fails_ != 0) end(failed);
      item = programme_->next(seam_);
    }
    screen.clock.advance(seam_ - screen.clock.boottime());
    if (!item) {
      end_current(CutCause::none);
      end(failed);
      seam_ += kSecond;
      return;
    }
    programme_->starting(*item);
    const Micros flip = screen.clock.boottime() + 3 * kMillisecond;
    screen.clock.advance(3 * kMillisecond);
    end_current(CutCause::none);
    end(failed);
    OnGlass shown{*item, {}};
    shown.figures.shown = true;
    shown.figures.planned_start = seam_;
    shown.figures.planned_length = item->length;
    shown.figures.first_flip = shown.figures.last_flip = flip;
    shown.figures.grade = Grade::presented;
    programme_->shown(*item, shown.figures);
    on_glass_ = shown;
    seam_ += item->length;
  }
  // Whether the presenter would find nothing to show in it.
  bool cannot_open(const PlannedItem& item) {
    if (fails_ != 0 && item.label == "creative no " + std::to_string(fails_)) return true;
    return miss_ > 0 && miss_-- > 0;
  }
  void end(std::vector<OnGlass>& failed) {
    for (const OnGlass& entry : failed) programme_->ended(entry.item, entry.figures);
    failed.clear();
  }
  void end_current(CutCause cause) {
    if (!on_glass_) return;
    PlayFigures& figures = on_glass_->figures;
    figures.ended = screen.clock.boottime();
    figures.last_flip = figures.ended - 40 * kMillisecond;
    figures.cut_cause = cause != CutCause::none ? cause : on_glass_->item.cut_cause;
    programme_->ended(on_glass_->item, figures);
    on_glass_.reset();
  }

  PrivateKey proof_ = PrivateKey::generate();
  PrivateKey takeover_key_ = PrivateKey::generate();
  PrivateKey second_key_ = PrivateKey::generate();
  std::vector<Hash256> files_;  // of creative id - 1
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<LogSink> sink_;
  std::unique_ptr<ScheduleProgramme> programme_;
  std::optional<OnGlass> on_glass_;
  Micros seam_ = 0;
  CreativeId fails_ = 0;
  int miss_ = 0;
  bool crowd_ = false;
};

// One for all tests that only read it: it takes seconds to live.
inline const RecordedDay& recorded_day() {
  static const std::unique_ptr<RecordedDay> kDay = [] {
    auto day = std::make_unique<RecordedDay>();
    day->live();
    return day;
  }();
  return *kDay;
}

}  // namespace vitrine::testing
