#include "kms_route.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "platform/config.hpp"

namespace vitrine {
namespace {

struct Number {
  const char* key;
  std::uint64_t most;
  std::uint64_t (*get)(const DrmMode&);
  void (*set)(DrmMode&, std::uint64_t);
};

template <auto Member>
constexpr Number number(const char* key, std::uint64_t most) {
  return {key, most, [](const DrmMode& mode) -> std::uint64_t { return mode.*Member; },
          [](DrmMode& mode, std::uint64_t value) {
            mode.*Member = static_cast<std::remove_reference_t<decltype(mode.*Member)>>(value);
          }};
}

constexpr std::uint64_t kSide = 16'384;
constexpr std::array kNumbers = {
    number<&DrmMode::clock>("clock_khz", 10'000'000),
    number<&DrmMode::hdisplay>("hdisplay", kSide),
    number<&DrmMode::hsync_start>("hsync_start", kSide),
    number<&DrmMode::hsync_end>("hsync_end", kSide),
    number<&DrmMode::htotal>("htotal", kSide),
    number<&DrmMode::vdisplay>("vdisplay", kSide),
    number<&DrmMode::vsync_start>("vsync_start", kSide),
    number<&DrmMode::vsync_end>("vsync_end", kSide),
    number<&DrmMode::vtotal>("vtotal", kSide),
    number<&DrmMode::vrefresh>("vrefresh", 1'000),
    number<&DrmMode::flags>("flags", 0xffff'ffff),
};

bool makes_sense(const DrmMode& mode) {
  return mode.clock > 0 && mode.hdisplay >= 16 && mode.vdisplay >= 16 &&
         mode.hsync_start >= mode.hdisplay && mode.hsync_end >= mode.hsync_start &&
         mode.htotal >= mode.hsync_end && mode.vsync_start >= mode.vdisplay &&
         mode.vsync_end >= mode.vsync_start && mode.vtotal >= mode.vsync_end;
}

const DrmMode* best_mode(const std::vector<DrmMode>& modes) {
  const auto rank = [](const DrmMode& mode) {
    return ((mode.flags & kModeInterlaced) != 0 ? 2 : 0) +
           ((mode.type & kModePreferred) != 0 ? 0 : 1);
  };
  const auto best = std::min_element(
      modes.begin(), modes.end(),
      [&](const DrmMode& one, const DrmMode& other) { return rank(one) < rank(other); });
  return best == modes.end() ? nullptr : &*best;
}

// The CRTC that serves the connector now, else the first that can. 0: none.
std::uint32_t find_crtc(DrmCalls& drm, const DrmCard& card, const DrmConnector& connector) {
  DrmEncoder encoder;
  if (connector.encoder != 0 && drm.encoder(connector.encoder, encoder) == 0 && encoder.crtc != 0) {
    return encoder.crtc;
  }
  for (const std::uint32_t id : connector.encoders) {
    if (drm.encoder(id, encoder) != 0) continue;
    for (std::size_t crtc = 0; crtc < std::min<std::size_t>(card.crtcs.size(), 32); ++crtc) {
      if ((encoder.possible_crtcs >> crtc & 1) != 0) return card.crtcs[crtc];
    }
  }
  return 0;
}

}  // namespace

std::optional<LastGoodMode> read_last_good_mode(const fs::path& path) {
  if (path.empty()) return std::nullopt;
  const auto file = Config::read(path);
  if (!file) return std::nullopt;
  LastGoodMode last;
  last.connector = file->text_or("connector", "");
  for (const Number& member : kNumbers) {
    const std::int64_t value = file->integer_or(member.key, -1);
    if (value < 0 || static_cast<std::uint64_t>(value) > member.most) return std::nullopt;
    member.set(last.mode, static_cast<std::uint64_t>(value));
  }
  last.mode.name = std::to_string(last.mode.hdisplay) + "x" + std::to_string(last.mode.vdisplay);
  if (last.connector.empty() || !makes_sense(last.mode)) return std::nullopt;
  return last;
}

Status write_last_good_mode(const fs::path& path, const LastGoodMode& last) {
  // Names of connectors are letters, digits and dashes.
  std::string text = "connector = \"" + last.connector + "\"\n";
  for (const Number& member : kNumbers) {
    text += std::string(member.key) + " = " + std::to_string(member.get(last.mode)) + "\n";
  }
  if (auto now = read_text(path); now && *now == text) return ok();  // flash is spared
  return write_atomic(path, text);
}

DrmMode safe_mode() {
  DrmMode mode;
  mode.clock = 148'500;
  mode.hdisplay = 1920;
  mode.hsync_start = 2008;
  mode.hsync_end = 2052;
  mode.htotal = 2200;
  mode.vdisplay = 1080;
  mode.vsync_start = 1084;
  mode.vsync_end = 1089;
  mode.vtotal = 1125;
  mode.vrefresh = 60;
  mode.flags = 1U << 0 | 1U << 2;  // both syncs positive
  mode.name = "1920x1080";
  return mode;
}

bool has_display(const DrmConnector& connector) {
  return connector.connection == DrmConnection::connected ||
         (connector.connection == DrmConnection::unknown && !connector.modes.empty());
}

void choose_mode(const DrmConnector& connector, const std::optional<LastGoodMode>& last,
                 KmsRoute& route) {
  const DrmMode* best = best_mode(connector.modes);
  route.connected = has_display(connector);
  // A display whose EDID cannot be read is given a list of the kernel's own, with nothing
  // preferred in it.
  route.told = route.connected && best != nullptr && (best->type & kModePreferred) != 0;
  if (route.told) {
    route.mode = *best;
  } else if (last && last->connector == connector.name) {
    route.mode = last->mode;
  } else {
    route.mode = route.connected && best != nullptr ? *best : safe_mode();
  }
}

Result<KmsRoute> find_route(DrmCalls& drm, const std::optional<LastGoodMode>& last) {
  bool dumb = false;
  if (const int error = drm.has_dumb_buffers(dumb)) {
    return drm_error("it is no DRM device", error);
  }
  if (const int error = drm.go_atomic()) return drm_error("it has no atomic commits", error);
  DrmCard card;
  if (const int error = drm.card(card)) return drm_error("it drives no display", error);
  if (!dumb) return fail(ErrorCode::unavailable, "it has no dumb buffers");
  std::optional<KmsRoute> found;
  int found_rank = 0;
  for (const std::uint32_t id : card.connectors) {
    DrmConnector connector;
    if (drm.connector(id, true, connector) != 0) continue;
    const bool sure = connector.connection == DrmConnection::connected;
    const bool known = last && last->connector == connector.name;
    const int rank = 1 + (sure ? 4 : has_display(connector) ? 2 : 0) + (known ? 1 : 0);
    if (rank <= found_rank) continue;
    const std::uint32_t crtc = find_crtc(drm, card, connector);
    if (crtc == 0) continue;
    KmsRoute route;
    route.connector = id;
    route.name = connector.name;
    route.crtc = crtc;
    route.crtc_index = static_cast<unsigned>(std::find(card.crtcs.begin(), card.crtcs.end(), crtc) -
                                             card.crtcs.begin());
    route.imitated = connector.type == kConnectorVirtual || connector.type == kConnectorUnknown;
    choose_mode(connector, last, route);
    found = std::move(route);
    found_rank = rank;
  }
  if (!found) return fail(ErrorCode::not_found, "it has no connector for a display");
  return *found;
}

ModeTimes times_of(const DrmMode& mode) {
  const int doubled = (mode.flags & kModeDoubleScan) != 0 ? 2 : 1;
  return {mode.clock, mode.htotal, mode.vtotal, std::max<int>(1, mode.vscan) * doubled,
          (mode.flags & kModeInterlaced) != 0};
}

std::string to_text(const DrmMode& mode) {
  const Refresh refresh = refresh_of(times_of(mode));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%dx%d at %.2f Hz", mode.hdisplay, mode.vdisplay,
                static_cast<double>(refresh.denominator) * static_cast<double>(kSecond) /
                    static_cast<double>(refresh.numerator));
  return text.data();
}

}  // namespace vitrine
