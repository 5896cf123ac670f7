#include "operator/check_state.hpp"

#include <spdlog/fmt/fmt.h>

#include "state/content_store.hpp"
#include "state/exposure_log.hpp"
#include "state/generation.hpp"

namespace vitrine::op {
namespace {

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

class StateChecker {
 public:
  explicit StateChecker(const StatePaths& paths) : paths_(paths) {
    // What is elsewhere than a screen has it is a copy, and nobody is writing to it.
    std::error_code error;
    live_ = fs::equivalent(paths.root, StatePaths().root, error);
  }

  StateCheck run() {
    check_identity();
    check_plays();
    check_exposures();
    if (const LogPlace outbox = place(paths_.outbox_log()); is_there(outbox.file))
      note(check_log(outbox), outbox.file);
    check_generations();
    check_active();
    check_content();
    return std::move(check_);
  }

 private:
  LogPlace place(const LogPlace& running) const {
    return live_ && is_there(running.beside.string() + "-shm") ? running : LogPlace(running.file);
  }

  void fault(const std::string& text) { check_.faults.push_back(text); }
  void note(const Status& status, const fs::path& of) {
    if (!status) fault(std::move(status).error().context(of.string()).message);
  }

  void check_identity() {
    if (!is_there(paths_.device_config())) return;
    if (auto identity = read_device_identity(paths_); identity)
      screen_ = identity->screen;
    else
      fault(identity.error().message);
    if (auto key = read_private_key(paths_.proof_key()); key)
      proof_key_ = key->public_key();
    else if (key.error().code != ErrorCode::denied)
      fault(key.error().message);
  }

  void check_plays() {
    const LogPlace plays = place(paths_.plays_log());
    if (!is_there(plays.file)) return;
    if (auto whole = check_log(plays); !whole) return note(whole, plays.file);
    auto record = read_log_record(plays);
    if (!record) {
      if (record.error().code != ErrorCode::not_found) fault(record.error().message);
      return;
    }
    check_.plays = record->log.plays.size();
    ChainCheck chain = check_chain(*record, screen_, proof_key_, 0, check_.plays - 1);
    check_.signatures = chain.signatures;
    for (const std::string& text : chain.faults) fault(plays.file.string() + ": " + text);
  }

  void check_exposures() {
    const LogPlace log = place(paths_.exposure_log());
    if (!is_there(log.file)) return;
    if (auto whole = check_log(log); !whole) return note(whole, log.file);
    auto reader = ExposureLogReader::open(log);
    if (!reader) return;  // no table yet: a log that was just begun
    for (std::uint64_t after = 0;;) {
      auto rows = reader->exposures_after(after);
      if (!rows) return fault(rows.error().message);
      if (rows->empty()) return;
      check_.exposures += rows->size();
      after = rows->back().seq;
    }
  }

  void check_generations() {
    const GenerationStore store(paths_);
    for (const std::uint64_t number : store.list()) {
      auto generation = store.read(number);
      if (generation)
        ++check_.generations;
      else
        fault(generation.error().message);
    }
  }

  // What plays, or is tried, has to be there whole.
  void check_active() {
    auto active = read_active(paths_);
    if (!active) return fault(active.error().message);
    for (const std::uint64_t number : {active->confirmed, active->trying}) {
      if (number == 0) continue;
      auto generation = GenerationStore(paths_).read(number);
      if (!generation) {
        fault(generation.error().context("generation in force").message);
        continue;
      }
      if (number == active->confirmed && active->confirmed_digest != Hash256{} &&
          digest_of(generation->files) != active->confirmed_digest)
        fault(fmt::format("generation {} is not the one that was confirmed", number));
      for (const Hash256& creative : generation->creatives) {
        if (!ContentStore(paths_.content()).has(creative))
          fault(fmt::format("generation {} names {}, which is not there", number,
                            ContentStore(paths_.content()).path_of(creative).string()));
      }
    }
  }

  // Under a hash there is nothing but its bytes (docs/contracts.md, "Files on the device").
  void check_content() {
    for (const std::string& name : list_directory(paths_.content())) {
      const auto named = hash_from_hex(name);
      if (!named) continue;  // a part, or what was set aside
      const fs::path path = paths_.content() / name;
      auto hash = sha256_of_file(path);
      if (!hash)
        fault(hash.error().message);
      else if (*hash != *named)
        fault(path.string() + " holds other bytes than its name says");
      else
        ++check_.creatives;
    }
  }

  const StatePaths& paths_;
  bool live_ = false;
  ScreenId screen_;
  std::optional<PublicKey> proof_key_;
  StateCheck check_;
};

}  // namespace

Result<StateCheck> check_state(const StatePaths& paths) {
  std::error_code error;
  if (!fs::is_directory(paths.root, error))
    return fail(ErrorCode::not_found, paths.root.string() + " is no directory");
  return StateChecker(paths).run();
}

std::string check_state_text(const StateCheck& check) {
  std::string text;
  for (const std::string& line : check.faults) text += line + "\n";
  text += fmt::format(
      "plays {}, signatures checked {}, exposures {}, generations {}, creatives {}: {}\n",
      check.plays, check.signatures, check.exposures, check.generations, check.creatives,
      check.intact() ? "intact" : "DAMAGED");
  return text;
}

}  // namespace vitrine::op
