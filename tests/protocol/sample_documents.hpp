// Documents the tests start from and then spoil.
#pragma once

#include <string>

namespace vitrine::testing {

// Every member present, in the canonical form the writer gives.
inline const std::string kHashA(64, 'a');

inline std::string sample_schedule() {
  return R"({"campaigns":[{"advertiser":7,"bill_verdict":"three-quarters","category":"drinks","class":"share",)"
         R"("currency":"avg","dayparts":[{"except_days":["2026-12-24"],"extra_days":[],"from_minute":"08:00",)"
         R"("until_minute":"24:00","weekdays":["mon","fri"]}],"flights":[{"creatives":[{"creative":1,"weight":3}],)"
         R"("first_day":"2026-11-21","last_day":"2026-12-31","phase":"warm-up"}],"id":41,"label":"Tea 茶",)"
         R"("max_plays_day":200,"qr":{"landing":"coupon","place":"top-left","size_permille":300,"targets":["https://shop.example/"],)"
         R"("url":"https://qr.example/{token}"},"rules":{"daily_cap":0,"daypart_end":"cut","exclude_categories":["coffee"],)"
         R"("hourly_cap":10,"position":"any","separation_s":60},"target_groups":[0,3],"weight":2}],)"
         R"("content":[{"media_type":"video/mp4","path":"content/)" +
         kHashA + R"(","sha256":")" + kHashA + R"(","size":1000}],)" +
         R"("creatives":[{"id":1,"label":"","length_ms":15000,"muted":false,"variants":[{"content":")" +
         kHashA +
         R"(","groups":[],"id":1}]}],"house":[1],"label":"demo","layout":{"corner":{"height":0,"width":0,"x":0,"y":0},)"
         R"("corner_creative":0,"main":{"height":1000,"width":1000,"x":0,"y":0},"ticker":{"height":0,"width":0,"x":0,"y":0},)"
         R"("ticker_text":""},"sov_basis":"plays","sync":{"cycle":[1],"cycle_ms":30000,"name":"lifts"}})";
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  return at == std::string::npos ? text + " (nothing to replace)"
                                 : text.replace(at, from.size(), to);
}

}  // namespace vitrine::testing
