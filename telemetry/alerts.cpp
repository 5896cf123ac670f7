#include "alerts.hpp"

#include "outbox.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t kOutboxBound = OutboxOptions{}.most_bytes;
constexpr std::int64_t kLittleDisk = 200LL << 20, kEnoughDisk = 400LL << 20;

}  // namespace

Alerts::Alerts(Notify notify, std::vector<StatusAlert> in_force) : notify_(std::move(notify)) {
  for (StatusAlert& alert : in_force)
    states_[alert.code] = {true, std::move(alert.text), alert.since, 0};
}

std::vector<StatusAlert> Alerts::in_force() const {
  std::vector<StatusAlert> list;
  for (const auto& [code, state] : states_) {
    if (state.on) list.push_back({code, state.text, state.since});
  }
  return list;
}

void Alerts::apply(const std::string& code, Verdict verdict, const std::string& text, Micros now,
                   Micros begin_after, Micros end_after) {
  State& state = states_[code];
  const Verdict turns = state.on ? Verdict::good : Verdict::bad;
  if (verdict != turns) {
    state.turned = 0;
    if (state.on && !text.empty()) state.text = text;
    return;
  }
  if (state.turned == 0) state.turned = now;
  if (now - state.turned < (state.on ? end_after : begin_after)) return;
  const bool begins = !state.on;
  const std::string said = begins ? text : state.text;
  state = {begins, begins ? text : "", begins ? now : 0, 0};
  notify_("alert-" + code + (begins ? "" : "-over"), begins ? "alert: " + said : "over: " + said);
}

void Alerts::judge(const Figures& figures, Micros now) {
  const auto is = [&](const char* name) { return figure(figures, name); };
  const auto verdict = [](bool bad, bool good) {
    return bad ? Verdict::bad : good ? Verdict::good : Verdict::between;
  };

  if (const auto up = is("link_up")) {
    const std::int64_t for_s = is("link_s").value_or(0);
    apply("link", verdict(*up == 0 && for_s >= 24 * 3600, *up != 0),
          "no link to the backend for " + std::to_string(for_s / 3600) + " hours", now, 0,
          10 * kMinute);
  }

  if (const auto bytes = figure_sum(figures, "outbox_bytes")) {
    const auto dropped = figure_sum(figures, "dropped_rows");
    const bool dropping = dropped && dropped_rows_ && *dropped > *dropped_rows_;
    if (dropped) dropped_rows_ = dropped;
    apply("outbox", verdict(*bytes >= kOutboxBound / 2 || dropping, *bytes < kOutboxBound / 4),
          dropping ? "the outbox is full and rows are being dropped"
                   : std::to_string(*bytes >> 20) + " MB wait for the backend, of 64 MB at most",
          now, 0, 10 * kMinute);
  }

  const auto life = is("emmc_life_percent"), spare = is("emmc_pre_eol"),
             room = is("disk_free_bytes");
  if (life || spare || room) {
    const bool worn = life.value_or(0) >= 100 || spare.value_or(0) >= 2;
    const std::string what = worn ? "the flash is at the end of its life (" +
                                        std::to_string(life.value_or(0)) + " % used)"
                                  : std::to_string(room.value_or(0) >> 20) + " MB of disk are free";
    apply("storage",
          verdict(worn || (room && *room < kLittleDisk), !worn && (!room || *room > kEnoughDisk)),
          what, now, 0, 0);
  }

  if (const auto alive = is("player_alive")) {
    const std::int64_t dropped = is("frames_dropped_ppm").value_or(0);
    apply("picture", verdict(*alive == 0 || dropped > 10'000, *alive != 0 && dropped < 5'000),
          *alive == 0
              ? "the player says nothing: the screen may be dark"
              : std::to_string(dropped / 10'000) + " % of the frames were dropped in an hour",
          now, 2 * kMinute, 2 * kMinute);
  }

  if (const auto trust = is("clock_trust")) {
    apply("clock", verdict(*trust < 2, *trust == 2),
          *trust == 0 ? "the time is unknown: only what needs no time plays, and nothing is billed"
                      : "nobody vouches for the clock: plays may not be billed",
          now, kHour, 10 * kMinute);
  }
}

}  // namespace vitrine
