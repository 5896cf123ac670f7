// A screen with keys, documents and content made on the spot.
#pragma once

#include <string>
#include <vector>

#include "manual_clock.hpp"
#include "platform/crypto.hpp"
#include "player/keeper.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {

struct Screen {
  TempDirectory directory;
  StatePaths paths{directory / "state", directory / "run"};
  ManualClock clock;
  PrivateKey root = PrivateKey::generate();
  PrivateKey person = PrivateKey::generate();
  PrivateKey server = PrivateKey::generate();
  PrivateKey stranger = PrivateKey::generate();
  DeviceIdentity identity;
  ZoneTable zone;
  InputBoard board;
  GenerationStore store{paths};
  std::uint64_t trust_version = 0;

  Screen() {
    identity.screen = "lobby-1";
    identity.groups = {"lifts"};
    (void)make_state_directories(paths);
    put_trust(
        {key("operator-1", person, "operator", {DocumentKind::schedule, DocumentKind::settings}),
         key("backend-1", server, "backend", {DocumentKind::numbers, DocumentKind::profile})});
  }

  // As `vitrine enrol` leaves it, for a player in a process of its own.
  void enrol() {
    REQUIRE(write_public_key(paths.root_key(), root.public_key()));
    REQUIRE(write_private_key(paths.proof_key(), PrivateKey::generate()));
    DeviceIdentity enrolled = identity;
    enrolled.mqtt_host = "127.0.0.1";
    REQUIRE(write_atomic(paths.device_config(), write_device_identity(enrolled)));
  }

  static TrustedKey key(const std::string& id, const PrivateKey& secret, const std::string& role,
                        std::vector<DocumentKind> kinds) {
    TrustedKey made;
    made.key_id = id;
    made.public_key = secret.public_key().raw;
    made.role = role;
    made.kinds = std::move(kinds);
    made.audiences = {"*"};
    return made;
  }

  std::string sign(DocumentKind kind, std::uint64_t version, const std::string& payload,
                   const PrivateKey& with, const std::string& key_id,
                   const std::string& audience = "group/lifts") const {
    DocumentHeader header;
    header.kind = kind;
    header.audience = *Audience::parse(audience);
    header.key_id = key_id;
    header.version = version;
    header.issued_at = clock.realtime() / kSecond - 60;
    return sign_document(header, payload, with);
  }

  void put_trust(std::vector<TrustedKey> keys) {
    Trust trust;
    trust.keys = std::move(keys);
    ++trust_version;
    (void)store.put_trust(
        trust_version, sign(DocumentKind::trust, trust_version, write_trust(trust), root, "root"));
  }

  Hash256 add_content(const std::string& bytes, bool eligible = true) const {
    const Hash256 hash = sha256(as_bytes(bytes));
    (void)write_atomic(ContentStore(paths.content()).path_of(hash), bytes);
    Verdict verdict;
    verdict.sha256 = hash;
    verdict.eligible = eligible;
    verdict.reason = eligible ? "" : "no frame could be decoded";
    verdict.duration_us = 5 * kSecond;
    (void)write_verdict(paths.verdicts(), verdict);
    return hash;
  }

  // A creative for each content, ids from 1; campaign 1 shares them without date.
  static Schedule schedule_of(const std::vector<Hash256>& of) {
    Schedule schedule;
    Campaign campaign;
    campaign.id = 1;
    campaign.advertiser = 1;
    Flight flight;
    flight.last_day = days_from_civil({9999, 12, 31});
    for (const Hash256& content : of) {
      Creative creative;
      creative.id = static_cast<CreativeId>(schedule.creatives.size() + 1);
      creative.label = "creative " + std::to_string(creative.id);
      creative.length_ms = 5'000;
      creative.variants.push_back({creative.id, {}, content});
      flight.creatives.push_back({creative.id, 1});
      schedule.content.push_back({content, 64, "video/mp4", "file-" + std::to_string(creative.id)});
      schedule.creatives.push_back(creative);
    }
    campaign.flights.push_back(flight);
    schedule.campaigns.push_back(campaign);
    return schedule;
  }

  std::string signed_schedule(std::uint64_t version, const std::vector<Hash256>& of) const {
    return sign(DocumentKind::schedule, version, write_schedule(schedule_of(of)), person,
                "operator-1");
  }
  std::string signed_settings(std::uint64_t version, std::uint32_t confirm_s) const {
    Settings settings;
    settings.origins = {"https://127.0.0.1:8443"};
    settings.confirm_s = confirm_s;
    return sign(DocumentKind::settings, version, write_settings(settings), person, "operator-1");
  }
  std::uint64_t offer(const GenerationFiles& files) {
    auto number = store.offer(files, {});
    return number ? *number : 0;
  }
  std::uint64_t offer_schedule(std::uint64_t version, const std::vector<Hash256>& of) {
    return offer({signed_schedule(version, of), "", "", ""});
  }

  std::unique_ptr<Keeper> keeper() {
    auto made = std::make_unique<Keeper>(
        Keeper::Setup{clock, paths, identity, root.public_key(), zone, board});
    (void)made->begin();
    return made;
  }
  std::uint64_t in_force() const {
    const auto inputs = board.newest();
    return inputs->documents ? inputs->documents->generation : 0;
  }
  // As if the generation in force had been on the glass for so long.
  void play_for(Keeper& keeper, Micros time) {
    clock.advance(time);
    board.report({in_force(), time, kAbsent});
    keeper.tick();
  }
  // Generation 1 with two creatives, confirmed.
  std::vector<Hash256> contents;
  void confirm_first(Keeper& keeper) {
    contents = {add_content("first"), add_content("second")};
    offer_schedule(10, contents);
    keeper.tick();
    play_for(keeper, 61 * kSecond);
  }
  ActiveState active() const { return *read_active(paths); }
};

}  // namespace vitrine::testing
