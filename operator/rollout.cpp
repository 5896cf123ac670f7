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

}  // namespace

std::string Rollout::title() const {
  return std::string(vitrine::name_of(kind_)) + " " + std::to_string(version_);
}

std::vector<std::string> Rollout::heard(const ScreenId& screen, const Reported& reported) {
  const auto audience = audience_.text();
  std::vector<std::string> lines;
  for (const auto& document : reported.documents) {
    if (document.kind != vitrine::name_of(kind_) || document.audience != audience) continue;
    auto& known = screens_[screen];  // an older version: this screen will have to follow
    if (document.version < version_) continue;

    std::string shown(name_of(document.state));
    End end = document.state == ApplyState::confirmed ? End::confirmed
              : document.state == ApplyState::refused ? End::refused
                                                      : End::none;
    if (document.version > version_) {
      shown = "replaced by version " + std::to_string(document.version);
      end = End::confirmed;
    } else if (document.state == ApplyState::refused && !document.error.empty()) {
      shown += ": " + document.error;
    } else if (kind_ != DocumentKind::schedule && document.state == ApplyState::verified &&
               reported.generation_offered == 0) {
      // Only a schedule makes a generation that can be confirmed; until one comes, this is as far
      // as it goes.
      shown += ", holds from the first schedule on";
      end = End::confirmed;
    }
    if (shown != known.shown) {
      lines.push_back(screen + ": " + title() + " " + shown);
      known.shown = shown;
    }
    known.end = end;
    for (const auto& creative : reported.rejected_creatives) {
      if (creative.eligible || creatives_.count(creative.sha256) == 0) continue;
      if (!known.rejected.insert(creative.sha256).second) continue;
      lines.push_back(screen + ": content " + creative.sha256 + " rejected: " + creative.error);
    }
  }
  return lines;
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
  std::size_t confirmed = 0;
  std::string others;
  for (const auto& [screen, known] : screens_) {
    if (known.end == End::confirmed) {
      ++confirmed;
    } else {
      others += (others.empty() ? "; not: " : ", ") + screen;
    }
  }
  if (screens_.empty()) return title() + ": no screen has told of it";
  return title() + ": " + std::to_string(confirmed) + " of " + std::to_string(screens_.size()) +
         " screens confirmed" + others;
}

}  // namespace vitrine::op
