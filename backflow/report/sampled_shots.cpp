#include "backflow/sampled_shots.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace vitrine {
namespace {

using PlayKey = std::tuple<ScreenId, std::int64_t, std::int64_t>;

PlayKey key_at(const SqlRow& row) {
  return {sql_text(row[0]), sql_integer(row[1]), sql_integer(row[2])};
}

// " WHERE ..." on play, whose rows know no day.
std::string shots_where(const SqlStore& store, const ReportScope& scope) {
  std::string sql = " WHERE " + store.present("shot");
  if (scope.campaign != 0) sql += " AND campaign = " + std::to_string(scope.campaign);
  if (!scope.screen.empty()) sql += " AND device = " + sql_quoted(scope.screen);
  return sql;
}

// Of billed plays of the scope that name one: when, and whether it is paid.
Status read_bills(SqlStore& store, const ReportScope& scope,
                  const std::function<void(const PlayKey&, std::int64_t utc_us, bool paid)>& take) {
  std::string days;
  if (scope.first_day != kAbsent) days += " AND day >= " + std::to_string(scope.first_day);
  if (scope.last_day != kAbsent) days += " AND day <= " + std::to_string(scope.last_day);
  return store.query(
      "SELECT device, log_id, seq, utc_us, cause FROM billed_play WHERE (device, log_id, seq) IN"
      " (SELECT device, log_id, seq FROM play" +
          shots_where(store, scope) + ")" + days,
      [&](const SqlRow& row) {
        const auto* utc_us = std::get_if<std::int64_t>(&row[3]);
        take(key_at(row), utc_us == nullptr ? kAbsent : *utc_us, sql_integer(row[4]) == 0);
        return ok();
      });
}

void verify(SampledShot& shot, const PictureArchive& pictures) {
  const auto jpeg = pictures.read(shot.sha256);
  shot.state = jpeg                                        ? ShotState::matches
               : jpeg.error().code == ErrorCode::not_found ? ShotState::missing
                                                           : ShotState::altered;
}

// The places of up to three of them: first, last, middle.
std::vector<std::size_t> spread(const std::vector<std::size_t>& matching) {
  std::vector<std::size_t> places = {matching.front()};
  if (matching.size() > 1) places.push_back(matching.back());
  if (matching.size() > 2) places.push_back(matching[matching.size() / 2]);
  return places;
}

// One of each creative, then the next of each.
Status choose_pictures(std::vector<SampledShot>& shots, const PictureArchive& pictures) {
  std::map<CreativeId, std::vector<std::size_t>> matching;
  for (std::size_t i = 0; i < shots.size(); ++i)
    if (shots[i].state == ShotState::matches) matching[shots[i].creative].push_back(i);
  std::size_t chosen = 0, bytes = 0;
  for (std::size_t round = 0; round < SampledShots::kMostPicturesOfOne; ++round) {
    for (const auto& [creative, all] : matching) {
      const auto places = spread(all);
      if (round >= places.size() || chosen >= SampledShots::kMostPictures) continue;
      auto jpeg = pictures.read(shots[places[round]].sha256);
      if (!jpeg) return std::move(jpeg).error();
      if (bytes + jpeg->size() > SampledShots::kMostPictureBytesInAll) continue;
      bytes += jpeg->size();
      ++chosen;
      shots[places[round]].jpeg = *std::move(jpeg);
    }
  }
  return ok();
}

}  // namespace

std::string_view name_of(ShotState state) {
  switch (state) {
    case ShotState::matches:
      return "matches";
    case ShotState::missing:
      return "missing";
    case ShotState::altered:
      break;
  }
  return "altered";
}

std::int64_t SampledShots::count(ShotState state) const {
  return std::count_if(shots.begin(), shots.end(),
                       [&](const SampledShot& shot) { return shot.state == state; });
}

Result<SampledShots> read_sampled_shots(SqlStore& store, const ReportScope& scope,
                                        const PictureArchive& pictures) {
  std::map<PlayKey, SampledShot> found;
  auto read = store.query(
      "SELECT device, log_id, seq, creative, shot FROM play" + shots_where(store, scope),
      [&](const SqlRow& row) {
        const auto hash = hash_from_hex(sql_text(row[4]));
        if (!hash) return ok();
        const PlayKey key = key_at(row);
        SampledShot& shot = found[key];
        shot.device = std::get<0>(key);
        shot.log_id = static_cast<LogId>(std::get<1>(key));
        shot.seq = static_cast<std::uint64_t>(std::get<2>(key));
        shot.creative = static_cast<CreativeId>(sql_integer(row[3]));
        shot.sha256 = *hash;
        return ok();
      });
  SampledShots sampled;
  if (read && !found.empty()) {
    read = read_bills(store, scope, [&](const PlayKey& key, std::int64_t utc_us, bool paid) {
      auto node = found.extract(key);
      if (!node) return;
      node.mapped().utc_us = utc_us;
      node.mapped().paid = paid;
      sampled.shots.push_back(std::move(node.mapped()));
    });
  }
  if (!read && read.error().code == ErrorCode::not_found) return SampledShots();
  if (!read) return std::move(read).error();
  auto& shots = sampled.shots;
  sampled.in_rows = static_cast<std::int64_t>(shots.size());
  if (shots.size() > SampledShots::kMost) {
    std::ranges::sort(shots, {}, &SampledShot::sha256);
    shots.resize(SampledShots::kMost);
  }
  std::ranges::sort(shots, {}, [](const SampledShot& shot) {
    return std::tuple(shot.utc_us, shot.device, shot.log_id, shot.seq);
  });
  for (SampledShot& shot : shots) verify(shot, pictures);
  if (auto chosen = choose_pictures(shots, pictures); !chosen) return std::move(chosen).error();
  return sampled;
}

}  // namespace vitrine
