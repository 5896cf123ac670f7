#include "assembly.hpp"

#include <algorithm>

#include "needed.hpp"
#include "platform/crypto.hpp"
#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr Micros kFetchBase = kSecond, kFetchCap = kMinute;
constexpr Micros kMeasureEvery = 2 * kSecond;

std::string short_name(const Hash256& sha256) {
  return to_hex(sha256).substr(0, 12);
}

// A schedule and a takeover name creatives and content in the same way.
const std::vector<ContentItem>& items_of(const HeldDocument& document) {
  const auto* takeover = std::get_if<Takeover>(&document.body);
  return takeover != nullptr ? takeover->content : std::get<Schedule>(document.body).content;
}
const std::vector<Creative>& creatives_of(const HeldDocument& document) {
  const auto* takeover = std::get_if<Takeover>(&document.body);
  return takeover != nullptr ? takeover->creatives : std::get<Schedule>(document.body).creatives;
}

// The creative a piece of content belongs to, for messages.
std::string label_of(const std::vector<Creative>& creatives, const Hash256& sha256) {
  for (const Creative& creative : creatives) {
    for (const Variant& variant : creative.variants) {
      if (variant.content == sha256) return creative.label;
    }
  }
  return "";
}

}  // namespace

Assembly::Assembly(StatePaths paths, Inbox& inbox, ContentFetch& fetch, const Clock& clock,
                   Notify notify, Jitter jitter, FetchMeans means)
    : paths_(std::move(paths)),
      inbox_(inbox),
      fetch_(fetch),
      clock_(clock),
      notify_(std::move(notify)),
      jitter_(std::move(jitter)),
      content_(paths_.content()),
      generations_(paths_),
      takeover_(paths_, inbox_),
      memory_(paths_),
      room_(paths_, means.disk),
      means_(std::move(means)) {}

void Assembly::tick() {
  collect_fetched();
  note_rejections();
  takeover_.tick(inbox_.now_utc_s(),
                 [this](HeldDocument& takeover) { return advance(takeover) == Step::ready; });
  // The best schedule that is ready is offered, while a better one may still be on its way. Of an
  // audience's earlier versions only one that was offered before is worth falling back on: nothing
  // is fetched for history.
  std::set<Audience> seen;
  std::vector<HeldDocument*> in_hand;
  std::set<Hash256> awaited = content_of_takeovers();
  for (HeldDocument* schedule : inbox_.candidates(DocumentKind::schedule)) {
    const bool newest = seen.insert(schedule->header().audience).second;
    if (!newest && schedule->state != ApplyState::offered) continue;
    in_hand.push_back(schedule);
    for (const ContentItem& item : std::get<Schedule>(schedule->body).content)
      awaited.insert(item.sha256);
  }
  if (awaited != awaited_) {
    awaited_ = std::move(awaited);
    fetch_.only(awaited_);
    std::erase_if(fetching_, [&](const auto& entry) { return !awaited_.contains(entry.first); });
  }
  for (HeldDocument* schedule : in_hand) {
    if (advance(*schedule) != Step::ready) continue;
    offer(*schedule);
    break;
  }
}

void Assembly::collect_fetched() {
  for (const ContentOutcome& outcome : fetch_.finished()) {
    Fetching& state = fetching_[outcome.sha256];
    state.under_way = false;
    if (outcome.status) {
      fetching_.erase(outcome.sha256);
    } else if (outcome.status.error().code == ErrorCode::unavailable ||
               outcome.status.error().code == ErrorCode::exhausted) {
      state.error = outcome.status.error().message;
      state.next_try = clock_.boottime() + jitter_(state.tries++, kFetchBase, kFetchCap);
    } else {
      broken_[outcome.sha256] = outcome.status.error().message;
      fetching_.erase(outcome.sha256);
    }
  }
}

Assembly::Step Assembly::advance(HeldDocument& document) {
  const Settings settings = inbox_.settings();
  const Step fetched = fetch_missing(document, settings);
  return fetched == Step::ready ? judge(document, settings) : fetched;
}

Assembly::Step Assembly::fetch_missing(HeldDocument& schedule, const Settings& settings) {
  const auto& items = items_of(schedule);
  std::uint64_t total = 0;
  for (const ContentItem& item : items) total += item.size;
  if (total > settings.content_quota_bytes) {
    inbox_.refuse(schedule,
                  fmt::format("its creatives need {} bytes more than the quota of {}",
                              total - settings.content_quota_bytes, settings.content_quota_bytes));
    return Step::refused;
  }
  std::vector<const ContentItem*> missing;
  for (const ContentItem& item : items) {
    if (content_.has(item.sha256)) continue;
    if (const auto broken = broken_.find(item.sha256); broken != broken_.end()) {
      const std::string why = broken->second;
      broken_.erase(broken);  // a later schedule may ask for it again
      inbox_.refuse(schedule, why);
      return Step::refused;
    }
    missing.push_back(&item);
  }
  if (missing.empty()) {
    progress_.erase(schedule.document.jws);
    return Step::ready;
  }
  const Progress& progress = measure(schedule, settings.content_quota_bytes);
  const std::uint64_t to_come = progress.bytes - std::min(progress.bytes, progress.done);
  std::string waiting_for = settings.origins.empty()
                                ? "no settings name an origin for its creatives yet"
                                : progress.no_room;
  if (waiting_for.empty()) {
    const auto local = means_.local_now();
    const auto* body = std::get_if<Schedule>(&schedule.body);  // a takeover is needed at once
    const auto days = body == nullptr ? std::map<Hash256, std::int64_t>()
                                      : days_until_needed(*body, local ? std::optional(local->day)
                                                                       : std::nullopt);
    for (const ContentItem* item : missing) {
      Fetching& state = fetching_[item->sha256];
      if (!state.error.empty()) waiting_for = state.error;
      if (state.under_way || clock_.boottime() < state.next_try) continue;
      state.under_way = true;
      const auto needed = days.find(item->sha256);
      fetch_.want({item->sha256, item->size, item->path, settings.origins,
                   needed == days.end() ? 0 : needed->second});
    }
    if (means_.metered != nullptr) {
      if (auto why = means_.metered->reason(to_come); !why.empty()) waiting_for = std::move(why);
    }
  }
  if (schedule.error != waiting_for && !waiting_for.empty()) {
    log_warn("{} waits: {}; keeping what plays", describe(schedule.header()), waiting_for);
  }
  schedule.error = waiting_for;
  return Step::waiting;
}

Assembly::Progress& Assembly::measure(const HeldDocument& schedule, std::uint64_t quota) {
  Progress& progress = progress_[schedule.document.jws];
  const Micros now = clock_.boottime();
  if (progress.bytes != 0 && now - progress.measured_at < kMeasureEvery) return progress;
  progress = {0, 0, now, ""};
  std::set<Hash256> seen;
  for (const ContentItem& item : items_of(schedule)) {
    if (!seen.insert(item.sha256).second) continue;
    progress.bytes += item.size;
    std::error_code error;
    const auto part = fs::file_size(content_.part_of(item.sha256), error);
    progress.done += content_.has(item.sha256) ? item.size
                     : error                   ? 0
                                               : std::min<std::uint64_t>(part, item.size);
  }
  auto room = room_.make(kept(), awaited_, progress.bytes - progress.done, quota);
  if (!room) progress.no_room = std::move(room).error().message;
  return progress;
}

const Assembly::Progress* Assembly::progress(const HeldDocument& schedule) const {
  const auto known = progress_.find(schedule.document.jws);
  return known == progress_.end() ? nullptr : &known->second;
}

std::set<Hash256> Assembly::content_of_takeovers() {
  std::set<Hash256> content;
  for (const HeldDocument* takeover : inbox_.candidates(DocumentKind::takeover)) {
    for (const ContentItem& item : items_of(*takeover)) content.insert(item.sha256);
  }
  return content;
}

// What takeovers in hand and generations on the disk name: the confirmed, the tried, the newest and
// the two before it.
std::set<Hash256> Assembly::kept() {
  std::set<Hash256> kept = content_of_takeovers();
  for (const std::uint64_t number : generations_.list()) {
    const auto& creatives = memory_.creatives(number);
    kept.insert(creatives.begin(), creatives.end());
  }
  return kept;
}

Assembly::Step Assembly::judge(HeldDocument& schedule, const Settings& settings) {
  if (schedule.state == ApplyState::verified) {
    schedule.state = ApplyState::content;
    schedule.error.clear();
  }
  if (judged_.contains(schedule.document.jws)) return Step::ready;
  const Micros now = clock_.boottime();
  const Micros complete_at = complete_at_.try_emplace(schedule.document.jws, now).first->second;
  const bool too_late = now - complete_at >= Micros{settings.vet_timeout_s} * kSecond;
  const auto& creatives = creatives_of(schedule);
  const std::string named = describe(schedule.header());

  std::set<Hash256> eligible;
  std::string first_reason;
  bool waiting = false;
  for (const ContentItem& item : items_of(schedule)) {
    auto verdict = read_verdict(paths_.verdicts(), item.sha256);
    std::string why;
    if (verdict && *verdict) {
      if ((*verdict)->eligible) eligible.insert(item.sha256);
      why = (*verdict)->eligible ? "" : (*verdict)->reason;
    } else if (too_late) {
      why = "vet-timeout";
    } else {
      waiting = true;
    }
    if (why.empty()) continue;
    if (first_reason.empty()) first_reason = "creative " + short_name(item.sha256) + ": " + why;
    reject(item.sha256, label_of(creatives, item.sha256), why, named);
  }
  if (waiting) return Step::waiting;
  const bool any = std::any_of(creatives.begin(), creatives.end(), [&](const Creative& creative) {
    return std::any_of(creative.variants.begin(), creative.variants.end(),
                       [&](const Variant& variant) { return eligible.contains(variant.content); });
  });
  if (any) {
    judged_.insert(schedule.document.jws);
    return Step::ready;
  }
  inbox_.refuse(schedule, fmt::format("none of its {} creatives can be played ({})",
                                      creatives.size(), first_reason));
  return Step::refused;
}

void Assembly::reject(const Hash256& sha256, const std::string& label, const std::string& why,
                      const std::string& schedule) {
  const std::string hex = to_hex(sha256);
  for (const ReportedCreative& known : rejected_) {
    if (known.sha256 == hex && known.error == why) return;
  }
  std::erase_if(rejected_, [&](const ReportedCreative& known) { return known.sha256 == hex; });
  rejected_.push_back({hex, false, why});
  notify_("creative-rejected", fmt::format("creative {} ({}) of {} is not played: {}",
                                           short_name(sha256), label, schedule, why));
}

void Assembly::offer(HeldDocument& schedule) {
  GenerationFiles files;
  const auto body_of = [](const HeldDocument& held) {
    return held.reference ? held.document.payload : std::string();
  };
  files.schedule = schedule.document.jws;
  files.schedule_body = body_of(schedule);
  if (const auto* profile = inbox_.best(DocumentKind::profile)) {
    files.profile = profile->document.jws;
    files.profile_body = body_of(*profile);
  }
  if (const auto* settings = inbox_.best(DocumentKind::settings))
    files.settings = settings->document.jws;
  for (HeldDocument* numbers : inbox_.candidates(DocumentKind::numbers)) {
    // Numbers are solved for one schedule; with any other they would mean nothing.
    const auto& body = std::get<Numbers>(numbers->body);
    if (body.schedule_version != schedule.header().version ||
        body.schedule_sha256 != sha256(as_bytes(schedule.document.payload))) {
      numbers->error = fmt::format("they belong to schedule {}", body.schedule_version);
      continue;
    }
    numbers->error.clear();
    files.numbers = numbers->document.jws;
    files.numbers_body = body_of(*numbers);
    break;
  }

  const auto complain = [&](const Error& error) {
    if (error.message != last_complaint_)
      log_error("cannot offer {}: {}; trying again", describe(schedule.header()), error.message);
    last_complaint_ = error.message;
  };
  const auto offered = generations_.list();
  auto active = read_active(paths_);
  if (!active) return complain(active.error());
  for (const std::uint64_t number : offered) {
    // The newest one, or the one that plays, is this set already.
    if (number != offered.back() && number != active->confirmed) continue;
    const bool refused = std::find(active->rejected.begin(), active->rejected.end(), number) !=
                         active->rejected.end();
    const GenerationFiles& known = memory_.files(number);
    if (refused) continue;
    if (known.schedule == files.schedule && known.numbers == files.numbers &&
        known.profile == files.profile && known.settings == files.settings) {
      if (schedule.state != ApplyState::offered) inbox_.mark(schedule, ApplyState::offered);
      return;
    }
  }
  std::vector<Hash256> creatives;
  for (const ContentItem& item : std::get<Schedule>(schedule.body).content)
    creatives.push_back(item.sha256);
  auto number = generations_.offer(files, creatives);
  if (!number) return complain(number.error());
  last_complaint_.clear();
  log_info("generation {} is offered: {}", *number, describe(schedule.header()));
  room_.note_use(*number, creatives);
  inbox_.mark(schedule, ApplyState::offered);

  std::vector<std::uint64_t> keep = {active->confirmed, active->trying};
  for (std::size_t i = offered.size() > 2 ? offered.size() - 2 : 0; i < offered.size(); ++i)
    keep.push_back(offered[i]);
  if (auto pruned = generations_.prune(keep); !pruned) log_warn("{}", pruned.error().message);
  memory_.keep(generations_.list());
  // A quota that was lowered is kept as soon as nobody needs the rest.
  (void)room_.make(kept(), awaited_, 0, inbox_.settings().content_quota_bytes);
  const auto gone = [&](const std::string& jws) {
    return std::none_of(inbox_.documents().begin(), inbox_.documents().end(),
                        [&](const HeldDocument& held) { return held.document.jws == jws; });
  };
  std::erase_if(judged_, gone);
  std::erase_if(complete_at_, [&](const auto& entry) { return gone(entry.first); });
  std::erase_if(progress_, [&](const auto& entry) { return gone(entry.first); });
}

// The player could not show a generation and went back: what was new in it is refused, so that the
// next generation does not bring it again.
void Assembly::note_rejections() {
  auto active = read_active(paths_);
  if (!active) return;
  for (const std::uint64_t number : active->rejected) {
    if (!noted_.insert(number).second) continue;
    const GenerationFiles rejected = memory_.files(number);
    if (rejected.schedule.empty()) continue;
    const GenerationFiles good = memory_.files(active->confirmed);
    // A new schedule is the likelier culprit; refusing the settings along with it would take the
    // origins away as well.
    const bool same_schedule = rejected.schedule == good.schedule;
    for (HeldDocument& held : inbox_.documents()) {
      const std::string& jws = held.document.jws;
      if (!same_schedule && held.header().kind != DocumentKind::schedule) continue;
      const auto in = [&](const GenerationFiles& files) {
        return jws == files.schedule || jws == files.numbers || jws == files.profile ||
               jws == files.settings;
      };
      if (held.state == ApplyState::refused || !in(rejected) || in(good)) continue;
      inbox_.refuse(held, fmt::format("the player rejects generation {}: {}", number,
                                      active->rejected_reason.empty() ? "no playable slot"
                                                                      : active->rejected_reason));
    }
  }
}

}  // namespace vitrine
