#include "audience/camera_health.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace vitrine {
namespace {

constexpr int kAcross = 80, kDown = 60;
constexpr std::size_t kCells = std::size_t{kAcross} * kDown;
constexpr Micros kLookEvery = kSecond / 2;
// What is learned follows daylight and furniture, with this time constant.
constexpr Micros kForget = 10 * kMinute;
// An edge counts up to here, so that a window or a lamp does not drown the rest.
constexpr float kStrongest = 40;
// Less coarse structure than this (squared steps) says nothing of the finer.
constexpr double kLeastStructure = 9;
// A search for the shift that fits costs most of all.
constexpr Micros kSearchEvery = 2 * kSecond;
constexpr Micros kLongestLook = 2 * kSecond;  // more between two looks tells nothing

std::size_t cell(int x, int y, int across = kAcross) {
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(across) +
         static_cast<std::size_t>(x);
}

// Means of two by two.
void halve(const std::vector<float>& from, int across, int down, std::vector<float>& to) {
  to.resize(cell(0, down, across));
  for (int y = 0; y < down; ++y) {
    const float* upper = from.data() + cell(0, 2 * y, 2 * across);
    const float* lower = upper + 2 * across;
    float* out = to.data() + cell(0, y, across);
    for (int x = 0; x < across; ++x) {
      out[x] = (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]) / 4;
    }
  }
}

// Of every eighth row: enough to tell any two frames of a sensor apart.
std::uint64_t print_of(const Frame& frame) {
  constexpr std::uint64_t kPrime = 1099511628211ULL;
  std::uint64_t print = 14695981039346656037ULL;
  const auto width = static_cast<std::size_t>(frame.width);
  for (int row = 0; row < frame.height; row += 8) {
    const std::uint8_t* from = frame.luma.data() + width * static_cast<std::size_t>(row);
    for (std::size_t i = 0; i + 8 <= width; i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, from + i, sizeof word);
      print = (print ^ word) * kPrime;
      print ^= print >> 29;
    }
  }
  return print;
}

}  // namespace

std::string_view name_of(CameraFault fault) {
  constexpr std::array<std::string_view, kCameraFaults> kNames = {"ok",     "dark",  "covered",
                                                                  "frozen", "moved", "blurred"};
  return kNames[static_cast<std::size_t>(fault)];
}

void CameraHealth::Standing::update(Micros at, bool holds, bool gone, Micros raise_after,
                                    Micros clear_after) {
  if (raised ? !gone : !holds) {
    since.reset();
    return;
  }
  if (!since) since = at;
  if (at - *since < (raised ? clear_after : raise_after)) return;
  raised = !raised;
  since.reset();
}

CameraFault CameraHealth::see(const Frame& frame, bool live) {
  resigned_ = false;
  const auto size = static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height);
  if (frame.width < kAcross || frame.height < kDown || frame.luma.size() < size) return fault_;
  if (looked_ && frame.at - *looked_ < kLookEvery) return fault_;
  if (looked_ && frame.at - *looked_ > kLongestLook) interrupted();
  look(frame, live);
  looked_ = frame.at;
  return fault_;
}

void CameraHealth::interrupted() {
  looked_.reset();
  same_since_.reset();
  averaged_ = 0;
  for (Standing* standing : {&dark_, &covered_, &blurred_, &moved_, &unlike_}) {
    standing->since.reset();
  }
}

void CameraHealth::learn_anew() {
  learned_ = 0;
  moved_ = unlike_ = blurred_ = {};
  if (fault_ == CameraFault::moved || fault_ == CameraFault::blurred) fault_ = CameraFault::none;
  moved_since_.reset();
}

void CameraHealth::look(const Frame& frame, bool live) {
  const Micros at = frame.at;
  shrink(frame);
  measure_light();
  const bool dark = figures_.bright < options_.dark_below;
  const bool bare = figures_.structure < options_.covered_below &&
                    figures_.structure < options_.noise_times * figures_.noise;
  const bool covered = !dark && (bare || figures_.structure < options_.blank_below);
  dark_.update(at, dark, !dark, options_.obscured_after, options_.clear_after);
  covered_.update(at, covered, !covered, options_.obscured_after, options_.clear_after);

  const std::uint64_t print = print_of(frame);
  if (!same_since_ || print != print_ || !live) same_since_ = at;
  print_ = print;
  const bool frozen = at - *same_since_ >= options_.frozen_after;

  if (dark || covered || dark_.raised || covered_.raised) {
    averaged_ = 0;  // the light is another when it comes back
  } else {
    figures_.detail = detail();
    find_edges();
    learn(at);
    judge_view(at);
  }
  fault_ = dark_.raised                      ? CameraFault::dark
           : covered_.raised                 ? CameraFault::covered
           : frozen                          ? CameraFault::frozen
           : moved_.raised || unlike_.raised ? CameraFault::moved
           : blurred_.raised                 ? CameraFault::blurred
                                             : CameraFault::none;
}

void CameraHealth::shrink(const Frame& frame) {
  constexpr int kFineAcross = 2 * kAcross, kFineDown = 2 * kDown;
  fine_.resize(cell(0, kFineDown, kFineAcross));
  std::array<int, kFineAcross + 1> columns{};
  for (int x = 0; x <= kFineAcross; ++x) {
    columns[static_cast<std::size_t>(x)] = x * frame.width / kFineAcross;
  }
  for (int y = 0; y < kFineDown; ++y) {
    std::array<int, kFineAcross> sums{};
    const int top = y * frame.height / kFineDown;
    const int bottom = std::max(top + 1, (y + 1) * frame.height / kFineDown);
    for (int row = top; row < bottom; ++row) {
      const std::uint8_t* from =
          frame.luma.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(frame.width);
      for (std::size_t x = 0; x < kFineAcross; ++x) {
        int sum = 0;
        for (int i = columns[x]; i < columns[x + 1]; ++i) sum += from[i];
        sums[x] += sum;
      }
    }
    float* out = fine_.data() + cell(0, y, kFineAcross);
    for (std::size_t x = 0; x < kFineAcross; ++x) {
      const int pixels = (columns[x + 1] - columns[x]) * (bottom - top);
      out[x] = static_cast<float>(sums[x]) / static_cast<float>(pixels);
    }
  }
  halve(fine_, kAcross, kDown, cells_);
  halve(cells_, kAcross / 2, kDown / 2, coarse_);
}

void CameraHealth::measure_light() {
  std::array<int, 256> histogram{};
  for (const float value : cells_) ++histogram[static_cast<std::size_t>(value)];
  int above = static_cast<int>(kCells) / 50;
  figures_.bright = 255;
  while (figures_.bright > 0 && above >= histogram[static_cast<std::size_t>(figures_.bright)]) {
    above -= histogram[static_cast<std::size_t>(figures_.bright--)];
  }
  measure_structure();
}

// The curvature, and how much of it is noise: what most of it changes by in half a second. People
// change only a part.
void CameraHealth::measure_structure() {
  constexpr int kWide = kAcross / 2, kHigh = kDown / 2;
  constexpr std::size_t kInner = std::size_t{kWide - 2} * (kHigh - 2);
  bent_before_.swap(bent_);
  bent_.clear();
  float sum = 0;
  for (int y = 1; y + 1 < kHigh; ++y) {
    const float* at = coarse_.data() + cell(0, y, kWide);
    for (int x = 1; x + 1 < kWide; ++x) {
      bent_.push_back((at[x - 1] + at[x + 1] + at[x - kWide] + at[x + kWide]) / 4 - at[x]);
      sum += std::abs(bent_.back());
    }
  }
  figures_.structure = static_cast<double>(sum) / kInner;
  figures_.noise = 0;
  if (bent_before_.size() != kInner) return;
  for (std::size_t i = 0; i < kInner; ++i) bent_before_[i] = std::abs(bent_[i] - bent_before_[i]);
  const auto middle = bent_before_.begin() + kInner / 2;
  std::nth_element(bent_before_.begin(), middle, bent_before_.end());
  // The mean size of Gaussian noise, from the median of its differences.
  figures_.noise = 0.8365 * static_cast<double>(*middle);
}

// Second differences along the rows, over one step and over four.
double CameraHealth::detail() const {
  constexpr int kWide = 2 * kAcross, kHigh = 2 * kDown;
  double fine = 0, coarse = 0;
  for (int y = 0; y < kHigh; ++y) {
    const float* at = fine_.data() + cell(0, y, kWide);
    float row_fine = 0, row_coarse = 0;
    for (int x = 4; x + 4 < kWide; ++x) {
      const float near = at[x - 1] - 2 * at[x] + at[x + 1];
      const float far = at[x - 4] - 2 * at[x] + at[x + 4];
      row_fine += near * near;
      row_coarse += far * far;
    }
    fine += static_cast<double>(row_fine);
    coarse += static_cast<double>(row_coarse);
  }
  return coarse < kLeastStructure * (kWide - 8) * kHigh ? 0 : fine / coarse;
}

void CameraHealth::find_edges() {
  edges_.assign(2 * kCells, 0);
  float* upright = edges_.data();
  float* level = edges_.data() + kCells;
  for (int y = 1; y + 1 < kDown; ++y) {
    for (int x = 1; x + 1 < kAcross; ++x) {
      const std::size_t at = cell(x, y);
      upright[at] = std::min(std::abs(cells_[at + 1] - cells_[at - 1]), kStrongest);
      level[at] = std::min(std::abs(cells_[at + kAcross] - cells_[at - kAcross]), kStrongest);
    }
  }
}

void CameraHealth::learn(Micros at) {
  const Micros passed = looked_ ? at - *looked_ : kLookEvery;
  const auto blend = [this](std::vector<float>& into, double part) {
    into.resize(edges_.size());
    const auto weight = static_cast<float>(part);
    for (std::size_t i = 0; i < edges_.size(); ++i) into[i] += weight * (edges_[i] - into[i]);
  };
  const auto part_of = [passed](Micros so_far, Micros most) {
    return std::min(
        1.0, static_cast<double>(passed) / static_cast<double>(std::min(so_far + passed, most)));
  };
  blend(recent_, part_of(averaged_, options_.average));
  averaged_ = std::min(averaged_ + passed, options_.average);
  if (learned_ >= options_.learn && (moved_.raised || unlike_.raised || blurred_.raised ||
                                     moved_.since || unlike_.since || blurred_.since)) {
    return;  // what is doubted is not learned from
  }
  const double part = part_of(learned_, kForget);
  blend(usual_, part);
  if (figures_.detail > 0) {
    if (usual_detail_ == 0 || learned_ == 0) usual_detail_ = figures_.detail;
    usual_detail_ += part * (figures_.detail - usual_detail_);
  }
  figures_.usual_detail = usual_detail_;
  learned_ = std::min(learned_ + passed, kForget);
}

// Correlation of the recent edges, shifted, with the usual ones where the two overlap.
double CameraHealth::likeness(int shift_x, int shift_y) const {
  const int left = std::max(1, 1 - shift_x), right = std::min(kAcross - 1, kAcross - 1 - shift_x);
  const int top = std::max(1, 1 - shift_y), bottom = std::min(kDown - 1, kDown - 1 - shift_y);
  const double n = std::max(1, (right - left) * (bottom - top));
  double worst = 1;
  for (const std::size_t kind : {std::size_t{0}, kCells}) {
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (int y = top; y < bottom; ++y) {
      const float* usual = usual_.data() + kind + cell(0, y);
      const float* now = recent_.data() + kind + cell(0, y + shift_y) + shift_x;
      float row_a = 0, row_b = 0, row_aa = 0, row_bb = 0, row_ab = 0;
      for (int x = left; x < right; ++x) {
        row_a += usual[x];
        row_b += now[x];
        row_aa += usual[x] * usual[x];
        row_bb += now[x] * now[x];
        row_ab += usual[x] * now[x];
      }
      a += static_cast<double>(row_a), b += static_cast<double>(row_b);
      aa += static_cast<double>(row_aa), bb += static_cast<double>(row_bb);
      ab += static_cast<double>(row_ab);
    }
    const double spread = (aa - a * a / n) * (bb - b * b / n);
    worst = std::min(worst, spread <= 0 ? 0 : (ab - a * b / n) / std::sqrt(spread));
  }
  return worst;
}

// On every second shift, then around the best of these: edges are two cells wide.
double CameraHealth::best_likeness() const {
  double best = -1;
  int best_x = 0, best_y = 0;
  const auto search = [&](int from_x, int to_x, int from_y, int to_y, int step) {
    for (int y = from_y; y <= to_y; y += step) {
      for (int x = from_x; x <= to_x; x += step) {
        if (std::max(std::abs(x), std::abs(y)) < options_.least_shift) continue;
        const double here = likeness(x, y);
        if (here > best) best = here, best_x = x, best_y = y;
      }
    }
  };
  const int most = options_.most_shift;
  search(-most, most, -most, most, 2);
  search(best_x - 1, best_x + 1, best_y - 1, best_y + 1, 1);
  return best;
}

void CameraHealth::judge_view(Micros at) {
  if (learned_ < options_.learn || averaged_ < options_.average) return;
  figures_.likeness = likeness(0, 0);
  const bool alike = figures_.likeness >= options_.alike_above;
  if (alike || moved_.raised) {
    figures_.best_likeness = figures_.likeness;
    searched_.reset();
  } else if (!searched_ || at - *searched_ >= kSearchEvery) {
    figures_.best_likeness = best_likeness();
    searched_ = at;
  }
  const bool shifted = figures_.best_likeness > figures_.likeness + options_.better_by;
  moved_.update(at, shifted, alike, options_.moved_after, options_.average);
  unlike_.update(at, figures_.likeness < options_.unlike_below, alike, options_.unlike_after,
                 options_.average);
  const bool moved = moved_.raised || unlike_.raised;
  if (!moved) {
    moved_since_.reset();
  } else if (!moved_since_) {
    moved_since_ = at;
  } else if (at - *moved_since_ >= options_.resign_after) {
    learn_anew();
    resigned_ = true;
    return;
  }
  // Another view has another detail.
  if (moved || figures_.detail == 0) return;
  const bool soft = figures_.detail < options_.blurred_below * usual_detail_;
  const bool sharp = figures_.detail > options_.sharp_above * usual_detail_;
  blurred_.update(at, soft, sharp, options_.blurred_after, options_.clear_after);
}

}  // namespace vitrine
