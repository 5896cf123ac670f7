// What a daemon and its supervisor say to each other: sd_notify upwards, SIGTERM/SIGINT downwards.
#pragma once

namespace vitrine {

// READY=1, WATCHDOG=1, STOPPING=1. Nothing happens when no supervisor listens
// (NOTIFY_SOCKET unset).
void notify_ready();
void notify_stopping();
// Feed only on proven progress of the daemon's own job, never from a timer: systemd restarts what
// stops feeding.
void notify_watchdog();

// Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and those it will start; ignores SIGPIPE.
// Construct one first thing in main, before any thread.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // A signal arrived. Never blocks; stays true. Thread-safe.
  bool raised() const;
  // Readable once a signal arrived; for poll().
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace vitrine
