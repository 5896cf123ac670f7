// The cards of a report's page, each a piece of HTML; empty where there is nothing to tell.
#pragma once

#include <functional>

#include "backflow/report_page.hpp"

namespace vitrine::report {

// play_cards.cpp
std::string plan_card(const Report& report);
std::string hour_card(const Report& report);
// The lines with the most paid plays first, or in the order of their keys.
std::string bars_card(const Report& report, const std::string& heading,
                      const std::map<std::int64_t, PlayFigures>& lines,
                      const std::function<std::string(std::int64_t)>& name, bool in_order = false);
std::string group_card(const Report& report);

// proof_cards.cpp
std::string quality_card(const Report& report);
std::string grade_card(const Report& report);
std::string cause_card(const Report& report);

// chain_card.cpp
std::string chain_card(const Report& report);

// shots_card.cpp
std::string shots_card(const Report& report);

}  // namespace vitrine::report
