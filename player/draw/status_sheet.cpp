#include "status_sheet.hpp"

namespace vitrine {
namespace {

std::string length_of(Micros time) {
  const std::int64_t seconds = time / kSecond;
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 2 * 86400) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " days";
}

// One state of the screen: the first that holds is what is said large.
struct Finding {
  StatusLevel level;
  const char* headline;
  const char* headline_zh;
  std::string advice;
  const char* advice_zh;
};

Finding find(const StatusFacts& facts) {
  using enum StatusLevel;
  if (facts.screen.empty() && !facts.identity_problem.empty())
    return {bad, "Identity cannot be read", "无法读取设备身份",
            "Enrol it again: ask the operator for a new token of this screen's name, then run "
            "'vitrine setup' on it.",
            "请用新的令牌重新注册"};
  if (facts.screen.empty() && !facts.awaited.empty())
    return {attention, "Waiting for its first link", "等待首次联网",
            "Nothing to do here but a network: it is set up as " + facts.awaited +
                " and enrols by itself.",
            "已完成设置，联网后自动注册"};
  if (facts.screen.empty())
    return {attention, "Not enrolled", "未注册",
            "Ask the operator for a token or a stick, then run 'vitrine setup' on this screen.",
            "请向运营人员索取令牌，然后运行 vitrine setup"};
  if (facts.link == StatusFacts::Link::unknown)
    return {bad, "Telemetry is silent", "遥测服务无响应",
            "Restart the screen; if this stays, have the service vitrine-telemetry looked at.",
            "请重启屏幕"};
  if (facts.link == StatusFacts::Link::down && facts.playing == 0 && facts.trying == 0)
    return {
        bad, "No link", "未连接网络",
        "Check the network cable or Wi-Fi and that the broker can be reached; it tries again by "
        "itself.",
        "请检查网线或 Wi-Fi"};
  if (facts.playing == 0 && facts.trying == 0 && facts.rejected != 0)
    return {bad, "Schedule refused", "节目单被拒绝",
            "Nothing to do here: tell the operator, who has to push a corrected schedule.",
            "请通知运营人员"};
  if (facts.playing == 0 && facts.trying == 0 && !facts.waiting_for.empty())
    return {attention, "Content is on its way", "正在下载素材",
            "Wait; if this stays the same for long, check the network.", "请等待"};
  if (facts.playing == 0 && facts.trying == 0)
    return {attention, "Waiting for a schedule", "等待节目单",
            "Nothing to do here: the operator pushes a schedule for this screen or its group.",
            "请等待运营人员下发节目单"};
  if (facts.clock == ClockTrust::none)
    return {attention, "Waiting for the time", "等待校时",
            "Check the network: the time comes by NTP or from the broker, and what has dates plays "
            "once it is known.",
            "请检查网络以便校时"};
  if (!facts.nothing_because.empty())
    return {attention, "Nothing to show now", "当前没有可播放的内容",
            facts.waiting_for.empty()
                ? "Nothing to do here: tell the operator what stands under Last error."
                : "Wait; if this stays the same for long, check the network.",
            facts.waiting_for.empty() ? "请通知运营人员" : "请等待"};
  return {good, "Ready", "就绪", "Nothing to do.", "无需操作"};
}

StatusRow link_row(const StatusFacts& facts) {
  StatusRow row{"Link 网络", "not known: telemetry is silent", StatusLevel::unknown};
  if (facts.link == StatusFacts::Link::up) {
    row.value = "up for " + length_of(facts.link_for);
    row.level = StatusLevel::good;
  } else if (facts.link == StatusFacts::Link::down) {
    row.value = "down for " + length_of(facts.link_for);
    if (!facts.link_reason.empty()) row.value += ": " + facts.link_reason;
    row.level = StatusLevel::bad;
  }
  return row;
}

StatusRow clock_row(const StatusFacts& facts) {
  StatusRow row{"Clock 时钟", "not known yet", StatusLevel::bad};
  if (facts.clock == ClockTrust::none) return row;
  const bool trusted = facts.clock == ClockTrust::trusted;
  row.value = facts.local_time + (trusted ? ", trusted" : ", held: may be wrong");
  row.level = trusted ? StatusLevel::good : StatusLevel::attention;
  return row;
}

StatusRow schedule_row(const StatusFacts& facts) {
  StatusRow row{"Schedule 节目单", "none yet", StatusLevel::attention, true};
  if (facts.playing != 0) {
    row.value = "generation " + std::to_string(facts.playing) + " confirmed";
    row.level = StatusLevel::good;
  }
  if (facts.trying != 0) {
    row.value = (facts.playing != 0 ? row.value + ", trying " : "trying generation ") +
                std::to_string(facts.trying);
    row.level = StatusLevel::good;
  } else if (facts.rejected != 0) {
    row.value = (facts.playing != 0 ? row.value + ", " : "") + std::to_string(facts.rejected) +
                " refused: " + facts.rejected_reason;
    row.level = facts.playing != 0 ? StatusLevel::attention : StatusLevel::bad;
  }
  return row;
}

StatusRow camera_row(const StatusFacts& facts) {
  StatusRow row{"Camera 摄像头", "not known", StatusLevel::unknown};
  if (facts.camera.empty()) return row;
  row.value = facts.camera;
  if (facts.camera_quality == Quality::people) row.value += ", grade people";
  if (facts.camera_quality == Quality::flow) row.value += ", grade flow";
  row.level = facts.camera == "ok" ? StatusLevel::good : StatusLevel::attention;
  return row;
}

}  // namespace

StatusSheet status_sheet(const StatusFacts& facts) {
  const bool enrolled = !facts.screen.empty();
  const Finding finding = find(facts);
  StatusSheet sheet;
  sheet.name = enrolled ? facts.screen : "board " + facts.board;
  sheet.headline = finding.headline;
  sheet.headline_zh = finding.headline_zh;
  sheet.level = finding.level;
  sheet.advice = finding.advice;
  sheet.advice_zh = finding.advice_zh;
  sheet.code = enrolled ? facts.screen : facts.board;

  StatusRow identity{"Enrolled 注册", enrolled ? "yes, board " + facts.board : "no",
                     enrolled ? StatusLevel::good : StatusLevel::bad};
  if (!facts.identity_problem.empty()) identity.value += ": " + facts.identity_problem;
  sheet.rows.push_back(std::move(identity));
  sheet.rows.push_back(link_row(facts));
  sheet.rows.push_back(clock_row(facts));
  sheet.rows.push_back(schedule_row(facts));
  sheet.rows.push_back({"Content 素材",
                        facts.waiting_for.empty() ? "nothing on its way" : facts.waiting_for,
                        facts.waiting_for.empty() ? StatusLevel::good : StatusLevel::attention});
  sheet.rows.push_back(camera_row(facts));
  const std::string& error =
      facts.nothing_because.empty() ? facts.last_error : facts.nothing_because;
  sheet.rows.push_back({"Last error 最近错误", error.empty() ? "none" : error,
                        error.empty() ? StatusLevel::good : StatusLevel::attention, true});
  sheet.rows.push_back({"Software 软件", "vitrine " + facts.software, StatusLevel::good});
  return sheet;
}

}  // namespace vitrine
