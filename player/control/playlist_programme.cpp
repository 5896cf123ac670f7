#include "player/playlist_programme.hpp"

#include <algorithm>

#include "base/math.hpp"
#include "platform/log.hpp"
#include "state/live.hpp"

namespace vitrine {

bool names_a_still(const fs::path& file) {
  std::string type = file.extension().string();
  for (char& c : type) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return type == ".jpg" || type == ".jpeg" || type == ".png" || type == ".webp";
}

PlaylistProgramme::PlaylistProgramme(Setup setup)
    : setup_(std::move(setup)), broken_(setup_.files.size(), false) {}

std::optional<PlannedItem> PlaylistProgramme::next(Micros) {
  const auto index = take_file();
  if (!index) {
    if (!through()) nothing_to_show();
    return std::nullopt;
  }
  const fs::path& file = setup_.files[*index];
  open_.emplace_back(++tickets_, *index);
  return PlannedItem{tickets_, file, file.filename().string(),
                     names_a_still(file) ? setup_.still_length : 0};
}

void PlaylistProgramme::shown(const PlannedItem& item, const PlayFigures& figures) {
  write_live(&item, figures);
}

void PlaylistProgramme::progress(const PlannedItem& item, const PlayFigures& figures) {
  write_live(&item, figures);
}

void PlaylistProgramme::ended(const PlannedItem& item, const PlayFigures& figures) {
  if (figures.shown) {
    ++plays_;
    const Micros end = figures.ended == kAbsent ? figures.last_flip : figures.ended;
    log_info("{}: shown {:.3f} s, frames due {}, shown {}, dropped {}, repeated {}", item.label,
             static_cast<double>(end - figures.first_flip) / kSecond, figures.frames_due,
             figures.frames_shown, figures.frames_dropped, figures.frames_repeated);
  }
  if (!figures.error.empty()) last_error_ = item.label + ": " + figures.error;
  const auto entry = std::find_if(open_.begin(), open_.end(),
                                  [&](const auto& open) { return open.first == item.ticket; });
  if (entry != open_.end()) {
    if (!figures.shown && figures.cut_cause == CutCause::decode_error) {
      broken_[entry->second] = true;
    }
    open_.erase(entry);
  }
  if (through() && open_.empty() && setup_.finished) setup_.finished();
}

std::optional<std::size_t> PlaylistProgramme::take_file() {
  for (std::size_t tried = 0; tried < setup_.files.size(); ++tried) {
    if (at_ == setup_.files.size()) {
      if (setup_.once) break;
      at_ = 0;
    }
    const std::size_t index = at_++;
    if (!broken_[index]) return index;
  }
  return std::nullopt;
}

void PlaylistProgramme::nothing_to_show() {
  if (!std::exchange(told_, true)) {
    log_warn("nothing to show: none of {} files can be shown; the status picture stays up",
             setup_.files.size());
  }
  write_live(nullptr, {});
}

void PlaylistProgramme::write_live(const PlannedItem* item, const PlayFigures& figures) const {
  PlayerLive live;
  live.written_at = setup_.clock.boottime();
  live.plays = plays_;
  live.error = last_error_;
  if (item != nullptr) {
    live.label = item->label;
    live.reason = "playlist";
    live.position_ms = (live.written_at - figures.first_flip) / kMillisecond;
    live.length_ms = figures.planned_length / kMillisecond;
  }
  (void)write_player_live(setup_.paths,
                          live);  // figures of the moment: the next second writes them again
}

}  // namespace vitrine
