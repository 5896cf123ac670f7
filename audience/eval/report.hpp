// The figures of an evaluation on stdout, each line at once.
#pragma once

#include <optional>
#include <string>

#include "audience/detector.hpp"
#include "clip.hpp"
#include "mot_run.hpp"
#include "mot_score.hpp"
#include "truth.hpp"

namespace vitrine {

class Report {
 public:
  explicit Report(bool json) : json_(json) {}

  void crossing(const ClipCrossing& crossing) const;
  void visit(const ClipVisit& visit) const;
  void summary(const ClipResult& result, const Detector& detector,
               const std::optional<Match>& matched) const;
  void summary(const MotRun& result, const std::string& tracker,
               const std::optional<MotScore>& score) const;

 private:
  bool json_;
};

}  // namespace vitrine
