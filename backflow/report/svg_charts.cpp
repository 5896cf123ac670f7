#include "report/svg_charts.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "report/html_text.hpp"

namespace vitrine::report {
namespace {

// Of the drawing, in its own units: as many as a telephone has pixels, so that text is as large
// there as the page's.
constexpr double kWidth = 380;
constexpr double kHeight = 190;
constexpr double kLeft = 38;
constexpr double kTop = 16;
constexpr double kBottom = 20;
constexpr double kFloor = kHeight - kBottom;
constexpr std::size_t kBar = 10;  // pixels

std::string_view class_of(Fill fill) {
  switch (fill) {
    case Fill::observed:
      return "observed";
    case Fill::modelled:
      return "modelled";
    case Fill::plain:
      return "plain";
    case Fill::muted:
      return "muted";
  }
  return "plain";
}

std::int64_t largest(const std::vector<Part>& parts) {
  std::int64_t most = 0;
  for (const Part& part : parts) most = std::max(most, part.value);
  return most;
}

// The next of 1, 2, 5, 10, 20 ... that is not below.
std::int64_t round_up(std::int64_t value) {
  std::int64_t ten = 1;
  for (;;) {
    for (const std::int64_t step : {1, 2, 5})
      if (step * ten >= value) return step * ten;
    if (ten > INT64_MAX / 100) return value;
    ten *= 10;
  }
}

// Grid lines and their figures; the highest value that fits is returned in `top`.
std::string axis(std::int64_t most, const std::string& unit, std::int64_t& top) {
  const std::int64_t step = round_up((std::max<std::int64_t>(most, 1) + 3) / 4);
  top = step * ((std::max<std::int64_t>(most, 1) + step - 1) / step);
  std::string svg = fmt::format("<text class=\"unit\" x=\"0\" y=\"9\">{}</text>", escaped(unit));
  for (std::int64_t value = 0; value <= top; value += step) {
    const double y =
        kFloor - (kFloor - kTop) * static_cast<double>(value) / static_cast<double>(top);
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{:.0f}\" x2=\"{:.0f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
        "<text class=\"tick\" x=\"{:.0f}\" y=\"{:.1f}\">{}</text>",
        kLeft, kWidth, y, y, kLeft - 5, y + 3.5, short_number(value));
  }
  return svg;
}

std::string side_by_side(double x, double width, const std::vector<Part>& parts, std::int64_t top) {
  std::string svg;
  const double each = width / static_cast<double>(std::max<std::size_t>(parts.size(), 1));
  for (const Part& part : parts) {
    const double height =
        (kFloor - kTop) * static_cast<double>(part.value) / static_cast<double>(top);
    if (part.value > 0)
      svg += fmt::format(
          "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
          class_of(part.fill), x, kFloor - height, each, height);
    x += each;
  }
  return svg;
}

std::string open_svg(const std::string& what) {
  return fmt::format(
      "<svg class=\"chart\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
      "aria-label=\"{}\">",
      kWidth, kHeight, escaped(what));
}

double slot_width(std::size_t count) {
  return (kWidth - kLeft) / static_cast<double>(std::max<std::size_t>(count, 1));
}

std::string name_below(double x, const std::string& name) {
  return fmt::format("<text class=\"label\" x=\"{:.1f}\" y=\"{:.0f}\">{}</text>", x, kHeight - 5,
                     escaped(name));
}

}  // namespace

std::string short_number(std::int64_t value) {
  const auto with = [&](std::int64_t unit, char letter) {
    const std::int64_t tenths = value / (unit / 10);
    return tenths % 10 == 0 ? fmt::format("{}{}", tenths / 10, letter)
                            : fmt::format("{}.{}{}", tenths / 10, tenths % 10, letter);
  };
  if (value >= 1'000'000'000) return with(1'000'000'000, 'G');
  if (value >= 1'000'000) return with(1'000'000, 'M');
  if (value >= 1'000) return with(1'000, 'k');
  return std::to_string(value);
}

std::string bars(const std::vector<Bar>& list) {
  std::int64_t most = 1;
  for (const Bar& bar : list) most = std::max(most, largest(bar.parts));
  std::string html = "<ul class=\"bars\">";
  for (const Bar& bar : list) {
    html += fmt::format("<li><span class=\"name\">{}</span>", escaped(bar.name));
    if (!bar.hidden) {
      html += fmt::format("<svg class=\"bar\" width=\"100%\" height=\"{}\" aria-hidden=\"true\">",
                          kBar * std::max<std::size_t>(bar.parts.size(), 1));
      std::size_t y = 0;
      for (const Part& part : bar.parts) {
        html += fmt::format(
            "<rect class=\"{}\" y=\"{}\" width=\"{:.2f}%\" height=\"{}\"/>", class_of(part.fill), y,
            100 * static_cast<double>(part.value) / static_cast<double>(most), kBar);
        y += kBar;
      }
      html += "</svg>";
    }
    html += fmt::format("<span class=\"figure{}\">{}</span></li>", bar.hidden ? " hidden" : "",
                        escaped(bar.figure));
  }
  return html + "</ul>";
}

std::string columns(const std::vector<Column>& list, std::size_t label_every,
                    const std::string& unit, const std::string& what) {
  std::int64_t most = 0;
  for (const Column& column : list) most = std::max(most, largest(column.parts));
  std::int64_t top = 1;
  std::string svg = open_svg(what) + axis(most, unit, top);
  const double slot = slot_width(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const double x = kLeft + slot * static_cast<double>(i);
    svg += side_by_side(x + slot * 0.12, slot * 0.76, list[i].parts, top);
    if (i % label_every == 0) svg += name_below(x + slot / 2, list[i].name);
  }
  return svg + "</svg>";
}

std::string plan_chart(const std::vector<PlanPoint>& points, const std::string& unit,
                       const std::string& what) {
  std::int64_t most = 0;
  for (const PlanPoint& point : points) most = std::max({most, largest(point.parts), point.plan});
  std::int64_t top = 1;
  std::string svg = open_svg(what) + axis(most, unit, top);
  const double slot = slot_width(points.size());
  const std::size_t label_every = std::max<std::size_t>(1, (points.size() + 6) / 7);
  std::string line;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double x = kLeft + slot * static_cast<double>(i);
    svg += side_by_side(x + slot * 0.12, slot * 0.76, points[i].parts, top);
    if (i % label_every == 0) svg += name_below(x + slot / 2, points[i].name);
    if (points[i].plan < 0) continue;
    const double y =
        kFloor - (kFloor - kTop) * static_cast<double>(points[i].plan) / static_cast<double>(top);
    // Level over its day, so that the end of a day stands over the day.
    line +=
        fmt::format("{}{:.1f},{:.1f} {:.1f},{:.1f}", line.empty() ? "" : " ", x, y, x + slot, y);
  }
  if (!line.empty()) svg += fmt::format("<polyline class=\"plan\" points=\"{}\"/>", line);
  return svg + "</svg>";
}

std::string shares(const std::vector<Bar>& list) {
  std::int64_t whole = 0;
  for (const Bar& bar : list) whole += largest(bar.parts);
  std::string svg = "<svg class=\"shares\" width=\"100%\" height=\"22\" aria-hidden=\"true\">";
  std::string key = "<ul class=\"key\">";
  double x = 0;
  std::size_t shade = 0;
  for (const Bar& bar : list) {
    const std::int64_t value = largest(bar.parts);
    const double width =
        whole > 0 ? 100 * static_cast<double>(value) / static_cast<double>(whole) : 0;
    const auto fill =
        bar.parts.empty() ? std::string("plain") : std::string(class_of(bar.parts.front().fill));
    svg += fmt::format("<rect class=\"{} shade{}\" x=\"{:.2f}%\" width=\"{:.2f}%\" height=\"22\"/>",
                       fill, shade, x, width);
    key += fmt::format(
        "<li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><rect class=\"{} shade{}\" "
        "width=\"12\" height=\"12\"/></svg> {} <b>{}</b></li>",
        fill, shade, escaped(bar.name), escaped(bar.figure));
    x += width;
    ++shade;
  }
  return svg + "</svg>" + key + "</ul>";
}

}  // namespace vitrine::report
