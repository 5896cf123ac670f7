#include <doctest/doctest.h>

#include <algorithm>

#include "backflow/report_page.hpp"
#include "backflow/report_queries.hpp"
#include "report/html_text.hpp"
#include "report/svg_charts.hpp"
#include "report_kit.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

Report report_of(ReportStore& kit) {
  Report report;
  report.subject = "Campaign 41";
  report.title = "Autumn coffee";
  report.made_at_s = 1'795'000'000;
  ReportScope scope;
  scope.campaign = 41;
  report.plays = *read_play_report(kit.store(), scope);
  report.goal = DeliveryGoal{DeliveryUnit::plays, 2500, kFirstDay, kFirstDay + kDays - 1};
  report.delivery = delivery(*report.goal, delivered_days(report.plays));
  const auto input = *read_chain_input(kit.store(), {});
  report.chain = told(chain_report(input.counts, input.scans, input.events));
  return report;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t times = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++times;
  return times;
}

}  // namespace

TEST_CASE("markup in names is text on the page") {
  ReportStore kit(200);
  auto report = report_of(kit);
  report.title = "<script>alert(1)</script>";
  report.about = "\"><img src=x onerror=alert(2)>";
  report.labels.creatives[101] = "</title><svg onload=alert(3)>'&";
  report.chain.rejected["<b>"] = 1;
  for (const std::string& page :
       {report_page(report), overview_page({{"a\"onclick=\".html", &report}}, report.plays, 0)}) {
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("<img") == std::string::npos);
    CHECK(page.find("<svg onload") == std::string::npos);
    CHECK(page.find("a\"onclick") == std::string::npos);
    CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
    CHECK(count(page, "<title>") == 1);
  }
}

TEST_CASE("a page needs nothing from elsewhere and says so to the browser") {
  ReportStore kit;
  kit.add_scans();
  const auto page = report_page(report_of(kit));
  for (const char* foreign : {"http:", "https:", "//", "@import", "<link", "src=", "javascript:"})
    CHECK_MESSAGE(page.find(foreign) == std::string::npos, foreign);
  CHECK(page.find("default-src 'none'") != std::string::npos);
  CHECK(count(page, "url(") == count(page, "url(#hatch)"));
  for (const std::string element : {"svg", "section", "table", "ul", "details", "main"})
    CHECK_MESSAGE(count(page, "<" + element) == count(page, "</" + element + ">"), element);
}

TEST_CASE("every promised chart is on the page of a campaign") {
  ReportStore kit;
  kit.add_scans();
  const auto page = report_page(report_of(kit));
  for (const char* heading :
       {"Plan against actual", "By hour", "By area", "By creative", "By phase", "Proof of play",
        "How contacts are known", "Not paid, by cause", "From scan to order"})
    CHECK_MESSAGE(page.find(heading) != std::string::npos, heading);
  CHECK(page.find("shown too short") != std::string::npos);
}

TEST_CASE("a figure of few persons is not in the page at all") {
  ReportStore kit(40);
  kit.add_scans();
  auto report = report_of(kit);
  const auto page = report_page(report);
  CHECK(page.find("fewer than 20 persons: hidden") != std::string::npos);
  CHECK(page.find("orders, less returns") == std::string::npos);
}

TEST_CASE("a report without anything is still a page") {
  Report report;
  report.subject = report.title = "Campaign 9";
  const auto page = report_page(report);
  CHECK(page.find("</html>") != std::string::npos);
  CHECK(page.find("Every stored play is paid") != std::string::npos);
  CHECK(page.find("nan") == std::string::npos);
}

TEST_CASE("bytes that are no text and figures of any size are written so that they can be read") {
  using namespace vitrine::report;
  CHECK(escaped("a\xff\xc3(\x01z") == "a\ufffd\ufffd( z");
  CHECK(escaped("\xed\xa0\x80") == "\ufffd\ufffd\ufffd");  // half a surrogate pair
  CHECK(escaped("咖啡 & <b>") == "咖啡 &amp; &lt;b&gt;");
  CHECK(grouped(1234567) == "1\u202f234\u202f567");
  CHECK(grouped(-999) == "-999");
  CHECK(from_milli(1234) == "1.2");
  CHECK(from_milli(9960) == "10");
  CHECK(from_milli(1'234'567) == "1\u202f235");
  CHECK(percent(1, 100'000) == "under 0.1 %");
  CHECK(percent(99'999, 100'000) == "99.9 %");
  CHECK(percent(5, 0) == "-");
  CHECK(money(-1'239'999, "EUR") == "-1.24 EUR");
  CHECK(short_number(1'250'000) == "1.2M");
  CHECK(short_number(999) == "999");
}
