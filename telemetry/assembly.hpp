// From verified documents to a generation the player can activate: fetches what is missing, waits
// for the verdicts, refuses what cannot be shown, and offers the rest. A change of settings,
// profile or numbers alone is a new generation of the same schedule. One thread; tick() never
// waits.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "content_room.hpp"
#include "fetch.hpp"
#include "generation_memory.hpp"
#include "inbox.hpp"
#include "metered_link.hpp"
#include "mqtt/transport.hpp"
#include "platform/clock.hpp"
#include "state/content_store.hpp"
#include "state/generation.hpp"
#include "takeover_offer.hpp"

namespace vitrine {

// What decides when creatives may come.
struct FetchMeans {
  MeteredLink::LocalNow local_now = [] { return std::nullopt; };
  const MeteredLink* metered = nullptr;  // null: the link costs nothing
  ContentRoom::Disk disk = disk_space;
};

class Assembly {
 public:
  using Notify = std::function<void(const std::string& code, const std::string& text)>;
  using Jitter = std::function<Micros(int attempt, Micros base, Micros cap)>;
  Assembly(StatePaths paths, Inbox& inbox, ContentFetch& fetch, const Clock& clock, Notify notify,
           Jitter jitter = backoff_with_jitter, FetchMeans means = {});

  void tick();

  // Creatives of schedules in hand that cannot be shown, each said once as an event.
  const std::vector<ReportedCreative>& rejected() const { return rejected_; }
  GenerationMemory& memory() { return memory_; }

  // Bytes of a schedule's creatives, and how many of them are here; measured every 2 s while some
  // are missing.
  struct Progress {
    std::uint64_t bytes = 0;
    std::uint64_t done = 0;
    Micros measured_at = 0;
    std::string no_room;  // why the rest does not fit
  };
  const Progress* progress(const HeldDocument& schedule) const;

 private:
  struct Fetching {
    int tries = 0;
    Micros next_try = 0;
    bool under_way = false;
    std::string error;
  };
  enum class Step { ready, waiting, refused };

  void collect_fetched();
  Step advance(HeldDocument& document);  // a schedule or a takeover
  Step fetch_missing(HeldDocument& schedule, const Settings& settings);
  Progress& measure(const HeldDocument& schedule, std::uint64_t quota);
  std::set<Hash256> kept();
  std::set<Hash256> content_of_takeovers();
  Step judge(HeldDocument& schedule, const Settings& settings);
  void reject(const Hash256& sha256, const std::string& label, const std::string& why,
              const std::string& schedule);
  void offer(HeldDocument& schedule);
  void note_rejections();

  StatePaths paths_;
  Inbox& inbox_;
  ContentFetch& fetch_;
  const Clock& clock_;
  Notify notify_;
  Jitter jitter_;
  ContentStore content_;
  GenerationStore generations_;
  TakeoverOffer takeover_;
  GenerationMemory memory_;
  ContentRoom room_;
  FetchMeans means_;
  std::set<Hash256> awaited_;                 // what the schedules in hand name
  std::map<std::string, Progress> progress_;  // by JWS
  std::map<Hash256, Fetching> fetching_;
  std::map<Hash256, std::string> broken_;  // content that will not come by itself, and why
  std::map<std::string, Micros>
      complete_at_;               // by JWS: when the last creative of that schedule was there
  std::set<std::string> judged_;  // by JWS: every verdict was there, and something can be shown
  std::vector<ReportedCreative> rejected_;
  std::set<std::uint64_t> noted_;  // generations whose rejection by the player has been dealt with
  std::string last_complaint_;
};

}  // namespace vitrine
