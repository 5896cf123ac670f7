#include "capture_mode.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace vitrine {
namespace {

constexpr std::array kInOrder = {fourcc("NV12"), fourcc("YUYV"), fourcc("GREY"), fourcc("MJPG")};
// Smaller, and nobody in it is tall enough; wider only costs.
constexpr std::uint32_t kNarrowest = 160, kWidest = 1280;
// Cameras round: 1/10 s may be told as 100.1 ms.
constexpr Micros kEnough = kSecond / kWantedFps + 5 * kMillisecond;
constexpr Micros kBearable = kSecond / 5 + 5 * kMillisecond;

int slowness(const CaptureOffer& offer) {
  if (offer.shortest_interval <= kEnough) return 0;
  return offer.shortest_interval <= kBearable ? 1 : 2;
}

// Octaves of area away from the wanted size.
double distance(const CaptureOffer& offer) {
  const double area = double{1} * offer.width * offer.height;
  const double away = std::abs(std::log2(area / (double{1} * kWantedWidth * kWantedHeight)));
  return offer.width < kNarrowest ? away + 100 : away;
}

bool better(const CaptureOffer& a, const CaptureOffer& b) {
  if (slowness(a) != slowness(b)) return slowness(a) < slowness(b);
  return distance(a) < distance(b);
}

}  // namespace

bool stays(const CaptureFormat& now) {
  return now.fourcc != fourcc("MJPG") && picture_layout(now).ok() && now.width >= kNarrowest &&
         now.width <= kWidest;
}

std::vector<CaptureFormat> modes_to_try(const std::vector<CaptureOffer>& offers) {
  std::vector<CaptureOffer> best;
  for (const std::uint32_t code : kInOrder) {
    std::optional<CaptureOffer> found;
    for (const CaptureOffer& offer : offers) {
      if (offer.fourcc != code || offer.width == 0 || offer.height == 0) continue;
      if (!found || better(offer, *found)) found = offer;
    }
    if (found) best.push_back(*found);
  }
  std::stable_sort(best.begin(), best.end(), [](const CaptureOffer& a, const CaptureOffer& b) {
    return slowness(a) < slowness(b);
  });
  std::vector<CaptureFormat> modes;
  for (const CaptureOffer& offer : best) {
    modes.push_back({offer.fourcc, offer.width, offer.height, 0});
  }
  if (offers.empty()) {
    modes = {{fourcc("YUYV"), kWantedWidth, kWantedHeight, 0},
             {fourcc("MJPG"), kWantedWidth, kWantedHeight, 0}};
  }
  return modes;
}

std::uint32_t nearest_step(std::uint32_t wanted, std::uint32_t least, std::uint32_t most,
                           std::uint32_t step) {
  if (wanted <= least || most <= least) return least;
  if (step == 0) step = 1;
  const std::uint32_t below = std::min(wanted, most) - least;
  const std::uint32_t down = least + below / step * step;
  // Of the two neighbours the nearer one that exists.
  return down + step <= most && down + step - wanted < wanted - down ? down + step : down;
}

}  // namespace vitrine
