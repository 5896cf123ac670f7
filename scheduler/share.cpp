#include "share.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t kCatchUpTurns = 3;

// Progress is measured on a common scale, had / weight. The member furthest along, less one turn,
// is where the sequence as a whole stands at least. In undisturbed sharing nobody is a full turn
// behind that, so lifting laggards to it changes nothing there; elsewhere it forgives what a member
// missed while it could not take part.
class Race {
 public:
  explicit Race(std::vector<ShareMember>& members) : members_(members) {
    for (std::size_t i = 0; i < members_.size(); ++i) take_lead(i);
    for (ShareMember& member : members_) lift(member, 0);
  }

  void turn(const ShareTurn& turn) {
    ShareMember& member = members_[turn.member];
    lift(member, kCatchUpTurns);
    member.before += turn.amount;
    take_lead(turn.member);
  }

  void lift_all() {
    for (ShareMember& member : members_) lift(member, kCatchUpTurns);
  }

 private:
  void take_lead(std::size_t i) {
    const ShareMember& member = members_[i];
    const ShareMember& lead = members_[lead_];
    if (multiply(member.before - member.step, lead.weight) >
        multiply(lead.before - lead.step, member.weight)) {
      lead_ = i;
    }
  }
  void lift(ShareMember& member, std::int64_t turns) const {
    const ShareMember& lead = members_[lead_];
    if (lead.before <= lead.step) return;
    const std::int64_t stand = mul_div(lead.before - lead.step, member.weight, lead.weight);
    member.before = std::max(member.before, stand - turns * member.step);
  }

  std::vector<ShareMember>& members_;
  std::size_t lead_ = 0;
};

bool due_before(const ShareMember& a, const ShareMember& b) {
  const Product left = multiply(a.before + a.step, b.weight);
  const Product right = multiply(b.before + b.step, a.weight);
  return left != right ? left < right : a.id < b.id;
}

}  // namespace

std::optional<std::size_t> most_behind(std::vector<ShareMember> members,
                                       const std::vector<ShareTurn>& turns) {
  if (members.empty()) return std::nullopt;
  for (ShareMember& member : members) member.weight = std::max<std::int64_t>(member.weight, 1);
  Race race(members);
  for (const ShareTurn& turn : turns) race.turn(turn);
  race.lift_all();

  std::int64_t weights = 0;
  std::int64_t all = 0;
  for (const ShareMember& member : members) {
    weights += member.weight;
    all += member.before;
  }
  std::optional<std::size_t> due;      // among those not ahead of their share
  std::optional<std::size_t> forward;  // when all the others are kept out, somebody has to go ahead
  for (std::size_t i = 0; i < members.size(); ++i) {
    const ShareMember& member = members[i];
    if (!member.allowed) continue;
    if (!forward || due_before(member, members[*forward])) forward = i;
    const bool ahead =
        multiply(member.before, weights) >= multiply(all + member.step, member.weight);
    if (!ahead && (!due || due_before(member, members[*due]))) due = i;
  }
  return due ? due : forward;
}

}  // namespace vitrine
