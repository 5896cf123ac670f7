#include "state/device_settings.hpp"

#include <doctest/doctest.h>

#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::TempDirectory;

TEST_CASE("what a technician decided comes back; without a file all is at its default") {
  TempDirectory dir;
  const StatePaths paths{dir / "state", dir / "run"};
  REQUIRE(make_state_directories(paths).ok());
  CHECK(*read_device_settings(paths) == DeviceSettings{});
  REQUIRE(write_device_settings(paths, {270, "transit"}).ok());
  CHECK(*read_device_settings(paths) == DeviceSettings{270, "transit"});
}

TEST_CASE("settings that are none are refused by file and member") {
  TempDirectory dir;
  const StatePaths paths{dir / "state", dir / "run"};
  REQUIRE(make_state_directories(paths).ok());
  for (const auto& [text, word] :
       {std::pair("rotate = 45", "rotate is 45"), std::pair("scene = \"zoo\"", "scene 'zoo'"),
        std::pair("rotate = ", "settings.toml")}) {
    REQUIRE(write_atomic(paths.device_settings(), std::string_view(text)).ok());
    const auto read = read_device_settings(paths);
    REQUIRE_FALSE(read.ok());
    CHECK_MESSAGE(read.error().message.find(word) != std::string::npos, read.error().message);
  }
}
