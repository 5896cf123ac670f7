// What came of plays: of a campaign, of a screen, or of the whole network. One sum out of the
// store after the other goes in; pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "backflow/exposure_table.hpp"
#include "protocol/exposure.hpp"
#include "protocol/play.hpp"

namespace vitrine {

// Plays that agree in all of these. kAbsent where the row says nothing.
struct PlaySum {
  std::int64_t day = 0;  // 0: nobody knows when
  std::int64_t hour = kAbsent;
  std::int64_t area = 0, campaign = 0, creative = 0, phase = 0;
  std::int64_t kind = 0, cause = 0, grade = 0;
  std::int64_t observed = kAbsent, quality = kAbsent;
  bool restated = false;
  std::string currency;
  Contacts contacts;
  std::int64_t amount_pico = 0;
};

// Of paid plays, but for `rows`.
struct PlayFigures {
  std::int64_t rows = 0;  // stored plays and leases, paid or not
  std::int64_t paid = 0;
  std::int64_t restated = 0;  // of the paid ones, after their day was closed
  Contacts observed, modelled;
  std::int64_t unknown = 0;  // with neither
  // By currency, every digit ("0.075750000000").
  std::map<std::string, std::string> amount;
};

struct PlayReport {
  PlayFigures all;
  std::map<std::int64_t, PlayFigures> by_day, by_hour, by_area, by_campaign, by_creative, by_phase;
  std::map<std::int64_t, std::int64_t> kinds;    // PlayKind -> rows, of every kind
  std::map<std::int64_t, std::int64_t> causes;   // Reason -> plays and leases; 0: paid
  std::map<std::int64_t, std::int64_t> grades;   // Grade -> paid plays
  std::map<std::int64_t, std::int64_t> quality;  // Quality -> paid plays; kAbsent: no camera's row
};

class PlayReportMaker {
 public:
  PlayReportMaker();
  ~PlayReportMaker();
  void add(const PlaySum& sum);
  PlayReport finish();

 private:
  struct Sums;
  std::unique_ptr<Sums> sums_;
};

std::string_view name_of(FlightPhase phase);
std::string_view name_of(PlayKind kind);
std::string_view name_of(Grade grade);
std::string_view name_of(Quality quality);

}  // namespace vitrine
