#include "billing/bill_play.hpp"

#include "exposure/value.hpp"
#include "protocol/impressions.hpp"

namespace vitrine::billing {
namespace {

void take_row(const PlayRow& row, BilledPlay& play) {
  play.log_id = row.log_id;
  play.seq = row.seq;
  play.kind = row.kind;
  play.campaign = row.campaign;
  play.flight_phase = row.flight_phase;
  play.creative = row.creative;
  play.variant = row.variant;
  play.arm = row.arm;
  play.schedule_version = row.schedule_version;
  play.grade = row.grade;
  if (row.first_flip_us != kAbsent && row.last_flip_us != kAbsent &&
      row.last_flip_us >= row.first_flip_us)
    play.play_ms = (row.last_flip_us - row.first_flip_us) / kMillisecond;
}

// 0: not even the hour of the week is known.
int take_time(const PlayFacts& facts, BilledPlay& play) {
  play.time_quality = facts.wall.quality;
  if (facts.wall.quality == TimeQuality::none) return 0;
  play.utc_us = facts.wall.utc_us;
  play.error_us = facts.wall.error_us;
  const LocalTime local = local_time(facts.zone, floor_div(facts.wall.utc_us, kSecond));
  play.day = local.day;
  play.hour = local.second / 3600;
  return local.hour_of_week();
}

// Impressions of what was on the glass: as the camera saw them, else as the profile has the hour.
void take_value(const PlayFacts& facts, const Campaign* campaign, int hour_of_week,
                BilledPlay& play) {
  const ExposureRow* exposure = facts.exposure;
  if (exposure != nullptr) {
    play.quality = column_value(exposure->quality);
    play.method = column_value(exposure->method);
    play.coverage_permille = exposure->coverage_permille;
    if (!plausible(*exposure, play.play_ms)) exposure = nullptr;
  }
  if (play.play_ms == kAbsent) return;
  static const ProfileHour kNobody;
  const bool modelled = facts.profile != nullptr && play.hour != kAbsent;
  const ProfileHour& hour =
      modelled ? facts.profile->hours[static_cast<std::size_t>(hour_of_week)] : kNobody;
  const Currency currency = campaign == nullptr ? Currency::avg : campaign->currency;
  const PlayValue value = value_of(exposure, play.play_ms, currency, hour);
  if (value.source == ValueSource::modelled && !modelled) return;
  play.imp_milli = value.imp_milli;
  play.observed = value.source == ValueSource::observed ? 1 : 0;
  if (campaign == nullptr || campaign->target_groups.empty()) {
    play.target_imp_milli = value.imp_milli;
  } else if (modelled) {
    play.target_imp_milli =
        target_imp_milli(value.imp_milli, target_share(hour, campaign->target_groups));
  }
}

// The end of the play's local day, and the days that the contract gives on top.
std::int64_t cutoff_of(const PlayFacts& facts, const BilledPlay& play) {
  if (play.hour == kAbsent) return kAbsent;
  const std::int64_t days = facts.price == nullptr ? kDefaultCutoffDays : facts.price->cutoff_days;
  const std::int64_t offset_s = facts.zone.offset_at(floor_div(play.utc_us, kSecond));
  return (play.day + 1 + days) * kDay - offset_s * kSecond;
}

}  // namespace

std::int64_t moment_of(const PlayRow& row) {
  return row.first_flip_us == kAbsent ? row.planned_start_us : row.first_flip_us;
}

bool plausible(const ExposureRow& exposure, std::int64_t play_ms) {
  const auto within = [](std::int64_t value, std::int64_t most) {
    return value == kAbsent || (value >= 0 && value <= most);
  };
  return play_ms > 0 && play_ms < kDay && exposure.person_ms != kAbsent &&
         within(exposure.person_ms, kMostPersons * play_ms) && within(exposure.ots, kMostPersons) &&
         within(exposure.coverage_permille, 1000);
}

BilledPlay bill_play(const PlayFacts& facts) {
  BilledPlay play;
  play.device = facts.device;
  play.area = facts.area;
  play.received_at_us = facts.received_at_us;
  take_row(facts.row, play);
  const int hour_of_week = take_time(facts, play);
  BillTerms terms;
  if (facts.schedule != nullptr) {
    terms = {facts.schedule->campaign(play.campaign), facts.schedule->creative(play.creative)};
  }
  take_value(facts, terms.campaign, hour_of_week, play);
  play.cause = bill(facts.row, facts.wall, terms, facts.received_at_us,
                    {facts.zone, cutoff_of(facts, play), facts.duplicate});
  if (facts.price != nullptr) {
    play.price_micro = facts.price->micro;
    play.currency = facts.price->currency;
    if (play.cause == Reason::none)
      play.amount_pico = amount_of(*facts.price, play.imp_milli, play.target_imp_milli).pico;
  }
  return play;
}

}  // namespace vitrine::billing
