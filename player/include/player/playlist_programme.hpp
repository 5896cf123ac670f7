// The programme of a list of files: one after another, for ever or once. Without schedule, history
// or log, for a first look at a screen and for trying a file on its display. All calls on the
// presenting thread.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform/clock.hpp"
#include "player/programme.hpp"
#include "state/paths.hpp"

namespace vitrine {

// By its name alone (.jpg, .jpeg, .png, .webp): nobody opens a file on the presenting thread. A
// picture under another name is refused by the presenter, because it states no length.
bool names_a_still(const fs::path& file);

// A file that cannot be opened is left out from then on. While something is on the glass
// run/player/live says what; a run/ that cannot be written is passed over.
class PlaylistProgramme final : public Programme {
 public:
  struct Setup {
    const Clock& clock;
    StatePaths paths;
    std::vector<fs::path> files;
    Micros still_length = 10 * kSecond;  // videos have their own
    bool once = false;
    std::function<void()> finished;  // when `once` and the last item has ended; may be null
  };
  explicit PlaylistProgramme(Setup setup);

  std::int64_t plays() const { return plays_; }  // items that were shown and have ended

  std::optional<PlannedItem> next(Micros seam) override;
  void starting(const PlannedItem&) override {}
  void shown(const PlannedItem& item, const PlayFigures& figures) override;
  void progress(const PlannedItem& item, const PlayFigures& figures) override;
  void ended(const PlannedItem& item, const PlayFigures& figures) override;

 private:
  std::optional<std::size_t> take_file();
  bool through() const { return setup_.once && at_ == setup_.files.size(); }
  void nothing_to_show();
  void write_live(const PlannedItem* item, const PlayFigures& figures) const;

  Setup setup_;
  std::vector<bool> broken_;  // of each file
  std::size_t at_ = 0;        // the file whose turn is next
  std::uint64_t tickets_ = 0;
  std::deque<std::pair<std::uint64_t, std::size_t>> open_;  // ticket and file, until its end
  std::int64_t plays_ = 0;
  std::string last_error_;
  bool told_ = false;  // that there is nothing to show
};

}  // namespace vitrine
