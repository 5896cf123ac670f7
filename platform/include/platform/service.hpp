// What a daemon and its supervisor say to each other: sd_notify upwards, SIGTERM/SIGINT downwards.
#pragma once

#include <functional>

#include "base/time.hpp"
#include "platform/file.hpp"

namespace vitrine {

// READY=1, WATCHDOG=1, STOPPING=1. Nothing happens when no supervisor listens
// (NOTIFY_SOCKET unset).
void notify_ready();
void notify_stopping();
// Feed only on proven progress of the daemon's own job, never from a timer: systemd restarts what
// stops feeding.
void notify_watchdog();

// The supervisor's store: a descriptor given to it stays open whatever becomes of the daemon, and
// is handed to the next start of it under the same name (a letter, then letters, digits, dashes).
// Whatever was kept under that name before is let go. Without a supervisor nothing happens. The
// unit needs FileDescriptorStoreMax.
void keep_descriptor(const char* name, int fd);
// What was kept under that name by an earlier start; not open when there is none. Once a
// start: whoever asks again finds nothing.
FileDescriptor take_kept_descriptor(const char* name);

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

// The main loop of a program whose work happens on other threads (a server's): tells the supervisor
// that it is ready, makes a `turn` about every `period` and feeds the watchdog after each, until
// `stop` is raised. What is still to be done at the end is the caller's, after it returned.
void turn_until_stopped(const StopSignal& stop, Micros period,
                        const std::function<void()>& turn = {});

}  // namespace vitrine
