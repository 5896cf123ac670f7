// The figures of a slot, campaign by campaign.
#pragma once

#include "chooser.hpp"
#include "scheduler/standing.hpp"

namespace vitrine {

Standings standings_of(const Slot& slot);

}  // namespace vitrine
