// Which of a camera's formats, sizes and rates to film with. Pure; what the camera offers is in,
// what to ask it for is out.
//
// Formats in this order, because of the CPU that a frame of 640x480 costs (x86): NV12 0.04 ms and
// YUYV 0.14 ms are copied; GREY, 0.01 ms, has no colours and comes after them; MJPG is decoded in
// 0.8 ms. So MJPG is for what the others cannot: a cable that carries them at less than ten frames
// a second.
#pragma once

#include <optional>
#include <vector>

#include "capture.hpp"

namespace vitrine {

inline constexpr std::uint32_t kWantedWidth = 640, kWantedHeight = 480;
inline constexpr int kWantedFps = 10;

// One size of one format.
struct CaptureOffer {
  std::uint32_t fourcc = 0, width = 0, height = 0;  // pixels
  Micros shortest_interval = 0;                     // between frames; 0 = not told
};

// Whether a camera may film as it is set: a raw format that is read, 160 to 1280 wide. Who set it
// had a reason, and some devices give no picture otherwise (vivid's HDMI input is one).
bool stays(const CaptureFormat& now);

// What is read of the offers, best first; the camera may refuse the first. One a format: of its
// sizes those that come ten times a second before those that come five times, before the rest, and
// of these the one nearest to 640x480 by area. A format whose rate is enough comes before one whose
// rate is not. Without any offer, YUYV and MJPG of the wanted size are worth a try.
std::vector<CaptureFormat> modes_to_try(const std::vector<CaptureOffer>& offers);

// A stepwise range of sizes has this one nearest to the wanted.
std::uint32_t nearest_step(std::uint32_t wanted, std::uint32_t least, std::uint32_t most,
                           std::uint32_t step);

}  // namespace vitrine
