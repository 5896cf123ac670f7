// QR codes (ISO/IEC 18004): the only caller of libqrencode.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "canvas.hpp"

namespace vitrine {

// Light modules that a reader wants around a code, on each side.
inline constexpr int kQrQuietZone = 4;

struct QrMatrix {
  int size = 0;            // modules on a side, without the quiet zone
  std::vector<bool> dark;  // row by row
  bool at(int x, int y) const { return dark[static_cast<std::size_t>(y) * size + x]; }
  int whole() const { return size + 2 * kQrQuietZone; }  // modules with the quiet zone
};

// The smallest code of level M (15 % of it may be dirty) that holds the text. `exhausted`: none
// does.
Result<QrMatrix> encode_qr(const std::string& text);

// Dark on light with its quiet zone: whole() x module pixels on each side, from (x, y) on.
void draw_qr(Canvas& canvas, int x, int y, int module, const QrMatrix& matrix);

}  // namespace vitrine
