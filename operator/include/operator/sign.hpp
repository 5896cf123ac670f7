// `vitrine sign`: a document signed and left in a file, and the second signature of another person
// on another machine. What is signed is what `vitrine push` sends.
#pragma once

#include <set>
#include <string>

#include "operator/push.hpp"
#include "protocol/envelope.hpp"

namespace vitrine::op {

struct SignedPush {
  DocumentHeader header;
  std::string jws;
  std::set<std::string> hashes;  // of every content the document names, in hex
};

// The document of `options.file`: signed there already, or JSON that is filled in, checked and
// signed here; countersigned when the options name a second key.
Result<SignedPush> sign_push(const PushOptions& options, const PreparedPush& prepared,
                             std::int64_t now_s);
Result<SignedPush> signed_before(const PushOptions& options, const std::string& jws);

// The command: `options.file` to `out`. With `second` the file is a signed document, and its second
// signature is by options.key_file.
int sign(const PushOptions& options, bool second, const std::string& out, const Clock& clock);

}  // namespace vitrine::op
