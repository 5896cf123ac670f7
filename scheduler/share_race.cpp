#include "share_race.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t kCatchUpTurns = 3;
// Binary places of the common scale: so many that what is cut off never adds up to a part of a turn
// that counts, so few that a day of one member alone fits 63 bits.
constexpr int kPlacesOfPlays = 32;
constexpr int kPlacesOfTime = 20;
// What the divisions below cut off, all together: within it two figures are the same.
constexpr std::int64_t kCutOff = 4;

}  // namespace

ShareRace::ShareRace(std::vector<ShareMember> members, bool by_time)
    : shift_(by_time ? kPlacesOfTime : kPlacesOfPlays) {
  // The foremost, less one turn, is where the race stands at least.
  const ShareMember* lead = nullptr;
  for (ShareMember& member : members) {
    member.weight = std::max<std::int64_t>(member.weight, 1);
    member.turn = std::max<std::int64_t>(member.turn, 1);
    if (lead == nullptr || multiply(member.before - member.turn, lead->weight) >
                               multiply(lead->before - lead->turn, member.weight)) {
      lead = &member;
    }
  }
  for (const ShareMember& member : members) {
    const std::int64_t ahead = std::max<std::int64_t>(lead->before - lead->turn, 0);
    // Less than a turn of the foremost, or nothing: it fits.
    const std::int64_t beyond = member.before * lead->weight - ahead * member.weight;
    const std::int64_t at =
        beyond <= 0 ? 0 : mul_div(beyond, std::int64_t{1} << shift_, member.weight * lead->weight);
    runners_.push_back({member.id, member.weight, member.turn, 0, at, 0, 0});
    place(runners_.back());
  }
}

void ShareRace::place(Runner& runner) const {
  runner.at = runner.start + scaled(runner.had, runner.weight);
  runner.turn = runner.start + scaled(runner.had + runner.next, runner.weight) - runner.at;
}

void ShareRace::turn(std::size_t member, std::int64_t amount) {
  Runner& runner = runners_[member];
  const std::int64_t from = foremost_ + standing(runner);
  foremost_ = std::max(foremost_, from);
  runner.start += from - runner.at;
  runner.had += amount;
  place(runner);
}

std::optional<std::size_t> ShareRace::next(const std::vector<std::size_t>& allowed) const {
  std::int64_t weights = 0;
  std::int64_t sum = 0;
  for (const std::size_t member : allowed) {
    const Runner& runner = runners_[member];
    weights += runner.weight;
    sum += runner.weight * standing(runner);
  }
  if (weights == 0) return std::nullopt;
  const std::int64_t mean = floor_div(sum, weights);
  std::optional<std::size_t> best;
  std::int64_t best_end = 0;
  for (const std::size_t member : allowed) {
    const Runner& runner = runners_[member];
    const std::int64_t at = standing(runner);
    // Ahead: it has had its share already of what all will have had after its turn.
    if (at > mean && at - mean + kCutOff >= (runner.next << shift_) / weights) continue;
    const std::int64_t end = at + runner.turn;
    if (best && (end > best_end || (end == best_end && runner.id > runners_[*best].id))) continue;
    best = member;
    best_end = end;
  }
  return best;
}

std::int64_t ShareRace::standing(const Runner& runner) const {
  return std::max(runner.at - foremost_, -kCatchUpTurns * runner.turn);
}

}  // namespace vitrine
