// What a run of the fleet says: a line a second, a table at the end, the same as JSON.
#pragma once

#include <string>
#include <vector>

#include "fleet.hpp"

namespace vitrine::fleet {

// `names` of the watched processes; the fleet itself comes last and is added here.
class Report {
 public:
  explicit Report(std::vector<std::string> names);

  std::string head() const;
  // Rates since the moment before.
  std::string line(const Moment& moment);
  std::string table(const Summary& summary) const;
  std::string json(const Summary& summary) const;

 private:
  std::vector<std::string> names_;
  Moment before_;
};

}  // namespace vitrine::fleet
