// What a schema cannot say: ids that exist, names that stand once, sums. The first broken rule is
// the error, in the form of the schema's errors: JSON pointer, rule, what was found.
#pragma once

#include <concepts>
#include <set>
#include <string>

#include "base/result.hpp"
#include "codec/one_line.hpp"
#include "protocol/documents.hpp"

namespace vitrine::codec {

class Rules {
 public:
  // Remembers the first that does not hold.
  void require(bool holds, const std::string& pointer, const std::string& rule,
               const std::string& found) {
    if (!holds && denied_.empty()) denied_ = pointer + ": " + rule + ", found " + found;
  }
  // The same where there are thousands to look at: pointer and what was found are asked for only
  // when they are needed.
  template <class Pointer, class Found>
  requires std::invocable<Pointer> && std::invocable<Found>
  void require(bool holds, Pointer pointer, const std::string& rule, Found found) {
    if (!holds && denied_.empty()) require(false, pointer(), rule, found());
  }
  template <class T>
  void require_once(std::set<T>& seen, const T& value, const std::string& pointer,
                    const std::string& shown) {
    require(seen.insert(value).second, pointer, "each may stand once", shown + " again");
  }
  Status status(const std::string& document) const {
    if (denied_.empty()) return ok();
    return fail(ErrorCode::invalid, document + ": " + denied_);
  }

 private:
  std::string denied_;
};

// Creatives and content as schedule and takeover share them. `known` receives the creatives' ids.
void check_creatives(Rules& rules, const std::vector<Creative>& creatives,
                     const std::vector<ContentItem>& content, std::set<CreativeId>& known);
// A path that cannot leave the directory it is put behind.
bool stays_below(const std::string& path);
void check_dayparts(Rules& rules, const std::vector<Daypart>& dayparts, const std::string& pointer);

Status check(const Schedule& schedule);
Status check(const Settings& settings);
Status check(const Trust& trust);
Status check(const Takeover& takeover);
Status check(const Command& command);
Status check(const Numbers& numbers);
Status check(const Profile& profile);
Status check(const Registry& registry);
// What a screen says of itself, and a reply, have no rules beyond their schemas.
inline Status check(const Connection&) {
  return ok();
}
inline Status check(const Reported&) {
  return ok();
}
inline Status check(const PushReply&) {
  return ok();
}
inline Status check(const RolloutOrder&) {
  return ok();
}
Status check(const CommandReply& reply);

}  // namespace vitrine::codec
