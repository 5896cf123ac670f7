// exposure.db: what the camera says of each play and each minute. Written by the audience daemon,
// read by telemetry. Two logs with their own log_id and AUTOINCREMENT seq: exposure and flow.
#pragma once

#include <vector>

#include "platform/sqlite.hpp"
#include "protocol/exposure.hpp"
#include "state/log_file.hpp"

namespace vitrine {

class ExposureLog {
 public:
  static Result<ExposureLog> open(const LogPlace& place);
  // Gives the rows their log_id and seq, in one transaction. A second row for the same play is
  // ignored.
  Status append(const std::vector<ExposureRow>& rows);
  Status append_flow(const std::vector<FlowRow>& rows);
  // What is appended until it is committed is written at once, or not at all.
  Result<Transaction> together() { return Transaction::begin(database_); }
  // As long as the file holds more than `most_bytes`, the oldest eighth of both logs goes, at once.
  // How many rows went.
  Result<std::int64_t> prune(std::int64_t most_bytes = kMostBytes);
  static constexpr std::int64_t kMostBytes = 8'000'000;  // docs/contracts.md, "Files on the device"
  // Highest play_seq of `play_log` that has its row; 0 = none. Where to go on after a restart.
  Result<std::uint64_t> last_play_seq(LogId play_log);

 private:
  explicit ExposureLog(Database database) : database_(std::move(database)) {}
  Database database_;
  LogId exposure_log_id_ = 0;
  LogId flow_log_id_ = 0;
};

// As PlayLogReader: the calls for a log id go over to a file that replaced the one being read.
class ExposureLogReader {
 public:
  static Result<ExposureLogReader> open(const LogPlace& place);
  Result<LogId> exposure_log_id();
  Result<LogId> flow_log_id();
  Result<std::vector<ExposureRow>> exposures_after(std::uint64_t after, std::size_t limit = 500);
  Result<std::vector<FlowRow>> flows_after(std::uint64_t after, std::size_t limit = 500);

 private:
  ExposureLogReader(LogPlace place, LogFiles files, Database database)
      : place_(std::move(place)), files_(files), database_(std::move(database)) {}
  Result<LogId> id(const char* column);
  LogPlace place_;
  LogFiles files_;  // to notice that they were replaced
  Database database_;
};

}  // namespace vitrine
