// `vitrine enrol`, on the device: makes its keys here, spends a token, and writes the identity that
// player and telemetry need. Run it again with the same token when it broke off.
#pragma once

#include <functional>
#include <string>

#include "https_post.hpp"
#include "platform/file.hpp"

namespace vitrine::op {

struct EnrolOptions {
  fs::path state = "/var/lib/vitrine";
  std::string server;  // https://host:port
  std::string token;
  std::string ca_file;  // PEM: who signed the server's certificate; empty: the system knows
};

// Returns the screen's name. A board that had an identity keeps its proof key, so that the plays it
// has not sent yet stay good.
Result<std::string> enrol(
    const EnrolOptions& options,
    const std::function<Result<HttpsAnswer>(const HttpsPost&)>& post = https_post);

}  // namespace vitrine::op
