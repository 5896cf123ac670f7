#include "takeover_offer.hpp"

#include <set>

#include "platform/log.hpp"

namespace vitrine {
namespace {

const Takeover& body_of(const HeldDocument& held) {
  return std::get<Takeover>(held.body);
}

bool over(const Takeover& takeover, std::int64_t now) {
  return now != kNoClock && takeover.until_utc != 0 && takeover.until_utc <= now;
}

}  // namespace

void TakeoverOffer::tick(std::int64_t now_utc_s, const std::function<bool(HeldDocument&)>& ready) {
  std::set<Audience> seen;
  std::vector<HeldDocument*> withdrawals;
  for (HeldDocument* held : inbox_.candidates(DocumentKind::takeover)) {
    // The newest of an audience speaks for it, earlier ones are history.
    if (!seen.insert(held->header().audience).second) continue;
    if (body_of(*held).withdraw) {
      withdrawals.push_back(held);
      continue;
    }
    if (over(body_of(*held), now_utc_s)) continue;
    if (ready(*held)) return offer(*held);
    if (held->state != ApplyState::refused) return;  // what is there stays until this one is ready
  }
  // What was offered last is taken back by the word of whoever it was for; other withdrawals have
  // come as far as they can.
  const auto newest = store_.newest_takeover();
  const auto shown = newest ? parse_envelope(*newest) : Result<SignedDocument>(newest.error());
  for (HeldDocument* withdrawal : withdrawals) {
    if (shown && shown->header.audience == withdrawal->header().audience) {
      offer(*withdrawal);
    } else if (withdrawal->state != ApplyState::offered) {
      inbox_.mark(*withdrawal, ApplyState::offered);
    }
  }
}

void TakeoverOffer::offer(HeldDocument& takeover) {
  auto newest = store_.newest_takeover();
  const bool there = newest && *newest == takeover.document.jws;
  if (!there) {
    if (auto put = store_.put_takeover(takeover.document.jws); !put) {
      if (put.error().message != last_complaint_)
        log_error("cannot offer {}: {}; trying again", describe(takeover.header()),
                  put.error().message);
      last_complaint_ = put.error().message;
      return;
    }
    last_complaint_.clear();
    log_info("{} is offered", describe(takeover.header()));
  }
  if (takeover.state != ApplyState::offered) inbox_.mark(takeover, ApplyState::offered);
}

}  // namespace vitrine
