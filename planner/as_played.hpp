// Goals in impressions, planned in plays.
//
// The optimum of a network in which impressions are sold gives each of its lines a weight: a play
// of it counts for value x weight. A device knows no weights: it fills its hours by value less
// price (docs/contracts.md, "Quota"), and where the optimum meant other hours than those, it
// delivers other impressions. A plan of plays has no weights, and its prices tell the device the
// very hours that were meant. So each goal in impressions becomes the number of plays that brings
// them in such a plan. That number is sought while the prices are: at each softness it moves by
// what is missing over what the plays at the edge are worth, which is Newton's step.
#pragma once

#include <optional>

#include "repair.hpp"

namespace vitrine::plan {

struct AsPlayed {
  Repaired repaired;           // its objective is that of plays: of no use
  std::vector<double> prices;  // of a play, for every line
};

// Each line sold in impressions gets what `optimum` delivers of it, or somewhat less where that was
// not found. nullopt when no line is sold in impressions, or when a line sold in plays would lose.
std::optional<AsPlayed> as_played(const Problem& problem, const Repaired& optimum,
                                  const AllocateOptions& options);

}  // namespace vitrine::plan
