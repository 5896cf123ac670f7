#include "player/open_plays.hpp"

#include <algorithm>
#include <map>

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr const char* kOpen = "open";
constexpr const char* kEnded = "ended";
PlayRow cut_row(const OpenPlay& open) {
  PlayRow row = open.row;
  row.cut_cause = CutCause::killed;
  if (!open.shown) {
    row.kind = PlayKind::miss;
    return row;
  }
  // Nobody saw its end: it is proven as far as its last flip, no further.
  row.verdict_bits = verdict_bits(row.first_flip_us, row.last_flip_us, row.planned_length_us);
  return row;
}

}  // namespace

fs::path OpenPlays::file(const char* what, std::uint64_t decision_seq) const {
  return paths_.open_play().parent_path() /
         (std::string(what) + "." + std::to_string(decision_seq));
}

Status OpenPlays::begin(const OpenPlay& play) {
  if (on_glass_ != 0) {
    std::error_code error;
    fs::rename(paths_.open_play(), file(kOpen, on_glass_), error);
  }
  on_glass_ = play.row.decision_seq;
  return write_open_play(paths_, play);
}

Status OpenPlays::refresh(const OpenPlay& play) {
  if (play.row.decision_seq != on_glass_) return ok();
  return write_open_play(paths_, play);
}

Status OpenPlays::end(const OpenPlay& play) {
  const std::uint64_t seq = play.row.decision_seq;
  auto written = write_open_play(file(kEnded, seq), play);
  if (!written) return written;
  if (seq == on_glass_) {
    on_glass_ = 0;
    return clear_open_play(paths_);
  }
  return remove_file(file(kOpen, seq));
}

Status OpenPlays::forget(const PlayRow& row) const {
  if (row.kind == PlayKind::ghost)
    return ok();  // shares its decision with the play that took the slot
  return remove_file(file(kEnded, row.decision_seq));
}

bool holds_play(const std::vector<PlayRow>& rows, const PlayRow& row) {
  return std::any_of(rows.begin(), rows.end(), [&](const PlayRow& stored) {
    return stored.boot == row.boot && stored.decision_seq == row.decision_seq &&
           (stored.kind == PlayKind::ghost) == (row.kind == PlayKind::ghost);
  });
}

std::vector<LeftPlay> close_left_plays(const StatePaths& paths) {
  struct Left {
    OpenPlay play;
    bool finished = false;
  };
  std::map<std::uint64_t, Left> left;  // by decision, the order in which they were
  const fs::path directory = paths.open_play().parent_path();
  const auto ended = [&](std::uint64_t seq) {
    return directory / (std::string(kEnded) + "." + std::to_string(seq));
  };
  std::vector<fs::path> opened;
  for (const std::string& name : list_directory(directory)) {
    const bool finished = name.starts_with("ended.");
    if (!finished && name != kOpen && !name.starts_with("open.")) continue;
    auto play = name.ends_with(".new") ? std::nullopt : read_open_play(directory / name);
    if (!finished || !play) opened.push_back(directory / name);
    if (!play) continue;
    Left& entry = left[play->row.decision_seq];
    if (!entry.finished) entry = {std::move(*play), finished};
  }
  std::vector<LeftPlay> plays;
  for (auto& [seq, entry] : left) {
    const char* how = entry.finished     ? "complete"
                      : entry.play.shown ? "cut: killed"
                                         : "missed: killed before its first flip";
    if (!entry.finished) {
      entry.play.row = cut_row(entry.play);
      if (auto kept = write_open_play(ended(seq), entry.play); !kept)
        log_warn("{}; a kill before it is stored would lose this play", kept.error().message);
    }
    plays.push_back({entry.play.row, entry.play.local_day, how});
  }
  for (const fs::path& path : opened) {
    if (auto removed = remove_file(path); !removed) log_warn("{}", removed.error().message);
  }
  return plays;
}

Result<int> recover_open_plays(const StatePaths& paths, PlayLog& log) {
  const std::vector<LeftPlay> left = close_left_plays(paths);
  if (left.empty()) return 0;
  auto newest = log.newest(kMostLeftPlays);
  if (!newest) return std::move(newest).error();
  const OpenPlays waiting(paths);
  int added = 0;
  for (const LeftPlay& play : left) {
    if (!holds_play(*newest, play.row)) {
      auto stored = log.append(play.row, play.local_day);
      if (!stored)
        return std::move(stored).error().context("cannot store the play an earlier player left");
      ++added;
      log_info("the play of creative {} that an earlier player left is stored as row {} ({})",
               play.row.creative, stored->seq, play.how);
    }
    if (auto removed = waiting.forget(play.row); !removed) return std::move(removed).error();
  }
  return added;
}

std::uint32_t verdict_bits(Micros first_flip, Micros end, Micros planned_length) {
  if (first_flip == kAbsent || end == kAbsent || end < first_flip) return 0;
  const Micros shown = end - first_flip;
  const Micros off = shown - planned_length;
  std::uint32_t bits = 0;
  if (planned_length > 0 && off >= -500 * kMillisecond && off <= 500 * kMillisecond)
    bits |= kVerdictFull;
  if (planned_length > 0 && shown * 4 >= planned_length * 3) bits |= kVerdictThreeQuarters;
  if (shown >= 2 * kSecond) bits |= kVerdictTwoSeconds;
  return bits;
}

}  // namespace vitrine
