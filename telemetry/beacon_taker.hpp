// Takes the ingest's answers to our births (down/time). A beacon counts only for the link that is
// up: its nonce was drawn for that link, so what was recorded from an earlier one, or from another
// screen, fits nowhere. One thread.
#pragma once

#include "link.hpp"
#include "protocol/settings.hpp"
#include "time_keeper.hpp"

namespace vitrine {

// The ingest sends beacons only while its kernel calls its clock synchronised; a server that is
// synchronised is a few milliseconds off, and an order of magnitude is left for a bad day.
inline constexpr Micros kServerClockError = 100 * kMillisecond;
// A birth that waited longer for its answer got stuck somewhere: such a time would be worth little.
inline constexpr Micros kLongestRoundTrip = 30 * kSecond;

class BeaconTaker {
 public:
  BeaconTaker(TimeKeeper& time_keeper, const Link& link, const Clock& clock, ScreenId screen);

  // Bytes from down/time. What is refused gives one line and changes nothing.
  void receive(ByteView bytes, const Trust& trust);
  std::uint64_t taken() const { return taken_; }

 private:
  Status take(ByteView bytes, const Trust& trust);

  TimeKeeper& time_keeper_;
  const Link& link_;
  const Clock& clock_;
  ScreenId screen_;
  std::uint64_t answered_ = 0;  // the nonce of the newest beacon taken
  std::uint64_t taken_ = 0;
};

}  // namespace vitrine
