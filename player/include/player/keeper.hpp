// Keeps the player's inputs true: reads what telemetry offers, checks all of it again, tries the
// newest generation, confirms it or falls back. Whatever is wrong with an offer, the screen goes on
// with what it had, and one line says so.
//
// The promises (docs/contracts.md, "Files on the device"): `trying` is on disk, fsynced, before the
// first slot of a new generation; the floors rise only when it is confirmed; two starts that did
// not end in a confirmation, or a minute with nothing to show, reject it. What was confirmed is on
// record with its digest and goes on whatever becomes of the keys that signed it: no revocation,
// no lost trust document and no date leaves a screen dark. Everything else asks its key again under
// each new trust document.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "platform/clock.hpp"
#include "platform/crypto.hpp"
#include "player/content_watch.hpp"
#include "player/inputs.hpp"
#include "state/generation.hpp"
#include "state/live.hpp"
#include "state/trust_file.hpp"

namespace vitrine {

class Keeper {
 public:
  struct Setup {
    const Clock& clock;
    StatePaths paths;
    DeviceIdentity identity;
    PublicKey root_key;
    ZoneTable zone;
    InputBoard& board;
    // Takes out what may not be shown for the player's own reasons; never of a generation on trial,
    // which may be the cure. May be null.
    std::function<void(PlayInputs&)> restrict = {};
  };
  explicit Keeper(Setup setup);
  ~Keeper();  // as stop()

  // At the player's start, before anything is shown: counts the start, loads the confirmed
  // generation or, if one was being tried, tries it once more. Works without any network, and where
  // player/active cannot be written, with what it said last: then nothing new is tried.
  void begin();
  // One look at everything; the thread does this every 250 ms, tests do it by hand.
  void tick();

  void start();
  // Ends the thread. A generation being tried is not blamed for a stop that was asked for.
  void stop();

  const ActiveState& state() const { return state_; }  // by the thread that ticks

 private:
  void look_for_trust();
  void look_for_takeover();
  void watch_trial();
  void look_for_offer();
  void publish();

  const std::shared_ptr<const ActiveDocuments>& in_force() const {
    return trying_ ? trying_ : confirmed_;
  }
  const WatchedContent& content_of_inputs(const PlayInputs& inputs);
  DocumentRules rules(std::int64_t now_utc_s) const;
  std::int64_t now_utc_s() const;
  // Documents of a generation, checked, with something that can be shown.
  Result<std::shared_ptr<const ActiveDocuments>> load(std::uint64_t number, bool new_offer);
  void try_generation(std::uint64_t number, std::uint32_t attempts);
  void confirm();
  void fall_back(const std::string& why);
  void reject(std::uint64_t number, const std::string& line);
  bool save();
  KnownClock read_clock() const;
  std::uint32_t read_live_q4(const KnownClock& clock) const;

  Setup setup_;
  GenerationStore store_;
  VersionFloors floors_;
  ContentWatch content_;
  ActiveState state_;

  std::optional<HeldTrust> trust_;
  std::string trust_seen_;  // the newest document as it lay there, and how many there were
  std::string takeover_jws_;
  std::shared_ptr<const ActiveTakeover> takeover_;
  std::shared_ptr<const ActiveDocuments> confirmed_;
  std::shared_ptr<const ActiveDocuments> trying_;
  std::int64_t newest_iat_ = 0;
  std::uint64_t looked_at_ = 0;  // newest offer that was judged already
  std::uint64_t denied_ =
      0;  // refused for its signature or audience: a newer trust document may allow it
  std::shared_ptr<const ActiveDocuments> content_for_;  // what content_found_ was looked up for
  std::shared_ptr<const ActiveTakeover> content_takeover_;
  WatchedContent content_found_;
  Micros content_looked_at_ = kAbsent;
  std::string unwritten_;  // last failure to write player/active, logged once
  bool waiting_for_trust_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vitrine
