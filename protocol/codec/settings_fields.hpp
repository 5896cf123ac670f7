// Members of settings, trust, takeover, command and its reply, and rollout order.
#pragma once

#include "codec/schedule_fields.hpp"
#include "protocol/settings.hpp"

namespace vitrine::codec {

template <class V>
void fields(V& v, As<V, Metered>& metered) {
  v("bytes_day", metered.bytes_day);
  v("hours", metered.hours);
}

template <class V>
void fields(V& v, As<V, SoftwareOrder>& software) {
  v("version", software.version);
  v("hours", software.hours);
}

template <class V>
void fields(V& v, As<V, Settings>& settings) {
  v("origins", settings.origins);
  v("batch_period_s", settings.batch_period_s);
  v("confirm_s", settings.confirm_s);
  v("vet_timeout_s", settings.vet_timeout_s);
  v("late_limit_ms", settings.late_limit_ms);
  v("content_quota_bytes", settings.content_quota_bytes);
  v("live", settings.live);
  v("experiment", settings.experiment);
  v("display_hours", settings.display_hours);
  v("metered", settings.metered);
  v("software", settings.software);
  v("extra", settings.extra);
}

template <class V>
void fields(V& v, As<V, TrustedKey>& key) {
  v("key_id", key.key_id);
  v("public_key", key.public_key);
  v("role", key.role);
  v("kinds", key.kinds);
  v("audiences", key.audiences);
  v("valid_from", key.valid_from);
  v("valid_until", key.valid_until);
  v("most_screens", key.most_screens);
}

template <class V>
void fields(V& v, As<V, Trust>& trust) {
  v("keys", trust.keys);
  v("revoked", trust.revoked);
}

template <class V>
void fields(V& v, As<V, Takeover>& takeover) {
  v("creative", takeover.creative);
  v("creatives", takeover.creatives);
  v("content", takeover.content);
  v("from_utc", takeover.from_utc);
  v("until_utc", takeover.until_utc);
  v("withdraw", takeover.withdraw);
}

template <class V>
void fields(V& v, As<V, Command>& command) {
  v("verb", command.verb);
  v("boot", command.boot);
  v("link_nonce", Hex64{command.link_nonce});
  v("stream", command.stream);
  v("log_id", Hex64{command.log_id});
  v("first", command.first);
  v("last", command.last);
}

template <class V>
void fields(V& v, As<V, CommandReply>& reply) {
  v("command", reply.command);
  v("verb", reply.verb);
  v("done", reply.done);
  v("text", reply.text);
}

template <class V>
void fields(V& v, As<V, RolloutOrder>& order) {
  v("rollout", order.rollout);
  v("kind", order.kind);
  v("version", order.version);
}

}  // namespace vitrine::codec
