// What telemetry can write and the player reads.
#include <sys/stat.h>

#include <algorithm>
#include <limits>

#include "attacker/attacker.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "state/commands.hpp"
#include "state/generation.hpp"
#include "state/live.hpp"

namespace vitrine::attacker {
namespace {

constexpr Micros kPatience = 5 * kSecond;

std::string replace_payload(const std::string& jws, const std::string& with) {
  const auto first = jws.find('.');
  return jws.substr(0, first + 1) + to_base64url(as_bytes(with)) + jws.substr(jws.rfind('.'));
}

class Forger {
 public:
  explicit Forger(const Attacker& attacker) : attacker_(attacker), store_(attacker.paths) {}

  Status begin() {
    auto active = read_active(attacker_.paths);
    if (!active) return std::move(active).error();
    auto genuine = store_.read(active->confirmed);
    if (!genuine) return std::move(genuine).error();
    genuine_ = std::move(*genuine);
    auto document = parse_envelope(genuine_.files.schedule);
    if (!document) return std::move(document).error();
    header_ = document->header;
    payload_ = document->payload;
    ++header_.version;
    return ok();
  }

  Status offer(const std::string& name, const std::string& schedule) {
    GenerationFiles files = genuine_.files;
    files.schedule = schedule;
    auto number = store_.offer(files, genuine_.creatives);
    if (!number) return std::move(number).error();
    return answer_of(name, *number);
  }

  // What became of one offer, by the player's own file.
  Status answer_of(const std::string& name, std::uint64_t number) {
    std::string answer = "no answer";
    wait_for(
        attacker_.clock,
        [&] {
          const auto active = read_active(attacker_.paths);
          if (!active) return false;
          if (active->trying == number || active->confirmed == number) {
            answer = "ACCEPTED";
            return true;
          }
          const auto& rejected = active->rejected;
          if (std::find(rejected.begin(), rejected.end(), number) == rejected.end()) return false;
          answer = active->rejected_reason;
          return true;
        },
        kPatience);
    tell(name, answer);
    return ok();
  }

  std::string signed_by(const PrivateKey& key, const std::string& kid) const {
    DocumentHeader header = header_;
    header.key_id = kid;
    return sign_document(header, payload_, key);
  }

  Status generations() {
    const std::string& good = genuine_.files.schedule;
    std::string other = payload_;
    if (const auto at = other.find("demo week"); at != std::string::npos) other[at] = 'X';
    auto stolen = read_private_key(attacker_.loot / "stolen.key");
    if (!stolen) return std::move(stolen).error();
    if (auto done = offer("altered-payload", replace_payload(good, other)); !done) return done;
    if (auto done = offer("unknown-key", signed_by(PrivateKey::generate(), "operator-1")); !done)
      return done;
    if (auto done = offer("older", loot(attacker_, "older.jws")); !done) return done;
    if (auto done = offer("another-screen", loot(attacker_, "elsewhere.jws")); !done) return done;
    if (auto done = offer("nested", std::string(200'000, '[')); !done) return done;
    if (auto done = revoked_key(*stolen); !done) return done;
    if (auto done = odd_manifests(); !done) return done;
    return far_number();
  }

  // The document that revokes it is taken away, the one before is put back: under its own name,
  // and under one that looks newer.
  Status revoked_key(const PrivateKey& stolen) {
    std::vector<fs::path> trust = numbered_files(attacker_.paths.trust());
    if (trust.empty()) return fail(ErrorCode::not_found, "no trust document to take away");
    auto newest = read_text(trust.front());
    if (!newest) return std::move(newest).error();
    const std::uint64_t version = std::stoull(trust.front().filename().string());
    if (auto done = remove_file(trust.front()); !done) return done;
    for (const std::uint64_t as : {version - 1, version + 7}) {
      if (auto done = store_.put_trust(as, loot(attacker_, "trust.jws")); !done) return done;
      if (auto done = offer("revoked-key", signed_by(stolen, "stolen-1")); !done) return done;
    }
    if (auto done = remove_file(attacker_.paths.trust() / std::to_string(version + 7)); !done)
      return done;
    return store_.put_trust(version, *newest);
  }

  fs::path next_directory(std::uint64_t& number) const {
    number = genuine_.number;
    for (const std::string& name : list_directory(attacker_.paths.offered())) {
      if (name.size() < 10 && std::all_of(name.begin(), name.end(), ::isdigit))
        number = std::max<std::uint64_t>(number, std::stoull(name));
    }
    ++number;
    return attacker_.paths.offered() / std::to_string(number);
  }

  std::string manifest(const std::string& creative) const {
    return "number = 1\ncreatives = [\"" + creative + "\"]\n\n[files]\nschedule = \"" +
           to_hex(sha256(as_bytes(genuine_.files.schedule))) + "\"\n";
  }

  Status odd_manifests() {
    std::uint64_t number = 0;
    fs::path directory = next_directory(number);
    if (auto done = make_directories(directory); !done) return done;
    if (auto done = write_atomic(directory / "schedule", genuine_.files.schedule); !done)
      return done;
    if (auto done = write_atomic(directory / "manifest", manifest("../../identity/root.pub"));
        !done)
      return done;
    if (auto done = answer_of("path-as-content", number); !done) return done;

    directory = next_directory(number);
    if (auto done = make_directories(directory); !done) return done;
    if (::mkfifo((directory / "schedule").c_str(), 0640) != 0)
      return fail(ErrorCode::unavailable, "cannot make a FIFO");
    if (auto done = write_atomic(directory / "manifest", manifest("")); !done) return done;
    return answer_of("fifo", number);
  }

  // The last number there is would leave none for whoever counts on from it.
  Status far_number() {
    const std::uint64_t last = std::numeric_limits<std::int64_t>::max();
    const fs::path directory = attacker_.paths.offered() / std::to_string(last);
    if (auto done = make_directories(directory); !done) return done;
    if (auto done = write_atomic(directory / "schedule", genuine_.files.schedule); !done)
      return done;
    if (auto done = write_atomic(directory / "manifest", manifest("")); !done) return done;
    attacker_.clock.sleep_until(attacker_.clock.boottime() + kSecond);
    tell("last-number", "offered");
    return ok();
  }

  Status takeovers() {
    const auto stranger = PrivateKey::generate();
    const std::string one = loot(attacker_, "takeover.jws");
    auto document = parse_envelope(one);
    if (!document) return std::move(document).error();
    DocumentHeader header = document->header;
    ++header.version;
    const std::string forged = sign_document(header, document->payload, stranger);
    auto twice = countersign_document(one, "takeover-2", stranger);
    if (!twice) return std::move(twice).error();
    for (const std::string& jws : {one, forged, *twice}) {
      if (auto done = store_.put_takeover(jws); !done) return done;
      attacker_.clock.sleep_until(attacker_.clock.boottime() + kSecond);
    }
    tell("takeovers", "3 offered");
    return ok();
  }

  Status commands() {
    Command command;
    command.verb = CommandVerb::restart;
    command.boot = attacker_.clock.boot_id();
    DocumentHeader header{DocumentKind::command,
                          {Audience::Kind::screen, attacker_.identity.screen},
                          "operator-1",
                          999,
                          attacker_.clock.realtime() / kSecond,
                          0};
    const std::string json = write_command(command);
    for (const std::string& jws :
         {sign_document(header, json, PrivateKey::generate()), std::string("restart")}) {
      auto number = write_player_command(attacker_.paths, jws);
      if (!number) return std::move(number).error();
      std::optional<PlayerAnswer> answer;
      wait_for(
          attacker_.clock,
          [&] { return (answer = read_player_answer(attacker_.paths, *number)).has_value(); },
          kPatience);
      tell("command", !answer ? "no answer" : (answer->done ? "OBEYED " : "no: ") + answer->text);
    }
    return ok();
  }

  // The bytes of one creative in another's place: as a new file, and in the old one.
  Status content() {
    std::vector<Hash256> present;
    for (const Hash256& hash : genuine_.creatives) {
      if (fs::exists(attacker_.paths.content() / to_hex(hash))) present.push_back(hash);
    }
    if (present.size() < 3) return fail(ErrorCode::not_found, "fewer than three files of content");
    const auto file = [&](std::size_t i) { return attacker_.paths.content() / to_hex(present[i]); };
    auto body = read_file(file(2), 1u << 30);
    if (!body) return std::move(body).error();
    if (auto done = write_atomic(file(0), *body); !done) return done;
    if (auto done = overwrite_in_place(file(1), *body); !done) return done;
    tell("content", to_hex(present[0]).substr(0, 12) + " " + to_hex(present[1]).substr(0, 12));
    return ok();
  }

  // First no file but a pipe that never says anything, then a time that is hours from the true
  // one: that is telemetry's to say, and changes no more than which hour it is taken for.
  Status clock() {
    if (auto done = remove_file(attacker_.paths.clock()); !done) return done;
    if (::mkfifo(attacker_.paths.clock().c_str(), 0640) != 0)
      return fail(ErrorCode::unavailable, "cannot make a FIFO");
    attacker_.clock.sleep_until(attacker_.clock.boottime() + 2 * kSecond);
    const auto& clock = attacker_.clock;
    ClockState state;
    state.trust = ClockTrust::trusted;
    state.source = "ntp";
    state.written_at = clock.boottime();
    state.utc_minus_boottime_us = clock.realtime() - clock.boottime() + 2 * kHour;
    auto written = write_clock_state(attacker_.paths, state);
    tell("clock", "two hours ahead");
    return written;
  }

 private:
  const Attacker& attacker_;
  GenerationStore store_;
  Generation genuine_;
  DocumentHeader header_;
  std::string payload_;
};

}  // namespace

Status forge_files(const Attacker& attacker) {
  Forger forger(attacker);
  for (auto attack : {&Forger::begin, &Forger::clock, &Forger::generations, &Forger::takeovers,
                      &Forger::commands, &Forger::content}) {
    if (auto done = (forger.*attack)(); !done) return done;
  }
  return ok();
}

}  // namespace vitrine::attacker
