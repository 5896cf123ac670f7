// Why everybody else was kept out of a slot.
#pragma once

#include "chooser.hpp"

namespace vitrine {

// In schedule order: campaigns that a rule keeps out, creatives that cannot be shown, quotas whose
// turn has not come. What was chosen is not among them.
void add_rejections(const Slot& slot, const Decision& decision, std::vector<Rejection>& rejections);

}  // namespace vitrine
