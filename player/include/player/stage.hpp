// The stage an item plays on: a main zone for its frames, a ticker, a still corner and a QR code
// over them. It makes a scene for each item; what does not change from item to item (the ticker's
// strip, the corner) is drawn once and kept.
//
// The ticker runs on the display's own vblanks, an even whole number of pixels at each, and goes on
// over the seams of the main zone. Where things overlap the order is main, ticker, corner, code.
// All are opaque.
#pragma once

#include <memory>
#include <string>

#include "player/scene.hpp"
#include "player/source.hpp"
#include "protocol/schedule.hpp"

namespace vitrine {

// What is to be around and over an item.
struct SceneWish {
  Layout layout;
  fs::path corner_file;  // empty: none
  std::shared_ptr<const FileBlocks> corner_blocks;
  std::string code;  // what the QR code says; empty: none
  QrPlace code_place = QrPlace::bottom_right;
  std::uint32_t code_permille = 250;  // its side, of the output's shorter side
};

class Stage {
 public:
  struct Setup {
    int width = 0, height = 0;  // of the output
    Micros vblank_period = kSecond / 60;
    SourceOpener open = open_media_source;
  };
  explicit Stage(Setup setup);
  ~Stage();

  // Null: the item fills the glass with nothing over it. Cheap; any thread. Scenes may outlive the
  // stage; of all its scenes one composes at a time.
  std::shared_ptr<Scene> scene(const SceneWish& wish) const;

 private:
  class Room;
  class OneScene;
  std::shared_ptr<Room> room_;
};

// A zone in pixels of an output, all even.
struct PixelZone {
  int x = 0, y = 0, width = 0, height = 0;
  bool empty() const { return width == 0 || height == 0; }
  bool operator==(const PixelZone&) const = default;
};
PixelZone pixels_of(const Zone& zone, int width, int height);

}  // namespace vitrine
