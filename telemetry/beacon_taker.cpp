#include "beacon_taker.hpp"

#include "platform/log.hpp"
#include "protocol/wire.hpp"

namespace vitrine {

BeaconTaker::BeaconTaker(TimeKeeper& time_keeper, const Link& link, const Clock& clock,
                         ScreenId screen)
    : time_keeper_(time_keeper), link_(link), clock_(clock), screen_(std::move(screen)) {}

void BeaconTaker::receive(ByteView bytes, const Trust& trust) {
  if (auto taken = take(bytes, trust); !taken)
    log_warn("a time beacon is ignored: {}", taken.error().message);
}

Status BeaconTaker::take(ByteView bytes, const Trust& trust) {
  auto beacon = decode_beacon(bytes, screen_, trust);
  if (!beacon) return std::move(beacon).error();
  if (beacon->link_nonce != link_.nonce() || beacon->boot != clock_.boot_id())
    return fail(ErrorCode::stale, "it answers another birth");
  const Micros now = clock_.boottime();
  const Micros trip = now - link_.born_at();
  if (trip < 0 || trip > kLongestRoundTrip)
    return fail(ErrorCode::stale,
                "it comes " + std::to_string(trip / kSecond) + " s after the birth");
  // The server read its clock somewhere on the way: in the middle, to within half of it.
  const Micros at = link_.born_at() + trip / 2;
  const Micros error = trip / 2 + kServerClockError;
  // A second answer under one nonce may be the first one played again: it has to fit.
  if (beacon->link_nonce == answered_ && !time_keeper_.agrees(at, beacon->utc_us, error))
    return fail(ErrorCode::conflict, "this birth was answered before, with another time");
  answered_ = beacon->link_nonce;
  ++taken_;
  time_keeper_.take_beacon(at, beacon->utc_us, error);
  return ok();
}

}  // namespace vitrine
