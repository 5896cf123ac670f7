#include "report/page_frame.hpp"

#include "report/html_text.hpp"

namespace vitrine::report {
namespace {

// Colours with a contrast of at least 4.5 for text and 3 for what is drawn, in both lights.
constexpr auto kStyle = R"css(
:root{color-scheme:light dark;--paper:#f5f6f8;--card:#fff;--ink:#1b2027;--soft:#59636f;--line:#dde1e6;
--observed:#0b62c4;--modelled:#c2560a;--plain:#3a4a5c;--muted:#98a3af;--plan:#1b2027;--warn:#9a4a00}
@media(prefers-color-scheme:dark){:root{--paper:#12161b;--card:#1b2128;--ink:#e8ebee;--soft:#a3aeb9;--line:#323b45;
--observed:#62a8f5;--modelled:#f0995a;--plain:#a9b8c7;--muted:#66727e;--plan:#fff;--warn:#f5b26b}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:20px 16px 48px}
a{color:var(--observed)}
header h1{font-size:1.7rem;line-height:1.2;margin:0;overflow-wrap:anywhere}
header p{margin:.3rem 0 0;color:var(--soft)}
.eyebrow{text-transform:uppercase;letter-spacing:.07em;font-size:.78rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0}
.tile,.card{background:var(--card);border:1px solid var(--line);border-radius:10px}
.tile{padding:12px 14px}
.tile b{display:block;font-size:1.3rem;line-height:1.25;font-variant-numeric:tabular-nums;font-weight:650}
.tile span{color:var(--soft);font-size:.85rem;display:block;line-height:1.35}
.cards{columns:420px 2;column-gap:14px}
.card{padding:14px 16px 12px;margin:0 0 14px;break-inside:avoid}
.card h2{font-size:1.05rem;margin:0 0 8px}
.note{color:var(--soft);font-size:.85rem;margin:8px 0 0}
.chart{width:100%;height:auto;display:block;overflow:visible}
.chart text{fill:var(--soft);font-size:11.5px;font-variant-numeric:tabular-nums}
.chart .tick{text-anchor:end}.chart .label{text-anchor:middle}
.grid{stroke:var(--line);stroke-width:1}
.plan{fill:none;stroke:var(--plan);stroke-width:1.8;stroke-dasharray:5 3}
.observed{fill:var(--observed)}.modelled{fill:url(#hatch)}.plain{fill:var(--plain)}.muted{fill:var(--muted)}
.plain.shade1{opacity:.68}.plain.shade2{opacity:.42}.plain.shade3{opacity:.22}
ul{list-style:none;margin:0;padding:0}
.bars{display:grid;grid-template-columns:minmax(84px,34%) 1fr auto;gap:7px 10px;align-items:center}.bars li{display:contents}
.bars .name{overflow-wrap:anywhere;line-height:1.25;font-size:.92rem}
.figure{font-variant-numeric:tabular-nums;font-size:.92rem;text-align:right;white-space:nowrap}
.bars .hidden{grid-column:2/-1;color:var(--soft);text-align:left;white-space:normal}
.bar,.shares{display:block;border-radius:3px;background:var(--line)}
.bar{overflow:hidden}.shares{overflow:hidden;margin:2px 0 10px}
.key{margin-top:8px;display:flex;flex-wrap:wrap;gap:4px 18px;font-size:.9rem;color:var(--soft)}
.key b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
.key svg{vertical-align:-1px;border-radius:2px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:5px 10px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left;white-space:normal;padding-left:0}
th{color:var(--soft);font-weight:600}
details{margin-top:10px;font-size:.9rem}summary{cursor:pointer;color:var(--soft)}
.warn{color:var(--warn)}
.shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px}
figure{margin:0;break-inside:avoid}figure img{width:100%;height:auto;display:block;border-radius:6px}
figcaption{font-size:.8rem;color:var(--soft);line-height:1.35;margin-top:4px;overflow-wrap:anywhere}
footer{color:var(--soft);font-size:.85rem;margin-top:24px;border-top:1px solid var(--line);padding-top:12px}
footer dt{font-weight:600;color:var(--ink)}footer dd{margin:0 0 6px}
@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--observed:#0b62c4;--modelled:#b04c05;
--plain:#333;--muted:#888;--plan:#000;--warn:#7a3b00}body{font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:none;padding:0}.cards{columns:2}.tiles{grid-template-columns:repeat(4,1fr)}
details{display:none}a{color:inherit;text-decoration:none}}
@page{margin:14mm}
)css";

// Once a page; hatched, so that what is modelled is told apart on grey paper as well.
constexpr auto kPatterns =
    "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>"
    "<pattern id=\"hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
    "patternTransform=\"rotate(45)\"><rect width=\"5\" height=\"5\" "
    "style=\"fill:var(--modelled);opacity:.28\"/><rect width=\"2.4\" height=\"5\" "
    "style=\"fill:var(--modelled)\"/></pattern></defs></svg>";

}  // namespace

std::string page(const std::string& title, const std::string& body) {
  return std::string(
             "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
             "style-src 'unsafe-inline'; img-src data:\">"
             "<meta name=\"referrer\" content=\"no-referrer\">"
             "<title>") +
         escaped(title) + "</title><style>" + kStyle + "</style></head><body>" + kPatterns +
         "<main>" + body + "</main></body></html>\n";
}

std::string card(const std::string& heading, const std::string& content, const std::string& note) {
  return "<section class=\"card\"><h2>" + escaped(heading) + "</h2>" + content +
         (note.empty() ? "" : "<p class=\"note\">" + note + "</p>") + "</section>";
}

std::string method_key() {
  return "<ul class=\"key\"><li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><rect "
         "class=\"observed\" width=\"12\" height=\"12\"/></svg> observed by cameras</li><li><svg "
         "width=\"12\" height=\"12\" aria-hidden=\"true\"><rect class=\"modelled\" width=\"12\" "
         "height=\"12\"/></svg> modelled from area profiles</li></ul>";
}

}  // namespace vitrine::report
