// The words that enums, days and times of day have in JSON. An enum's words stand in the order of
// its values.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "protocol/json.hpp"
#include "protocol/link_state.hpp"
#include "protocol/numbers.hpp"
#include "protocol/settings.hpp"

namespace vitrine::codec {

// The argument only chooses the list.
const std::array<std::string_view, 4>& words(CampaignClass);
const std::array<std::string_view, 2>& words(Currency);
const std::array<std::string_view, 4>& words(FlightPhase);
const std::array<std::string_view, 3>& words(BillVerdict);
const std::array<std::string_view, 2>& words(SovBasis);
const std::array<std::string_view, 3>& words(SlotPosition);
const std::array<std::string_view, 2>& words(DaypartEnd);
const std::array<std::string_view, 5>& words(LandingType);
const std::array<std::string_view, 4>& words(QrPlace);
const std::array<std::string_view, 3>& words(Arm);
const std::array<std::string_view, 7>& words(CommandVerb);
const std::array<std::string_view, 5>& words(Stream);
const std::array<std::string_view, 3>& words(RolloutVerb);
const std::array<std::string_view, 7>& words(ApplyState);
const std::array<std::string_view, 7>& words(DocumentKind);

std::string day_text(std::int64_t day);
std::optional<std::int64_t> day_of(const Json& json);
std::string time_text(std::uint16_t minute);  // 1440 = "24:00"
std::optional<std::uint16_t> time_of(const Json& json);
Json weekday_list(std::uint8_t bits);
std::optional<std::uint8_t> weekdays_of(const Json& json);
std::string hex_of(std::uint64_t bits);
std::optional<std::uint64_t> bits_of(const Json& json);
std::string hex_of(const BootId& boot);
std::optional<BootId> boot_of(const Json& json);

// "/campaigns/0/flights/0/first_day: a date that exists expected, found \"2026-02-30\""
std::string denied(const std::string& pointer, const std::string& rule, const Json& found);

}  // namespace vitrine::codec
