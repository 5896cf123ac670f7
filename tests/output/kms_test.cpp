#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "player/output.hpp"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("a display that is not there is named") {
  const ManualClock clock;
  const auto output = make_kms_output(clock, {"/nonexistent/card0"});
  REQUIRE_FALSE(output);
  CHECK(output.error().code == ErrorCode::not_found);
  CHECK(output.error().message ==
        "cannot show on /nonexistent/card0: cannot open it: No such file or directory");
}

TEST_CASE("what is no display device is refused") {
  const ManualClock clock;
  const auto output = make_kms_output(clock, {"/dev/null"});
  REQUIRE_FALSE(output);
  // What comes after it is errno's word, and another under an emulator.
  CHECK(output.error().message.starts_with("cannot show on /dev/null: it is no DRM device: "));
}
