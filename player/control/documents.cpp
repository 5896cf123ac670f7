#include "player/documents.hpp"

#include <algorithm>

#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/reference.hpp"

namespace vitrine {
namespace {

std::string named(const DocumentHeader& header) {
  return std::string(name_of(header.kind)) + " " + std::to_string(header.version);
}

bool is_for(const Audience& audience, const DeviceIdentity& identity) {
  if (audience.kind == Audience::Kind::screen) return audience.name == identity.screen;
  const auto& groups = identity.groups;
  return std::find(groups.begin(), groups.end(), audience.name) != groups.end();
}

// First the signature, then the hash it vouches for, then the body.
Result<SignedDocument> check_one(const std::string& jws, const std::string& body, DocumentKind kind,
                                 const DocumentRules& rules) {
  const auto known = [&](const ActiveDocuments& before) {
    const auto& texts = before.signed_texts;
    return std::find(texts.begin(), texts.end(), sha256(as_bytes(jws))) != texts.end();
  };
  const bool timeless = rules.before != nullptr && known(*rules.before);
  auto document = rules.confirmed ? parse_envelope(jws)
                                  : verify_document(jws, kind, rules.trust,
                                                    timeless ? kNoClock : rules.now_utc_s);
  if (!document) return document;
  if (auto put = put_body(*document, body); !put) return std::move(put).error();
  const DocumentHeader& header = document->header;
  if (header.kind != kind)
    return fail(ErrorCode::invalid,
                named(header) + ": a " + std::string(name_of(kind)) + " was expected");
  if (!is_for(header.audience, rules.identity)) {
    return fail(ErrorCode::denied, named(header) + ": meant for " + header.audience.text() +
                                       ", this is screen/" + rules.identity.screen);
  }
  const std::uint64_t floor = rules.floors.get(kind, header.audience);
  if (header.version < floor) {
    return fail(ErrorCode::stale, named(header) + ": older version, " + std::to_string(floor) +
                                      " was confirmed already");
  }
  return document;
}

// Verified, parsed by `read`, noted in `into`; `sha256_of` receives the hash of the document's
// text.
template <class T>
Result<T> take(const std::string& jws, const std::string& body, DocumentKind kind,
               Result<T> (*read)(std::string_view), const DocumentRules& rules,
               ActiveDocuments& into, std::uint64_t& version, Hash256* sha256_of = nullptr) {
  auto document = check_one(jws, body, kind, rules);
  if (!document) return std::move(document).error();
  const DocumentHeader& header = document->header;
  auto parsed = read(document->payload);
  if (!parsed) return std::move(parsed).error().context(named(header));
  version = header.version;
  into.marks.push_back({kind, header.audience, header.version});
  into.newest_iat = std::max(into.newest_iat, header.issued_at);
  if (sha256_of != nullptr) *sha256_of = sha256(as_bytes(document->payload));
  into.signed_texts.push_back(sha256(as_bytes(jws)));
  return parsed;
}

bool in_schedule(const Campaign& campaign, CreativeId creative) {
  for (const Flight& flight : campaign.flights) {
    for (const WeightedCreative& entry : flight.creatives) {
      if (entry.creative == creative) return true;
    }
  }
  return false;
}

// The signed schedule bounds the numbers: they name nothing it does not hold and ask for no more
// than it allows.
Status check_numbers(const ActiveDocuments& documents, const Hash256& schedule_sha256,
                     const ActiveDocuments* before) {
  const Numbers& numbers = *documents.numbers;
  const std::string name = "numbers " + std::to_string(documents.numbers_version);
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::invalid, name + ": " + why);
  };
  if (numbers.schedule_version != documents.schedule_version ||
      numbers.schedule_sha256 != schedule_sha256) {
    return refuse("they belong to schedule " + std::to_string(numbers.schedule_version) + " (" +
                  to_hex(numbers.schedule_sha256).substr(0, 12) + "), not to " +
                  std::to_string(documents.schedule_version) + " (" +
                  to_hex(schedule_sha256).substr(0, 12) + ")");
  }
  for (const CampaignNumbers& entry : numbers.campaigns) {
    const std::string who = "campaign " + std::to_string(entry.campaign);
    const Campaign* campaign = documents.schedule.campaign(entry.campaign);
    if (campaign == nullptr) return refuse(who + " is not in the schedule");
    for (const CreativeShare& share : entry.creative_weight) {
      if (!in_schedule(*campaign, share.creative)) {
        return refuse(who + " has no creative " + std::to_string(share.creative));
      }
    }
    const std::uint64_t most = std::uint64_t{campaign->max_plays_day} * 1000;
    for (const std::uint32_t goal : entry.goal_milli) {
      if (most != 0 && goal > most) {
        return refuse(who + " asks for " + std::to_string(goal) +
                      " milli-plays a day, the schedule allows " + std::to_string(most));
      }
    }
    if (before == nullptr || !before->numbers) continue;
    for (const CampaignNumbers& earlier : before->numbers->campaigns) {
      if (earlier.campaign == entry.campaign && earlier.arm != Arm::none &&
          earlier.arm != entry.arm) {
        return refuse(who + " changes its arm during the flight");
      }
    }
  }
  return ok();
}

}  // namespace

Result<ActiveDocuments> check_documents(const Generation& generation, const DocumentRules& rules) {
  ActiveDocuments documents;
  documents.generation = generation.number;
  const GenerationFiles& files = generation.files;

  Hash256 schedule_sha256{};
  auto schedule = take(files.schedule, files.schedule_body, DocumentKind::schedule, &read_schedule,
                       rules, documents, documents.schedule_version, &schedule_sha256);
  if (!schedule) return std::move(schedule).error();
  documents.schedule = std::move(*schedule);

  if (!files.settings.empty()) {
    std::uint64_t version = 0;
    auto settings =
        take(files.settings, "", DocumentKind::settings, &read_settings, rules, documents, version);
    if (!settings) return std::move(settings).error();
    documents.settings = std::move(*settings);
  }
  if (!files.profile.empty()) {
    auto profile = take(files.profile, files.profile_body, DocumentKind::profile, &read_profile,
                        rules, documents, documents.profile_version);
    if (!profile) return std::move(profile).error();
    documents.profile = std::move(*profile);
  }
  if (!files.numbers.empty()) {
    auto numbers = take(files.numbers, files.numbers_body, DocumentKind::numbers, &read_numbers,
                        rules, documents, documents.numbers_version);
    if (!numbers) return std::move(numbers).error();
    documents.numbers = std::move(*numbers);
    if (auto checked = check_numbers(documents, schedule_sha256, rules.before); !checked) {
      return std::move(checked).error();
    }
  }
  return documents;
}

Result<ActiveTakeover> check_takeover(const std::string& jws, const DocumentRules& rules) {
  auto document = check_one(jws, "", DocumentKind::takeover, rules);
  if (!document) return std::move(document).error();
  const DocumentHeader& header = document->header;
  auto takeover = read_takeover(document->payload);
  if (!takeover) return std::move(takeover).error().context(named(header));
  return ActiveTakeover{std::move(*takeover),
                        {DocumentKind::takeover, header.audience, header.version},
                        header.issued_at};
}

}  // namespace vitrine
