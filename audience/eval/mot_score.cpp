#include "mot_score.hpp"

#include "audience/assignment.hpp"
#include "audience/tracker.hpp"

namespace vitrine {
namespace {

constexpr double kSame = 0.5;  // least overlap
constexpr double kNever = 1e6;

const std::vector<MotBox>& boxes_of(const MotFrames& frames, int frame) {
  static const std::vector<MotBox> kNone;
  const auto found = frames.find(frame);
  return found == frames.end() ? kNone : found->second;
}

// A pair of the frame before is kept while it still overlaps, the rest is assigned anew.
class Clear {
 public:
  void frame(const std::vector<MotBox>& objects, const std::vector<MotBox>& tracks,
             MotScore& score) {
    std::map<int, int> now;
    std::vector<bool> taken(tracks.size());
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < objects.size(); ++i) {
      const std::size_t kept = same_as_before(objects[i], tracks, taken);
      if (kept == tracks.size()) {
        left.push_back(i);
      } else {
        now[objects[i].id] = tracks[kept].id;
        taken[kept] = true;
      }
    }
    assign_rest(objects, left, tracks, taken, now);
    for (const auto& [object, track] : now) {
      const auto last = last_track_of_.find(object);
      if (last != last_track_of_.end() && last->second != track) ++score.switches;
      last_track_of_[object] = track;
    }
    score.misses += static_cast<int>(objects.size() - now.size());
    score.false_positives += static_cast<int>(tracks.size() - now.size());
    track_of_ = std::move(now);
  }

 private:
  std::size_t same_as_before(const MotBox& object, const std::vector<MotBox>& tracks,
                             const std::vector<bool>& taken) const {
    const auto before = track_of_.find(object.id);
    if (before == track_of_.end()) return tracks.size();
    for (std::size_t j = 0; j < tracks.size(); ++j) {
      if (tracks[j].id == before->second && !taken[j] &&
          intersection_over_union(object.box, tracks[j].box) >= kSame) {
        return j;
      }
    }
    return tracks.size();
  }

  void assign_rest(const std::vector<MotBox>& objects, const std::vector<std::size_t>& left,
                   const std::vector<MotBox>& tracks, const std::vector<bool>& taken,
                   std::map<int, int>& now) {
    assignment_.begin(left.size(), tracks.size());
    for (std::size_t k = 0; k < left.size(); ++k) {
      for (std::size_t j = 0; j < tracks.size(); ++j) {
        const double iou = intersection_over_union(objects[left[k]].box, tracks[j].box);
        assignment_.cost(k, j) = taken[j] || iou < kSame ? kNever : 1 - iou;
      }
    }
    const std::vector<int>& assigned = assignment_.solve();
    for (std::size_t k = 0; k < left.size(); ++k) {
      if (assigned[k] < 0) continue;
      const auto j = static_cast<std::size_t>(assigned[k]);
      if (assignment_.cost(k, j) < kNever) now[objects[left[k]].id] = tracks[j].id;
    }
  }

  Assignment assignment_;
  std::map<int, int> track_of_;       // truth -> track of the frame before
  std::map<int, int> last_track_of_;  // truth -> the last track it ever had
};

// Each person is given at most one track and each track one person, so that most boxes agree.
int identity_hits(const MotFrames& truth, const MotFrames& output) {
  std::map<int, std::size_t> person_at, track_at;
  std::map<std::pair<std::size_t, std::size_t>, int> together;
  for (const auto& [frame, objects] : truth) {
    for (const MotBox& object : objects) {
      const auto person = person_at.try_emplace(object.id, person_at.size()).first->second;
      for (const MotBox& track : boxes_of(output, frame)) {
        if (intersection_over_union(object.box, track.box) < kSame) continue;
        const auto number = track_at.try_emplace(track.id, track_at.size()).first->second;
        ++together[{person, number}];
      }
    }
  }
  Assignment assignment;
  assignment.begin(person_at.size(), track_at.size());
  for (std::size_t i = 0; i < person_at.size(); ++i) {
    for (std::size_t j = 0; j < track_at.size(); ++j) assignment.cost(i, j) = 0;
  }
  for (const auto& [pair, frames] : together) assignment.cost(pair.first, pair.second) = -frames;
  const std::vector<int>& track_of = assignment.solve();
  int hits = 0;
  for (std::size_t i = 0; i < track_of.size(); ++i) {
    if (track_of[i] < 0) continue;
    const auto found = together.find({i, static_cast<std::size_t>(track_of[i])});
    if (found != together.end()) hits += found->second;
  }
  return hits;
}

int boxes_in(const MotFrames& frames) {
  std::size_t boxes = 0;
  for (const auto& [frame, list] : frames) boxes += list.size();
  return static_cast<int>(boxes);
}

}  // namespace

double MotScore::mota() const {
  return truths == 0 ? 0 : 1 - static_cast<double>(misses + false_positives + switches) / truths;
}

double MotScore::idf1() const {
  return truths + outputs == 0 ? 0 : 2.0 * identity_hits / (truths + outputs);
}

MotScore& MotScore::operator+=(const MotScore& other) {
  truths += other.truths;
  outputs += other.outputs;
  false_positives += other.false_positives;
  misses += other.misses;
  switches += other.switches;
  identity_hits += other.identity_hits;
  return *this;
}

MotScore score_tracks(const MotFrames& truth, const MotFrames& output) {
  MotScore score;
  score.truths = boxes_in(truth);
  score.outputs = boxes_in(output);
  Clear clear;
  for (const auto& [frame, objects] : truth) clear.frame(objects, boxes_of(output, frame), score);
  for (const auto& [frame, tracks] : output) {
    if (!truth.contains(frame)) score.false_positives += static_cast<int>(tracks.size());
  }
  score.identity_hits = identity_hits(truth, output);
  return score;
}

}  // namespace vitrine
