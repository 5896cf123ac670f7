// Follows one pushed document over the screens that report on it. No network: it is fed with what
// arrives on state/reported, so tests can tell it anything.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "protocol/document.hpp"
#include "protocol/link_state.hpp"

namespace vitrine::op {

class Rollout {
 public:
  // `creatives`: hashes in hex that the document names; a screen's verdict on one of them is a line
  // too.
  Rollout(DocumentKind kind, Audience audience, std::uint64_t version,
          std::set<std::string> creatives = {})
      : kind_(kind),
        audience_(std::move(audience)),
        version_(version),
        creatives_(std::move(creatives)) {}

  // A screen of the registry that is waited for even if it never says a word.
  void expect(const ScreenId& screen) { (void)screens_[screen]; }

  // One line for each change, as "lobby-1: schedule 41 offered".
  std::vector<std::string> heard(const ScreenId& screen, const Reported& reported);

  // Every screen that has ever told of this kind and audience, or is it itself, has come to an end,
  // and there is one.
  bool finished() const;
  bool refused() const;  // by at least one screen
  // "38 of 40 screens confirmed, 1 refused (lobby-3: sha256 differs), 1 silent (lobby-9)"; of the
  // names and reasons the first few.
  std::string summary() const;
  // "[########----] 38 of 40 confirmed, 1 refused", the bar `width` characters wide.
  std::string bar(std::size_t width) const;

 private:
  enum class End { none, confirmed, refused };
  struct Screen {
    std::string shown;  // the last line's state
    End end = End::none;
    std::set<std::string> rejected;  // creatives already told of
  };
  struct Outcome {
    std::string shown;
    End end = End::none;
  };
  Outcome read(const ReportedDocument& document, bool has_generation) const;
  std::string title() const;

  DocumentKind kind_;
  Audience audience_;
  std::uint64_t version_ = 0;
  std::set<std::string> creatives_;
  std::map<ScreenId, Screen> screens_;
};

}  // namespace vitrine::op
