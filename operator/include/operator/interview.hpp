// Questions on a terminal, one a line, each with a default that an empty answer takes. Streams are
// handed in, so that a test answers as a person does.
#pragma once

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "base/result.hpp"

namespace vitrine::op {

class Interview {
 public:
  Interview(std::istream& in, std::ostream& out) : in_(in), out_(out) {}

  // "" or why an answer will not do; then it is asked again.
  using Refuse = std::function<std::string(const std::string& answer)>;
  // `invalid` when the answers end before.
  Result<std::string> ask(const std::string& question, const std::string& otherwise,
                          const Refuse& refuse = {});
  Result<bool> yes(const std::string& question, bool otherwise);
  void say(const std::string& line) { out_ << line << '\n'; }

 private:
  std::istream& in_;
  std::ostream& out_;
};

}  // namespace vitrine::op
