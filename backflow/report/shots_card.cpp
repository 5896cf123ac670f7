#include "base/math.hpp"
#include "base/time.hpp"
#include "report/cards.hpp"
#include "report/html_text.hpp"
#include "report/page_frame.hpp"
#include "report/page_parts.hpp"

namespace vitrine::report {
namespace {

std::string time_of(const SampledShot& shot) {
  return shot.utc_us == kAbsent ? "at an unknown time"
                                : format_utc(floor_div(shot.utc_us, kSecond));
}

std::string figure_of(const Report& report, const SampledShot& shot) {
  const std::string name = label_of(report.labels.creatives, "Creative", shot.creative);
  const std::string where = shot.device + ", " + time_of(shot);
  return "<figure><img alt=\"" + escaped(name + " on screen " + where) + "\" src=\"" +
         jpeg_address(shot.jpeg) + "\"><figcaption><b>" + escaped(name) + "</b><br>" +
         escaped(where) + "<br><code>" + to_hex(shot.sha256).substr(0, 16) +
         "</code></figcaption></figure>";
}

std::string words_of(ShotState state) {
  switch (state) {
    case ShotState::matches:
      return "the picture is the one that the row names";
    case ShotState::missing:
      return "the picture did not come here";
    case ShotState::altered:
      break;
  }
  return "NOT the picture that the row names";
}

}  // namespace

std::string shots_card(const Report& report) {
  const SampledShots& sampled = report.shots;
  if (sampled.shots.empty()) return {};
  std::string figures;
  std::vector<std::vector<std::string>> rows;
  for (const SampledShot& shot : sampled.shots) {
    if (!shot.jpeg.empty()) figures += figure_of(report, shot);
    rows.push_back({label_of(report.labels.creatives, "Creative", shot.creative), shot.device,
                    time_of(shot), shot.paid ? "paid" : "not paid", std::to_string(shot.seq),
                    words_of(shot.state), to_hex(shot.sha256)});
  }
  std::string note =
      "Pictures that screens took of what they showed, asked for while a play was on the glass. "
      "The SHA-256 of each stands in the play's row, which its screen signed: of " +
      grouped(sampled.in_rows) + " such rows ";
  if (sampled.in_rows > static_cast<std::int64_t>(sampled.shots.size()))
    note += grouped(static_cast<std::int64_t>(sampled.shots.size())) +
            " were drawn by their hashes; of these ";
  note += grouped(sampled.count(ShotState::matches)) + " have their picture here, " +
          grouped(sampled.count(ShotState::missing)) + " lack it, " +
          grouped(sampled.count(ShotState::altered)) + " have another one.";
  return card(
      "On the glass",
      (figures.empty() ? "" : "<div class=\"shots\">" + figures + "</div>") +
          folded(
              "Every picture",
              table({"creative", "screen", "play began", "", "row", "picture", "SHA-256"}, rows)),
      note);
}

}  // namespace vitrine::report
