// Screenshots that signed rows name, held against the pictures that came: told, and on the page.
#include "backflow/sampled_shots.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>

#include "backflow/raw_tables.hpp"
#include "backflow/report_page.hpp"
#include "platform/crypto.hpp"
#include "report/html_text.hpp"
#include "report_kit.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// As raw_table(RawTable::play) has it, everything else at nothing.
SqlRow play_row(const BilledPlay& play, const std::optional<Hash256>& shot) {
  SqlRow row;
  for (const SqlColumn& column : raw_table(RawTable::play).columns) {
    if (column.type == SqlType::hash) {
      row.emplace_back();
    } else if (column.type == SqlType::text) {
      row.emplace_back(std::string());
    } else {
      row.emplace_back(std::int64_t{0});
    }
    if (column.name == "device") row.back() = play.device;
    if (column.name == "log_id") row.back() = static_cast<std::int64_t>(play.log_id);
    if (column.name == "seq") row.back() = static_cast<std::int64_t>(play.seq);
    if (column.name == "campaign") row.back() = std::int64_t{play.campaign};
    if (column.name == "creative") row.back() = std::int64_t{play.creative};
    if (column.name == "shot" && shot) row.back() = to_hex(*shot);
  }
  return row;
}

Bytes jpeg_of(std::uint64_t number, std::size_t size = 3000) {
  Bytes jpeg(size, 7);
  jpeg[0] = jpeg[2] = 0xff;
  jpeg[1] = 0xd8;
  append_le64(jpeg, static_cast<std::int64_t>(number));
  return jpeg;
}

// Each tenth play of the kit was photographed.
struct Sampled {
  ReportStore kit{600};
  PictureArchive pictures{kit / "pictures"};
  std::vector<const BilledPlay*> named;  // of campaign 41
  explicit Sampled(std::size_t jpeg_bytes = 3000) {
    REQUIRE(kit.store().create(raw_table(RawTable::play)));
    std::vector<SqlRow> rows;
    for (const BilledPlay& play : kit.plays()) {
      std::optional<Hash256> shot;
      if (play.seq % 10 == 0) {
        const Bytes jpeg = jpeg_of(play.seq, jpeg_bytes);
        shot = sha256(jpeg);
        REQUIRE(pictures.keep(jpeg));
        if (play.campaign == 41) named.push_back(&play);
      }
      rows.push_back(play_row(play, shot));
    }
    REQUIRE(kit.store().append(raw_table(RawTable::play), rows));
  }
  fs::path file_of(const Bytes& jpeg) const {
    const std::string name = to_hex(sha256(jpeg));
    return kit / "pictures" / name.substr(0, 2) / (name + ".jpg");
  }
  SampledShots read(ReportScope scope = {.campaign = 41, .screen = {}}) {
    auto shots = read_sampled_shots(kit.store(), scope, pictures);
    REQUIRE_MESSAGE(shots, shots.error().message);
    return *std::move(shots);
  }
};

}  // namespace

TEST_CASE("a picture counts when it is the one its play's row names, and no other does") {
  Sampled sampled;
  const BilledPlay& lost = *sampled.named[1];
  const BilledPlay& forged = *sampled.named[2];
  fs::remove(sampled.file_of(jpeg_of(lost.seq)));
  REQUIRE(write_atomic(sampled.file_of(jpeg_of(forged.seq)), jpeg_of(4711)));
  const SampledShots shots = sampled.read();
  CHECK(shots.in_rows == static_cast<std::int64_t>(sampled.named.size()));
  REQUIRE(shots.shots.size() == sampled.named.size());
  CHECK(shots.count(ShotState::matches) == shots.in_rows - 2);
  CHECK(shots.count(ShotState::missing) == 1);
  CHECK(shots.count(ShotState::altered) == 1);
  std::int64_t last = 0;
  for (const SampledShot& shot : shots.shots) {
    const BilledPlay& play = sampled.kit.plays()[shot.seq - 1];
    CHECK(shot.device == play.device);
    CHECK(shot.creative == play.creative);
    CHECK(shot.utc_us == play.utc_us);
    CHECK(shot.paid == (play.cause == Reason::none));
    CHECK(shot.sha256 == sha256(jpeg_of(play.seq)));
    CHECK(shot.state == (shot.seq == lost.seq     ? ShotState::missing
                         : shot.seq == forged.seq ? ShotState::altered
                                                  : ShotState::matches));
    CHECK(shot.utc_us >= last);
    last = shot.utc_us;
    CHECK((shot.jpeg.empty() || shot.jpeg == jpeg_of(shot.seq)));
  }
  // Of days, of a screen.
  const SampledShots of_day = sampled.read({41, "", sampled.named[0]->day, sampled.named[0]->day});
  CHECK(of_day.in_rows > 0);
  CHECK(of_day.in_rows < shots.in_rows);
  const SampledShots of_screen = sampled.read({0, sampled.named[0]->device, kAbsent, kAbsent});
  CHECK(of_screen.in_rows > 0);
  for (const SampledShot& shot : of_screen.shots) CHECK(shot.device == sampled.named[0]->device);
}

TEST_CASE("of each creative a few pictures are to be looked at, bounded in number and bytes") {
  Sampled small;
  const SampledShots shots = small.read();
  std::map<CreativeId, std::size_t> pictures;
  for (const SampledShot& shot : shots.shots) pictures[shot.creative] += shot.jpeg.empty() ? 0 : 1;
  REQUIRE(pictures.size() == 3);
  for (const auto& [creative, count] : pictures) CHECK(count == SampledShots::kMostPicturesOfOne);

  Sampled large(190 * 1024);
  std::size_t bytes = 0, count = 0;
  for (const SampledShot& shot : large.read({}).shots) {
    bytes += shot.jpeg.size();
    count += shot.jpeg.empty() ? 0 : 1;
  }
  CHECK(bytes <= SampledShots::kMostPictureBytesInAll);
  CHECK(count > 0);
  CHECK(count <= SampledShots::kMostPictures);
}

TEST_CASE("pictures stand in the page itself, with their hashes and what is wrong with them") {
  Sampled sampled;
  Report report;
  report.subject = report.title = "Campaign 41";
  report.labels.creatives[101] = "\"><script>alert(1)</script>";
  fs::remove(sampled.file_of(jpeg_of(sampled.named[3]->seq)));
  report.shots = sampled.read();
  const std::string page = report_page(report);
  CHECK(page.find("On the glass") != std::string::npos);
  CHECK(page.find("img-src data:") != std::string::npos);
  CHECK(page.find("<script") == std::string::npos);
  std::size_t images = 0;
  for (auto at = page.find("<img "); at != std::string::npos; at = page.find("<img ", at + 1))
    ++images;
  CHECK(images == 9);
  for (const char* foreign : {"http:", "https:", "url(//"})
    CHECK_MESSAGE(page.find(foreign) == std::string::npos, foreign);
  for (const SampledShot& shot : report.shots.shots) {
    CHECK(page.find(to_hex(shot.sha256)) != std::string::npos);
    if (!shot.jpeg.empty())
      CHECK(page.find("src=\"" + report::jpeg_address(shot.jpeg) + "\"") != std::string::npos);
  }
  CHECK(page.find("the picture did not come here") != std::string::npos);
  CHECK(page.find("1 lack it, 0 have another one") != std::string::npos);
}

TEST_CASE("a picture's address is what a browser takes for its bytes") {
  CHECK(report::jpeg_address(Bytes{0xff, 0xd8, 0xff}) == "data:image/jpeg;base64,/9j/");
  CHECK(report::jpeg_address(Bytes{0xfb, 0xef}) == "data:image/jpeg;base64,++8=");
  CHECK(report::jpeg_address(Bytes{0}) == "data:image/jpeg;base64,AA==");
}

TEST_CASE("a store without plays of screens has no screenshots, and that is no fault") {
  ReportStore kit(10);
  const auto shots = read_sampled_shots(kit.store(), {}, PictureArchive(kit / "pictures"));
  REQUIRE(shots);
  CHECK(shots->shots.empty());
}
