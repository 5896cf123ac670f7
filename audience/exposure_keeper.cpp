#include <algorithm>

#include "audience/keeper.hpp"
#include "platform/log.hpp"

namespace vitrine {
namespace {

// Short transactions: a long reader would hold up the player's checkpoint.
constexpr std::size_t kBatch = 200;
// A vblank stamp may lie a little ahead of now; an end beyond this is a broken row that must not
// block those behind it.
constexpr Micros kFuture = 10 * kSecond;

bool was_shown(const PlayRow& play) {
  return play.first_flip_us != kAbsent && play.kind != PlayKind::ghost &&
         play.kind != PlayKind::miss;
}

Micros end_of(const PlayRow& play) {
  return play.last_flip_us == kAbsent ? play.first_flip_us : play.last_flip_us;
}

}  // namespace

Status ExposureKeeper::follow_log() {
  if (!reader_) {
    auto opened = PlayLogReader::open(plays_);
    if (!opened) return std::move(opened).error();
    reader_.emplace(std::move(*opened));
  }
  auto id = reader_->log_id();
  if (!id) return std::move(id).error();
  if (log_id_ == *id) return ok();
  auto last = log_.last_play_seq(*id);
  if (!last) return std::move(last).error();
  if (log_id_) log_info("the player began a new log; following it from play {}", *last + 1);
  log_id_ = *id;
  after_ = *last;
  return ok();
}

void ExposureKeeper::again() {
  reader_.reset();
  log_id_.reset();
}

Status ExposureKeeper::tick(Micros complete_until) {
  if (auto followed = follow_log(); !followed) {
    reader_.reset();
    if (followed.error().code == ErrorCode::not_found) return ok();  // the player has not begun
    return std::move(followed).error().context(
        "cannot follow the play log; its plays wait for their rows");
  }
  for (;;) {
    auto more = take_batch(complete_until);
    if (!more) {
      reader_.reset();
      return std::move(more).error().context("cannot write exposure rows; trying again");
    }
    if (!*more) return ok();
  }
}

Result<bool> ExposureKeeper::take_batch(Micros complete_until) {
  auto plays = reader_->rows_after(after_, kBatch);
  if (!plays) return std::move(plays).error();
  if (plays->empty()) return false;

  const Micros now = clock_.boottime();
  const Timeline timeline = timeline_.timeline(now);
  std::uint64_t reached = after_;
  bool waits = false;
  std::vector<ExposureRow> rows;
  for (const PlayRow& play : *plays) {
    const bool ours = play.boot == clock_.boot_id();
    const bool broken = ours && was_shown(play) && end_of(play) > now + kFuture;
    if (broken) log_warn("play {} ends in the future; its row gets coverage 0", play.seq);
    if (ours && !broken && was_shown(play) && end_of(play) > complete_until) {
      waits = true;
      break;
    }
    if (was_shown(play)) rows.push_back(row_of(play, ours && !broken ? timeline : Timeline{}));
    reached = play.seq;
  }
  if (!rows.empty()) {
    if (auto written = log_.append(rows); !written) return std::move(written).error();
    rows_ += static_cast<std::int64_t>(rows.size());
  }
  after_ = reached;
  return !waits && plays->size() == kBatch;
}

ExposureRow ExposureKeeper::row_of(const PlayRow& play, const Timeline& timeline) const {
  return expose(timeline, play.log_id, play.seq, play.first_flip_us,
                std::max(play.first_flip_us, end_of(play)));
}

}  // namespace vitrine
