// Charts as inline SVG: no script, no font, no file of elsewhere. Colours and patterns are classes
// of the page's style (report/page_frame.hpp), so that they follow dark, light and paper. What is
// modelled is hatched: it stays apart without colour, too. Parts of a bar stand beside each other
// and never on top: what was observed and what was modelled is not added up, to the eye neither.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vitrine::report {

// A part of a bar: the class that fills it.
enum class Fill { observed, modelled, plain, muted };

struct Part {
  Fill fill = Fill::plain;
  std::int64_t value = 0;  // >= 0
};

// One line of a list of bars: a name, its bar, and the figure in words. All texts are escaped here.
struct Bar {
  std::string name;
  std::vector<Part> parts;
  std::string figure;
  bool hidden = false;  // no bar: the figure says why
};
// Bars beneath each other, the longest as long as there is room.
std::string bars(const std::vector<Bar>& list);

// Columns beside each other, from 0 up, each of its parts one; every
// `label_every`-th has its name below. `unit` stands above the axis, `what` is said to who does
// not see it.
struct Column {
  std::string name;
  std::vector<Part> parts;
};
std::string columns(const std::vector<Column>& list, std::size_t label_every,
                    const std::string& unit, const std::string& what);

// What was planned as a line, what came as columns below it; both grow. `plan` < 0: no plan.
struct PlanPoint {
  std::string name;
  std::int64_t plan = -1;
  std::vector<Part> parts;
};
std::string plan_chart(const std::vector<PlanPoint>& points, const std::string& unit,
                       const std::string& what);

// One bar cut into the shares that its lines' only parts have of their sum, with a key below it.
std::string shares(const std::vector<Bar>& list);

// 1234567 -> "1.2M": for axes.
std::string short_number(std::int64_t value);

}  // namespace vitrine::report
