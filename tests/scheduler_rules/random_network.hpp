// A small network from a seed, the same on every CPU: one screen with a schedule of every kind of
// rule, what belongs to it, and what happens to it over two or three days.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "random.hpp"
#include "scheduler/decide.hpp"

namespace vitrine::testing {

// What is in force at one time.
struct Inputs {
  Schedule schedule;
  std::optional<Numbers> numbers;
  std::optional<Profile> profile;
  std::optional<Settings> settings;
  std::optional<Takeover> takeover;
  ContentState content;

  // Borrows from this.
  Documents documents() const;
};

struct NetworkEvent {
  std::int64_t at_utc_ms = 0;  // at the first slot edge from then on
  std::size_t inputs = 0;      // from now on these are in force
  std::int64_t outage_ms = 0;  // and the power is off for so long
};

struct RandomNetwork {
  std::uint64_t seed = 0;
  ZoneTable zone;
  std::int64_t from_utc_ms = 0;
  std::int64_t until_utc_ms = 0;
  std::vector<Inputs> inputs;        // the first from the beginning
  std::vector<NetworkEvent> events;  // in order
  int documents = 0;                 // that were drawn and passed the product's own reading
};

// An error is a defect of the drawing: a document that the product refuses, or no tz database.
Result<RandomNetwork> random_network(std::uint64_t seed);

// The product's own reading of its own writing, every document of them; the number read is added.
Status read_back(Inputs& inputs, int& documents);

// Every file of schedule and takeover present and vetted.
ContentState all_content(const Schedule& schedule, const std::optional<Takeover>& takeover = {});

// The same each time it is asked, so that 10,000 networks read the database once.
Result<ZoneTable> zone_named(const std::string& name);

}  // namespace vitrine::testing
