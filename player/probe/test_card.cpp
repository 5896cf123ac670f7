#include "test_card.hpp"

#include <algorithm>

namespace vitrine {
namespace {

int even(int value) {
  return value / 2 * 2;
}

// As much of a box as the picture has room for.
void box(PictureBuffer& picture, int x, int y, int width, int height, std::uint8_t luma,
         std::uint8_t cb = 128, std::uint8_t cr = 128) {
  x = even(x);
  y = even(y);
  width = even(std::min(width, picture.width() - x));
  height = even(std::min(height, picture.height() - y));
  if (x >= 0 && y >= 0 && width > 0 && height > 0) picture.fill(x, y, width, height, luma, cb, cr);
}

// Rows of three bits, five to a character.
std::uint16_t glyph(char character) {
  switch (character) {
    case '0':
      return 0b111'101'101'101'111;
    case '1':
      return 0b010'110'010'010'111;
    case '2':
      return 0b111'001'111'100'111;
    case '3':
      return 0b111'001'111'001'111;
    case '4':
      return 0b101'101'111'001'001;
    case '5':
      return 0b111'100'111'001'111;
    case '6':
      return 0b111'100'111'101'111;
    case '7':
      return 0b111'001'001'010'010;
    case '8':
      return 0b111'101'111'101'111;
    case '9':
      return 0b111'101'111'001'111;
    case 'x':
      return 0b000'101'010'101'000;
    case '.':
      return 0b000'000'000'000'010;
    default:
      return 0;
  }
}

void write(PictureBuffer& picture, int x, int y, int dot, const std::string& text) {
  for (const char character : text) {
    for (int bit = 0; bit < 15; ++bit) {
      if ((glyph(character) >> (14 - bit) & 1) == 0) continue;
      box(picture, x + bit % 3 * dot, y + bit / 3 * dot, dot, dot, 235);
    }
    x += 4 * dot;
    if (x + 4 * dot > picture.width()) return;
  }
}

}  // namespace

const Patch kPatches[8] = {
    {"white", 235, 128, 128, 255, 255, 255}, {"yellow", 219, 16, 138, 255, 255, 0},
    {"cyan", 188, 154, 16, 0, 255, 255},     {"green", 173, 42, 26, 0, 255, 0},
    {"magenta", 78, 214, 230, 255, 0, 255},  {"red", 63, 102, 240, 255, 0, 0},
    {"blue", 32, 240, 118, 0, 0, 255},       {"black", 16, 128, 128, 0, 0, 0}};

void draw_test_card(PictureBuffer& picture, const std::string& numbers, std::uint64_t frame) {
  const int width = picture.width(), height = picture.height();
  const int bar = even(width / 8), half = even(height / 2), ramp = even(height / 8);
  box(picture, 0, 0, width, height, 16);
  for (int i = 0; i < 8; ++i) {
    const Patch& patch = kPatches[i];
    box(picture, i * bar, 0, i == 7 ? width - 7 * bar : bar, half, patch.y, patch.cb, patch.cr);
  }
  // 17 steps of grey, black to white.
  const int step = even(width / 17);
  for (int i = 0; i < 17; ++i) {
    box(picture, i * step, half, i == 16 ? width - 16 * step : step, ramp,
        static_cast<std::uint8_t>(16 + 219 * i / 16));
  }
  const int dot = std::max(2, even(height / 60));
  write(picture, 4 * dot, half + ramp + 2 * dot, dot, numbers);
  write(picture, 4 * dot, half + ramp + 9 * dot, dot, std::to_string(frame));
  const int place = even(static_cast<int>(frame * 8 % static_cast<std::uint64_t>(width - dot)));
  box(picture, place, height - 4 * dot, dot, 2 * dot, 235);
  // Two pixels, as chroma has no single one.
  box(picture, 0, 0, width, 2, 235);
  box(picture, 0, height - 2, width, 2, 235);
  box(picture, 0, 0, 2, height, 235);
  box(picture, width - 2, 0, 2, height, 235);
}

}  // namespace vitrine
