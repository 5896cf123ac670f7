// What a decided item is shown within, by the documents it was decided from: the schedule's layout,
// and its campaign's QR code with a token of the moment it begins.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "player/inputs.hpp"
#include "player/stage.hpp"
#include "scheduler/decide.hpp"
#include "state/content_store.hpp"

namespace vitrine {

class SceneMaker {
 public:
  struct Setup {
    ScreenId screen;
    std::optional<Hash256> qr_key;  // none: no QR codes
    ContentStore content;
    std::function<std::shared_ptr<Scene>(const SceneWish&)> stage;
  };
  explicit SceneMaker(Setup setup) : setup_(std::move(setup)) {}

  // A takeover has the whole glass to itself. Without a clock there is no QR code: its token would
  // name another time. `files`: the corner is only shown while it may be. Microseconds.
  SceneWish wish_of(const PlayInputs& inputs, const ContentState& files, const Decision& decision,
                    const KnownClock& clock, Micros seam) const;
  std::shared_ptr<Scene> scene_of(const PlayInputs& inputs, const ContentState& files,
                                  const Decision& decision, const KnownClock& clock,
                                  Micros seam) const {
    return setup_.stage(wish_of(inputs, files, decision, clock, seam));
  }

 private:
  void add_corner(SceneWish& wish, const PlayInputs& inputs, const ContentState& files) const;

  Setup setup_;
};

}  // namespace vitrine
