#include "codec/words.hpp"

#include <cstdio>

#include "base/time.hpp"
#include "codec/one_line.hpp"

namespace vitrine::codec {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 4> kClasses = {"guaranteed", "share", "remnant", "house"};
constexpr std::array<Word, 2> kCurrencies = {"avg", "ots"};
constexpr std::array<Word, 4> kPhases = {"prepare", "warm-up", "launch", "burst"};
constexpr std::array<Word, 3> kVerdicts = {"full", "three-quarters", "two-seconds"};
constexpr std::array<Word, 2> kSovBases = {"time", "plays"};
constexpr std::array<Word, 3> kPositions = {"any", "first", "last"};
constexpr std::array<Word, 2> kDaypartEnds = {"finish", "cut"};
constexpr std::array<Word, 5> kLandings = {"none", "follow", "coupon", "order", "page"};
constexpr std::array<Word, 4> kQrPlaces = {"bottom-right", "bottom-left", "top-right", "top-left"};
constexpr std::array<Word, 3> kArms = {"none", "treated", "control"};
constexpr std::array<Word, 5> kStreamWords = {"play", "exposure", "flow", "health", "event"};
constexpr std::array<Word, 3> kRolloutVerbs = {"show", "resume", "abort"};
constexpr std::array<Word, 7> kStates = {"received", "verified",  "content", "offered",
                                         "active",   "confirmed", "refused"};
constexpr std::array<Word, 7> kWeekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::optional<int> two_digits(std::string_view text) {
  if (text.size() != 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') {
    return std::nullopt;
  }
  return (text[0] - '0') * 10 + text[1] - '0';
}

std::uint64_t from_big_endian(ByteView bytes) {
  std::uint64_t bits = 0;
  for (const auto byte : bytes) bits = bits << 8 | byte;
  return bits;
}

}  // namespace

const std::array<Word, 4>& words(CampaignClass) {
  return kClasses;
}
const std::array<Word, 2>& words(Currency) {
  return kCurrencies;
}
const std::array<Word, 4>& words(FlightPhase) {
  return kPhases;
}
const std::array<Word, 3>& words(BillVerdict) {
  return kVerdicts;
}
const std::array<Word, 2>& words(SovBasis) {
  return kSovBases;
}
const std::array<Word, 3>& words(SlotPosition) {
  return kPositions;
}
const std::array<Word, 2>& words(DaypartEnd) {
  return kDaypartEnds;
}
const std::array<Word, 5>& words(LandingType) {
  return kLandings;
}
const std::array<Word, 4>& words(QrPlace) {
  return kQrPlaces;
}
const std::array<Word, 3>& words(Arm) {
  return kArms;
}
const std::array<Word, 7>& words(CommandVerb) {
  return kCommandVerbNames;
}
const std::array<Word, 5>& words(Stream) {
  return kStreamWords;
}
const std::array<Word, 3>& words(RolloutVerb) {
  return kRolloutVerbs;
}
const std::array<Word, 7>& words(ApplyState) {
  return kStates;
}
const std::array<Word, 7>& words(DocumentKind) {
  return kDocumentKindNames;
}

std::string day_text(std::int64_t day) {
  const auto date = civil_from_days(day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
  return text;
}

std::optional<std::int64_t> day_of(const Json& json) {
  if (!json.text()) return std::nullopt;
  const auto day = parse_date(*json.text());
  return day ? std::optional(*day) : std::nullopt;
}

std::string time_text(std::uint16_t minute) {
  char text[16];
  std::snprintf(text, sizeof text, "%02d:%02d", minute / 60, minute % 60);
  return text;
}

std::optional<std::uint16_t> time_of(const Json& json) {
  const auto* text = json.text();
  if (!text || text->size() != 5 || (*text)[2] != ':') return std::nullopt;
  const auto hour = two_digits(std::string_view(*text).substr(0, 2));
  const auto minute = two_digits(std::string_view(*text).substr(3));
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const int total = *hour * 60 + *minute;
  if (total > 1440) return std::nullopt;
  return static_cast<std::uint16_t>(total);
}

Json weekday_list(std::uint8_t bits) {
  Json::Array list;
  for (std::size_t i = 0; i < kWeekdays.size(); ++i) {
    if (bits >> i & 1) list.emplace_back(std::string(kWeekdays[i]));
  }
  return list;
}

std::optional<std::uint8_t> weekdays_of(const Json& json) {
  if (!json.array()) return std::nullopt;
  unsigned bits = 0;
  for (const auto& item : *json.array()) {
    std::size_t day = 0;
    while (day < kWeekdays.size() && !(item.text() && *item.text() == kWeekdays[day])) ++day;
    if (day == kWeekdays.size()) return std::nullopt;
    bits |= 1u << day;
  }
  return static_cast<std::uint8_t>(bits);
}

std::string hex_of(std::uint64_t bits) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(bits));
  return text;
}

std::optional<std::uint64_t> bits_of(const Json& json) {
  const auto bytes = json.text() ? from_hex(*json.text()) : std::nullopt;
  if (!bytes || bytes->size() != 8) return std::nullopt;
  return from_big_endian(*bytes);
}

std::string hex_of(const BootId& boot) {
  return hex_of(static_cast<std::uint64_t>(boot.high)) +
         hex_of(static_cast<std::uint64_t>(boot.low));
}

std::optional<BootId> boot_of(const Json& json) {
  const auto bytes = json.text() ? from_hex(*json.text()) : std::nullopt;
  if (!bytes || bytes->size() != 16) return std::nullopt;
  const ByteView view(*bytes);
  return BootId{static_cast<std::int64_t>(from_big_endian(view.first(8))),
                static_cast<std::int64_t>(from_big_endian(view.last(8)))};
}

std::string denied(const std::string& pointer, const std::string& rule, const Json& found) {
  return (pointer.empty() ? "/" : pointer) + ": " + rule + ", found " + shown(found);
}

}  // namespace vitrine::codec
