// Members of the schedule's types; takeover and settings share some of them.
#pragma once

#include "codec/fields.hpp"
#include "protocol/schedule.hpp"

namespace vitrine::codec {

template <class V>
void fields(V& v, As<V, Daypart>& daypart) {
  v("weekdays", Weekdays{daypart.weekdays});
  v("from_minute", TimeOfDay{daypart.from_minute});
  v("until_minute", TimeOfDay{daypart.until_minute});
  v("except_days", Days{daypart.except_days});
  v("extra_days", Days{daypart.extra_days});
}

template <class V>
void fields(V& v, As<V, WeightedCreative>& entry) {
  v("creative", entry.creative);
  v("weight", entry.weight);
}

template <class V>
void fields(V& v, As<V, Flight>& flight) {
  v("phase", flight.phase);
  v("first_day", Day{flight.first_day});
  v("last_day", Day{flight.last_day});
  v("creatives", flight.creatives);
}

template <class V>
void fields(V& v, As<V, CampaignRules>& rules) {
  v("separation_s", rules.separation_s);
  v("hourly_cap", rules.hourly_cap);
  v("daily_cap", rules.daily_cap);
  v("exclude_categories", rules.exclude_categories);
  v("position", rules.position);
  v("daypart_end", rules.daypart_end);
}

template <class V>
void fields(V& v, As<V, QrTemplate>& qr) {
  v("url", qr.url);
  v("landing", qr.landing);
  v("targets", qr.targets);
  v("place", qr.place);
  v("size_permille", qr.size_permille);
}

template <class V>
void fields(V& v, As<V, Campaign>& campaign) {
  v("id", campaign.id);
  v("label", campaign.label);
  v("advertiser", campaign.advertiser);
  v("category", campaign.category);
  v("class", campaign.klass);
  v("currency", campaign.currency);
  v("target_groups", campaign.target_groups);
  v("max_plays_day", campaign.max_plays_day);
  v("bill_verdict", campaign.bill_verdict);
  v("weight", campaign.weight);
  v("flights", campaign.flights);
  v("dayparts", campaign.dayparts);
  v("rules", campaign.rules);
  v("qr", campaign.qr);
}

template <class V>
void fields(V& v, As<V, Variant>& variant) {
  v("id", variant.id);
  v("groups", variant.groups);
  v("content", variant.content);
}

template <class V>
void fields(V& v, As<V, Creative>& creative) {
  v("id", creative.id);
  v("label", creative.label);
  v("length_ms", creative.length_ms);
  v("muted", creative.muted);
  v("variants", creative.variants);
}

template <class V>
void fields(V& v, As<V, ContentItem>& item) {
  v("sha256", item.sha256);
  v("size", item.size);
  v("media_type", item.media_type);
  v("path", item.path);
}

template <class V>
void fields(V& v, As<V, Zone>& zone) {
  v("x", zone.x);
  v("y", zone.y);
  v("width", zone.width);
  v("height", zone.height);
}

template <class V>
void fields(V& v, As<V, Layout>& layout) {
  v("main", layout.main);
  v("ticker", layout.ticker);
  v("corner", layout.corner);
  v("ticker_text", layout.ticker_text);
  v("corner_creative", layout.corner_creative);
}

template <class V>
void fields(V& v, As<V, SyncGroup>& sync) {
  v("name", sync.name);
  v("cycle_ms", sync.cycle_ms);
  v("cycle", sync.cycle);
}

template <class V>
void fields(V& v, As<V, Schedule>& schedule) {
  v("label", schedule.label);
  v("sov_basis", schedule.sov_basis);
  v("campaigns", schedule.campaigns);
  v("creatives", schedule.creatives);
  v("content", schedule.content);
  v("house", schedule.house);
  v("layout", schedule.layout);
  v("sync", schedule.sync);
}

}  // namespace vitrine::codec
