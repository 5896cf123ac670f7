// Proof of play for others' books: one GET a billable play, in the shape of OpenRTB's `burl` and of
// third-party monitoring addresses. At least once: a play stands in the outbox until somebody
// answered 2xx, through any number of restarts, and its key tells a second call from a second play.
#pragma once

#include <functional>
#include <string>

#include "backflow/billed_play.hpp"
#include "billing/prices.hpp"
#include "platform/sqlite.hpp"

namespace vitrine::billing {

// The address with its macros replaced, percent-encoded (RFC 3986): ${CAMPAIGN}, ${CREATIVE},
// ${SCREEN}, ${TIME} (ms since 1970), ${AUCTION_PRICE} (of a thousand, or of the play),
// ${AUCTION_MULTIPLIER} (impressions; price x multiplier / 1000 is the amount),
// ${AUCTION_CURRENCY},
// ${PLAY_ID} ("lobby-1.<log id, 16 hex digits>.<seq>"). An address without ${PLAY_ID} gets it as
// parameter play_id. What is no macro of ours stays as it is.
std::string expand_burl(const std::string& address, const BilledPlay& play, PriceUnit unit);

// The status of one GET, or why there is none.
using HttpGet = std::function<Result<long>(const std::string& address)>;
// Redirects are not followed, an answer's body is not kept. One connection for all calls. With a
// certificate that the system's authorities, or `ca_file`, vouch for.
HttpGet make_http_get(const std::string& ca_file = "");

struct FiredCalls {
  std::int64_t done = 0;
  std::int64_t failed = 0;   // to be tried again
  std::int64_t waiting = 0;  // of all that stand in the outbox, after this
  std::string last_failure;  // one line
};

// A SQLite file of its own, so that it survives whatever holds the store. One user at a time.
class ProofOutbox {
 public:
  static Result<ProofOutbox> open(const fs::path& file);

  // Takes up every billable play of campaigns with an address that it does not know yet; how many.
  // Days that did not change since the last time are left out.
  Result<std::int64_t> take_up(SqlStore& store, const Prices& prices);

  // Calls what is due, oldest first, at most `most`. A call that failed is tried again after 1, 2,
  // 4 ... minutes, at last every 6 hours, and never given up. After ten failures in a row the rest
  // waits for the next time: nobody is there.
  Result<FiredCalls> fire(const HttpGet& get, std::int64_t now_utc_us, std::int64_t most);

 private:
  explicit ProofOutbox(Database database) : database_(std::move(database)) {}
  Result<std::int64_t> take_day(SqlStore& store, const Prices& prices, std::int64_t day);

  Database database_;
};

}  // namespace vitrine::billing
