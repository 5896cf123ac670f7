// Members of what servers and screens tell each other: numbers, profile, registry, connection,
// reported, push reply.
#pragma once

#include "codec/fields.hpp"
#include "protocol/documents.hpp"

namespace vitrine::codec {

template <class V>
void fields(V& v, As<V, CreativeShare>& share) {
  v("creative", share.creative);
  v("weight", share.weight);
}

template <class V>
void fields(V& v, As<V, CampaignNumbers>& numbers) {
  v("campaign", numbers.campaign);
  v("first_day", Day{numbers.first_day});
  v("goal_milli", numbers.goal_milli);
  v("price", numbers.price);
  v("phase", numbers.phase);
  v("arm", numbers.arm);
  v("creative_weight", numbers.creative_weight);
}

template <class V>
void fields(V& v, As<V, Numbers>& numbers) {
  v("schedule_version", numbers.schedule_version);
  v("schedule_sha256", numbers.schedule_sha256);
  v("campaigns", numbers.campaigns);
}

template <class V>
void fields(V& v, As<V, ProfileHour>& hour) {
  v("share", hour.share);
  v("footfall", hour.footfall);
  v("dwell_ms", hour.dwell_ms);
}

template <class V>
void fields(V& v, As<V, Profile>& profile) {
  v("area", profile.area);
  v("scene", profile.scene);
  v("venue", profile.venue);
  v("zone", profile.zone);
  v("group_system", profile.group_system);
  v("group_version", profile.group_version);
  v("n_sample", profile.n_sample);
  v("features", profile.features);
  v("hours", profile.hours);
}

template <class V>
void fields(V& v, As<V, RegisteredScreen>& screen) {
  v("screen", screen.screen);
  v("area", screen.area);
  v("zone", screen.zone);
  v("groups", screen.groups);
  v("shard", screen.shard);
  v("certificate_sha256", screen.certificate_sha256);
  v("proof_key", screen.proof_key);
  v("valid_from", screen.valid_from);
  v("valid_until", screen.valid_until);
  v("revoked", screen.revoked);
}

template <class V>
void fields(V& v, As<V, Registry>& registry) {
  v("screens", registry.screens);
}

template <class V>
void fields(V& v, As<V, Connection>& connection) {
  v("online", connection.online);
  v("boot", connection.boot);
  v("link_nonce", Hex64{connection.link_nonce});
  v("software", connection.software);
  v("identity_twice", connection.identity_twice);
}

template <class V>
void fields(V& v, As<V, ReportedDocument>& document) {
  v("kind", document.kind);
  v("audience", document.audience);
  v("version", document.version);
  v("state", document.state);
  v("error", document.error);
  v("content_bytes", document.content_bytes);
  v("content_done", document.content_done);
}

template <class V>
void fields(V& v, As<V, ReportedCreative>& creative) {
  v("sha256", creative.sha256);
  v("eligible", creative.eligible);
  v("error", creative.error);
}

template <class V>
void fields(V& v, As<V, Reported>& reported) {
  v("generation_offered", reported.generation_offered);
  v("generation_active", reported.generation_active);
  v("generation_confirmed", reported.generation_confirmed);
  v("documents", reported.documents);
  v("rejected_creatives", reported.rejected_creatives);
}

template <class V>
void fields(V& v, As<V, PushReply>& reply) {
  v("kind", reply.kind);
  v("audience", reply.audience);
  v("version", reply.version);
  v("accepted", reply.accepted);
  v("reason", reply.reason);
}

}  // namespace vitrine::codec
