// Sampled screenshots of a report: what stood on the glass in a play whose signed row names the
// picture's SHA-256 (`shot`), and whether the picture that lies in the archive is that one.
#pragma once

#include <vector>

#include "backflow/picture_archive.hpp"
#include "backflow/report_queries.hpp"

namespace vitrine {

// The archived file is what the row names; it never came here; it is another.
enum class ShotState { matches, missing, altered };
std::string_view name_of(ShotState state);

struct SampledShot {
  ScreenId device;  // with log_id and seq the key of the play's row
  LogId log_id = 0;
  std::uint64_t seq = 0;
  CreativeId creative = 0;
  std::int64_t utc_us = kAbsent;  // of the play's first flip; absent: the time is not known
  bool paid = false;
  Hash256 sha256{};  // as the row names it
  ShotState state = ShotState::missing;
  Bytes jpeg;  // of those that are to be looked at; empty otherwise
};

struct SampledShots {
  std::int64_t in_rows = 0;        // rows of the scope that name one
  std::vector<SampledShot> shots;  // by time, then key; at most kMost
  std::int64_t count(ShotState state) const;

  static constexpr std::size_t kMost = 2'000;
  // To be looked at: of each creative the first, the last and the middle one that match, as far as
  // the bounds for all go.
  static constexpr std::size_t kMostPictures = 24, kMostPicturesOfOne = 3;
  static constexpr std::size_t kMostPictureBytesInAll = 3 * 1024 * 1024;
};

// Of billed plays. Above kMost those with the lowest hashes, a choice that nobody can steer and
// that no order of arrival changes. None where nothing was loaded yet.
Result<SampledShots> read_sampled_shots(SqlStore& store, const ReportScope& scope,
                                        const PictureArchive& pictures);

}  // namespace vitrine
