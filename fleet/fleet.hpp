// Many screens against a real broker and ingest, in one thread: connects them all, plays their
// prepared logs at a chosen speed, and waits until everything is acknowledged.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mqtt/transport_poller.hpp"
#include "platform/service.hpp"
#include "process_cost.hpp"
#include "screen.hpp"

namespace vitrine::fleet {

// A process whose cost is told, or one thread of it, which is then not counted in its process's.
struct Watched {
  std::string name;
  pid_t pid = 0;
  std::string thread;  // empty: the process
};

struct FleetOptions {
  std::string host = "127.0.0.1";
  int port = 8883;
  std::size_t screens = 20;
  double seconds = 10;  // of play
  // Plays come this many times faster than one in 15 s, spread evenly over the fleet. 0: as fast as
  // acks allow, with `in_flight` batches of the whole fleet on their way.
  double speedup = 1;
  std::size_t in_flight = 1000;
  // Batches a screen closes at a time: more than one is what an outage leaves behind.
  std::size_t burst = 1;
  std::size_t batches = 0;      // prepared for each screen; 0: what `seconds` at `speedup` need
  std::size_t handshakes = 50;  // connections begun at the same time
  Micros connect_limit = 5 * kMinute;
  Micros drain_limit = kMinute;  // for acks after the last play
  // Directory of the outboxes, best on tmpfs: three descriptors a screen. Empty: in memory, for
  // which no limit of descriptors is reached.
  fs::path outboxes;
  std::vector<Watched> watched;  // whose cost is read
};

// The cost of the watched processes, in their order, and of the fleet itself, last.
using Costs = std::vector<ProcessCost>;

// What is known at a moment. Counts are of the whole run, times of the batches acknowledged since
// the moment before.
struct Moment {
  const char* phase = "";
  double at_s = 0;  // since the phase began
  std::int64_t connected = 0;
  std::int64_t played = 0;  // plays handed to the screens' telemetry
  std::int64_t sent = 0;    // plays published, resent ones included
  std::int64_t acked = 0;   // plays
  double behind_s = 0;      // how late the fleet itself is with handing out plays
  Micros ack_p50 = 0, ack_p95 = 0;
  Costs costs;
};

struct Summary {
  std::size_t screens = 0;
  // Set-up.
  std::size_t prepared_rows = 0;
  double prepare_cpu_s = 0;  // rows, chain, and a signature a batch
  double sign_us = 0;        // CPU of one signature, as a player makes for every row
  // Connecting.
  double connect_s = 0;
  std::int64_t attempts = 0, losses = 0;
  Costs connect_costs;  // cpu_s of this phase; rss at its end
  // Playing, from the first play to the last ack.
  double play_s = 0;
  std::int64_t plays = 0, acked_plays = 0;
  std::int64_t batches = 0, resent_batches = 0, batch_bytes = 0, refused = 0;
  Micros ack_p50 = 0, ack_p95 = 0, ack_p99 = 0;
  Costs play_costs;
  double acked_per_s() const { return play_s > 0 ? static_cast<double>(acked_plays) / play_s : 0; }
};

class Fleet {
 public:
  // Makes and signs the logs and opens the outboxes. Installation, clock and stop outlive it.
  static Result<std::unique_ptr<Fleet>> open(const Installation& installation, FleetOptions options,
                                             const Clock& clock, const StopSignal& stop);

  // Told once a second.
  void on_moment(std::function<void(const Moment&)> handler) { moment_ = std::move(handler); }
  // Connects, plays, waits for the acks, says good-bye. An error when the screens cannot connect;
  // plays without an ack show in the summary.
  Result<Summary> run();

 private:
  Fleet(FleetOptions options, const Clock& clock, const StopSignal& stop)
      : options_(std::move(options)), clock_(clock), stop_(stop) {}
  Status make_screens(const Installation& installation);
  Status connect();
  void play(Screen& screen);  // its next burst
  void play_by_time();
  void play_by_acks();
  void drain();
  void turn(Micros wait);
  void begin_phase(const char* name);
  void tell_moment();
  void look_after_links();
  Costs costs() const;
  std::size_t batches_each() const;
  Micros burst_every() const;
  std::int64_t batches_waiting() const;

  FleetOptions options_;
  const Clock& clock_;
  const StopSignal& stop_;
  Traffic traffic_;
  std::unique_ptr<TransportPoller> poller_;
  std::vector<std::unique_ptr<Screen>> screens_;
  std::size_t started_ = 0;  // screens that may connect
  std::function<void(const Moment&)> moment_;

  const char* phase_ = "";
  Micros phase_began_ = 0;
  Micros next_moment_ = 0;
  Micros behind_ = 0;
  std::int64_t played_batches_ = 0, acked_batches_ = 0;
  Micros last_ack_ = 0;
  std::vector<Micros> ack_times_;  // of the whole run
  std::size_t ack_times_told_ = 0;
  Summary summary_;
};

// The value below which that share of them lies; 0 without any. Reorders.
Micros quantile(std::vector<Micros>& values, double share);

}  // namespace vitrine::fleet
