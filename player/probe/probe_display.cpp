#include "player/probe_display.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "display_record_text.hpp"
#include "platform/log.hpp"
#include "protocol/play.hpp"
#include "test_card.hpp"

namespace vitrine {
namespace {

// The first card that drives a display, connected or not: a board without one is worth a record.
Result<DisplayRecord> record_of(const Clock& clock, const fs::path& device) {
  if (!device.empty()) {
    auto drm = open_drm(clock, device);
    if (!drm) return std::move(drm).error().context(device.string());
    return record_display(**drm);
  }
  Error tried = fail(ErrorCode::not_found, "there is no /dev/dri/card*");
  for (const std::string& name : list_directory("/dev/dri")) {
    if (!name.starts_with("card")) continue;
    auto record = record_of(clock, fs::path("/dev/dri") / name);
    if (record) return record;
    tried = std::move(record).error();
  }
  return tried;
}

std::string numbers_of(const Output& output) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%dx%d %.2f", output.width(), output.height(),
                static_cast<double>(kSecond) / static_cast<double>(output.vblank_period()));
  return text.data();
}

Status show_card(const Clock& clock, const ProbeOptions& options, const StopSignal& signal) {
  auto output = make_kms_output(clock, options.kms);
  if (!output) return std::move(output).error();
  PictureBuffer picture((*output)->width(), (*output)->height());
  const std::string numbers = numbers_of(**output);
  const Micros end = clock.boottime() + options.show;
  std::uint64_t frames = 0, late = 0;
  Micros last = 0, longest = 0;
  while (clock.boottime() < end && !signal.raised()) {
    draw_test_card(picture, numbers, frames);
    auto flip = (*output)->flip(picture.view(), clock.boottime());
    if (!flip)
      return std::move(flip).error().context("after " + std::to_string(frames) + " frames");
    if (frames > 1) {
      longest = std::max(longest, flip->at - last);
      if (flip->at - last > (*output)->vblank_period() * 3 / 2) ++late;
    }
    last = flip->at;
    ++frames;
  }
  const std::uint32_t bits = (*output)->display_bits();
  log_info("{} frames, {} of them later than the next vblank, the longest {} us; display bits {}",
           frames, late, longest, bits);
  return ok();
}

}  // namespace

Status probe_display(const Clock& clock, const ProbeOptions& options, const StopSignal& signal) {
  auto record = record_of(clock, options.kms.device);
  if (!record) return std::move(record).error().context("cannot read what the display is");
  const std::string text = write_display_record(*record);
  if (options.file.empty()) {
    std::cout << text << std::flush;
  } else if (auto written = write_atomic(options.file, text); !written) {
    return written;
  }
  if (options.show <= 0) return ok();
  return show_card(clock, options, signal);
}

}  // namespace vitrine
