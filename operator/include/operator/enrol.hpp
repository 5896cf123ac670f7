// `vitrine enrol`, on the device: makes its keys here, spends a token, and writes the identity that
// player and telemetry need. Run it again with the same token when it broke off.
#pragma once

#include <functional>
#include <string>

#include "base/bytes.hpp"
#include "https_post.hpp"
#include "platform/file.hpp"

namespace vitrine::op {

// What the screen must turn out to be; empty or 0 = whatever the token says.
struct ExpectedScreen {
  std::string screen;
  std::uint32_t area = 0;
  std::string zone;
  Bytes root_key;  // as a bundle names it
};

struct EnrolOptions {
  fs::path state = "/var/lib/vitrine";
  std::string server;  // https://host:port
  std::string token;
  std::string ca_file;  // PEM: who signed the server's certificate; empty: the system knows
  ExpectedScreen expected;
};

using HttpsPoster = std::function<Result<HttpsAnswer>(const HttpsPost&)>;

// Returns the screen's name. A board that had an identity keeps its proof key, so that the plays it
// has not sent yet stay good. `unavailable`: nobody answered, ask again; `denied`: the answer is
// no. What root writes here becomes the owners' of the directories it lies in. Where the answer is
// not what was expected nothing is changed but that the token is this board's now: asking again
// with it and other expectations goes on.
Result<std::string> enrol(const EnrolOptions& options, const HttpsPoster& post = https_post);

}  // namespace vitrine::op
