// Which of a campaign's creatives its n-th play shows, by integer weights: a function of n alone,
// so it needs no memory and what is out for a while is not paid back in a burst.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vitrine {

// The place, in `weights` (heaviest first, each >= 0, not empty), of turn `n` (>= 0). Halves by
// weight, then halves of the halves; each split is a Sturmian word (rounded multiples of its
// share). Over any first n turns a member is within about a turn of its share: exactly half a turn
// with two members.
std::size_t rotation(std::span<const std::int64_t> weights, std::int64_t n);

}  // namespace vitrine
