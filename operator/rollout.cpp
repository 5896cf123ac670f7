#include "operator/rollout.hpp"

#include <algorithm>

#include "base/bytes.hpp"

namespace vitrine::op {
namespace {

std::string_view name_of(ApplyState state) {
  switch (state) {
    case ApplyState::received:
      return "received";
    case ApplyState::verified:
      return "verified";
    case ApplyState::content:
      return "content";
    case ApplyState::offered:
      return "offered";
    case ApplyState::active:
      return "active";
    case ApplyState::confirmed:
      return "confirmed";
    case ApplyState::refused:
      return "refused";
  }
  return "unknown";
}

// The first few of a list, and how many there are.
class Some {
 public:
  void add(const std::string& item) {
    if (++count_ > kShown) return;
    items_ += (items_.empty() ? "" : ", ") + item;
  }
  std::string text(const std::string& word) const {
    if (count_ == 0) return "";
    return ", " + std::to_string(count_) + " " + word + " (" + items_ +
           (count_ > kShown ? ", ..." : "") + ")";
  }

 private:
  static constexpr std::size_t kShown = 5;
  std::size_t count_ = 0;
  std::string items_;
};

}  // namespace

std::string Rollout::title() const {
  return std::string(vitrine::name_of(kind_)) + " " + std::to_string(version_);
}

std::vector<std::string> Rollout::heard(const ScreenId& screen, const Reported& reported) {
  const auto audience = audience_.text();
  bool ours = false;
  const ReportedDocument* told = nullptr;  // this version, or else a newer one that took its place
  for (const auto& document : reported.documents) {
    if (document.kind != vitrine::name_of(kind_) || document.audience != audience) continue;
    ours = true;
    const bool newer = document.version > version_ && document.state != ApplyState::refused;
    if (document.version == version_ || (newer && !told)) told = &document;
  }
  if (!ours) return {};
  auto& known =
      screens_[screen];  // even if it only tells of an older version: it will have to follow
  std::vector<std::string> lines;
  if (told) {
    const auto [shown, end] = read(*told, reported.generation_offered != 0);
    if (shown != known.shown) lines.push_back(screen + ": " + title() + " " + shown);
    known.shown = shown;
    known.end = end;
  }
  for (const auto& creative : reported.rejected_creatives) {
    if (creative.eligible || creatives_.count(creative.sha256) == 0) continue;
    if (!known.rejected.insert(creative.sha256).second) continue;
    lines.push_back(screen + ": content " + creative.sha256 + " rejected: " + creative.error);
  }
  return lines;
}

Rollout::Outcome Rollout::read(const ReportedDocument& document, bool has_generation) const {
  if (document.version > version_) {
    return {"replaced by version " + std::to_string(document.version), End::confirmed};
  }
  const std::string state(name_of(document.state));
  if (document.state == ApplyState::confirmed) return {state, End::confirmed};
  if (document.state == ApplyState::refused) {
    return {document.error.empty() ? state : state + ": " + document.error, End::refused};
  }
  if (kind_ == DocumentKind::takeover && document.state == ApplyState::offered) {
    // The player says nothing of it in its generations.
    return {state, End::confirmed};
  }
  if (kind_ == DocumentKind::trust) return {state, End::confirmed};
  if (kind_ != DocumentKind::schedule && document.state == ApplyState::verified &&
      !has_generation) {
    // Only a schedule makes a generation that can be confirmed: until one comes, this is the end.
    return {state + ", holds from the first schedule on", End::confirmed};
  }
  return {state, End::none};
}

bool Rollout::finished() const {
  if (screens_.empty()) return false;
  if (audience_.kind == Audience::Kind::screen && screens_.count(audience_.name) == 0) return false;
  return std::all_of(screens_.begin(), screens_.end(),
                     [](const auto& entry) { return entry.second.end != End::none; });
}

bool Rollout::refused() const {
  return std::any_of(screens_.begin(), screens_.end(),
                     [](const auto& entry) { return entry.second.end == End::refused; });
}

std::string Rollout::summary() const {
  if (screens_.empty()) return title() + ": no screen has told of it";
  std::size_t confirmed = 0;
  Some refused, silent, coming;
  for (const auto& [screen, known] : screens_) {
    if (known.end == End::confirmed) {
      ++confirmed;
    } else if (known.end == End::refused) {
      // The line says "refused: why"; here the word stands before the bracket.
      const auto colon = known.shown.find(": ");
      refused.add(screen + (colon == std::string::npos ? "" : known.shown.substr(colon)));
    } else if (known.shown.empty()) {
      silent.add(screen);
    } else {
      coming.add(screen + ": " + known.shown);
    }
  }
  return title() + ": " + std::to_string(confirmed) + " of " + std::to_string(screens_.size()) +
         " screens confirmed" + refused.text("refused") + coming.text("on their way") +
         silent.text("silent");
}

std::string Rollout::bar(std::size_t width) const {
  std::size_t confirmed = 0, refused = 0;
  for (const auto& [screen, known] : screens_) {
    confirmed += known.end == End::confirmed ? 1 : 0;
    refused += known.end == End::refused ? 1 : 0;
  }
  const std::size_t all = std::max<std::size_t>(screens_.size(), 1);
  const std::size_t full = width * confirmed / all;
  return "[" + std::string(full, '#') + std::string(width - full, '-') + "] " +
         std::to_string(confirmed) + " of " + std::to_string(screens_.size()) + " confirmed" +
         (refused > 0 ? ", " + std::to_string(refused) + " refused" : "");
}

}  // namespace vitrine::op
