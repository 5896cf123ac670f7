#include "exposure/value.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

namespace {

// One person at a time on the average.
ProfileHour hour() {
  ProfileHour hour;
  hour.footfall = 360;
  hour.dwell_ms = 10'000;
  return hour;
}

ExposureRow people(std::int64_t person_ms, std::int64_t ots, std::int64_t coverage_permille) {
  ExposureRow row;
  row.quality = Quality::people;
  row.method = Method::dnn;
  row.person_ms = person_ms;
  row.ots = ots;
  row.coverage_permille = coverage_permille;
  return row;
}

}  // namespace

TEST_CASE("a play that people were counted at is worth what was seen, and says so") {
  const ExposureRow row = people(37'500, 4, 1000);
  const PlayValue average = value_of(&row, 15'000, Currency::avg, hour());
  CHECK(average.imp_milli == 2'500);
  CHECK(average.source == ValueSource::observed);
  const PlayValue chances = value_of(&row, 15'000, Currency::ots, hour());
  CHECK(chances.imp_milli == 4'000);
  CHECK(chances.source == ValueSource::observed);
}

TEST_CASE("nobody seen is an observation, and is worth nothing") {
  const ExposureRow row = people(0, 0, 950);
  const PlayValue value = value_of(&row, 15'000, Currency::avg, hour());
  CHECK(value.imp_milli == 0);
  CHECK(value.source == ValueSource::observed);
}

TEST_CASE("without a camera, with a blind one or one that sees only flow the profile speaks") {
  ExposureRow flow = people(37'500, kAbsent, 1000);
  flow.quality = Quality::flow;
  const ExposureRow blind = people(37'500, 4, 899), none;
  for (const ExposureRow* row :
       std::initializer_list<const ExposureRow*>{nullptr, &none, &flow, &blind}) {
    const PlayValue average = value_of(row, 15'000, Currency::avg, hour());
    CHECK(average.imp_milli == 1'000);
    CHECK(average.source == ValueSource::modelled);
    const PlayValue chances = value_of(row, 15'000, Currency::ots, hour());
    CHECK(chances.imp_milli == 2'300);
    CHECK(chances.source == ValueSource::modelled);
  }
}

TEST_CASE("what was not seen of a play is not added to what was") {
  const ExposureRow row = people(13'500, 1, 900);
  CHECK(value_of(&row, 15'000, Currency::avg, hour()).imp_milli == 900);
}

TEST_CASE("a play without length, and a row without a figure, leave it to the profile") {
  const ExposureRow row = people(0, kAbsent, 1000);
  CHECK(value_of(&row, 0, Currency::avg, hour()).source == ValueSource::modelled);
  CHECK(value_of(&row, 15'000, Currency::ots, hour()).source == ValueSource::modelled);
}
