// The record of what was on a glass (docs/glass.md), as the headless output keeps it of itself and
// a test of another output.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/math.hpp"
#include "player/output.hpp"

namespace vitrine {

class GlassRecord {
 public:
  // Makes the directory, and in it glass-<now>.rec and latest.txt.
  static Result<std::unique_ptr<GlassRecord>> create(const fs::path& directory, Micros now,
                                                     int width, int height);
  // One flip, one write(2). Twice a second at most latest.nv12 is replaced, too.
  Status record(const Picture& picture, const Flip& flip);
  // Whether the file holds the last flip as it was written, read back.
  Result<bool> keeps_what_came_last() const;

 private:
  GlassRecord(fs::path directory, fs::path path, FileDescriptor file, int height);
  void keep_latest(const Picture& picture);

  fs::path directory_, path_;
  FileDescriptor file_;
  int rows_;
  Bytes record_, rows_now_, rows_before_;
  std::string whole_;
  Micros latest_at_ = kAbsent;
};

}  // namespace vitrine
