// What the kernel itself refuses; no device is needed.
#include "audience/v4l2_source.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "audience/daemon.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::TempDirectory;

TEST_CASE("what is no camera is refused in one line that names it") {
  const SystemClock clock;
  const auto missing = open_v4l2_source("/dev/video-absent", clock);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == ErrorCode::not_found);
  CHECK(missing.error().message == "camera /dev/video-absent: it does not exist");
  const auto null = open_v4l2_source("/dev/null", clock);
  REQUIRE_FALSE(null.ok());
  CHECK(null.error().code == ErrorCode::invalid);
  CHECK(null.error().message == "camera /dev/null: it is no V4L2 device");
  const TempDirectory dir;
  std::ofstream(dir / "clip.y4m") << "no device either";
  CHECK(open_v4l2_source(dir / "clip.y4m", clock).error().code == ErrorCode::invalid);
}

TEST_CASE("devices, there or not, are opened as cameras and files as clips") {
  const SystemClock clock;
  const auto said = [&](const fs::path& path) {
    auto opened = open_camera(path, clock);
    REQUIRE_FALSE(opened.ok());
    return opened.error().message;
  };
  CHECK(said("/dev/video-absent").starts_with("camera /dev/video-absent:"));
  const TempDirectory dir;
  fs::create_symlink("/dev/null", dir / "camera");
  CHECK(said(dir / "camera").ends_with("it is no V4L2 device"));
  CHECK(said(dir / "absent.mp4").starts_with("cannot read camera file"));
  if (!fs::is_directory("/dev/shm")) return;  // a bare chroot; else a tmpfs that may hold clips
  const fs::path clip = "/dev/shm/vitrine-" + dir.path().filename().string() + ".mp4";
  std::ofstream(clip) << "rubbish";
  CHECK(said(clip).starts_with("cannot read camera file"));
  fs::remove(clip);
}
