#include "qr.hpp"

#include <qrencode.h>

#include <cerrno>
#include <memory>

namespace vitrine {
namespace {

struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

}  // namespace

Result<QrMatrix> encode_qr(const std::string& text) {
  const std::unique_ptr<QRcode, FreeCode> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
  if (!code) {
    return fail(errno == ERANGE ? ErrorCode::exhausted : ErrorCode::invalid,
                "no QR code holds a text of " + std::to_string(text.size()) + " bytes");
  }
  QrMatrix matrix;
  matrix.size = code->width;
  matrix.dark.resize(static_cast<std::size_t>(code->width) * code->width);
  for (std::size_t i = 0; i < matrix.dark.size(); ++i) matrix.dark[i] = (code->data[i] & 1) != 0;
  return matrix;
}

void draw_qr(Canvas& canvas, int x, int y, int module, const QrMatrix& matrix) {
  const int side = matrix.whole() * module;
  canvas.fill(x, y, side, side, {255, 255, 255});
  for (int row = 0; row < matrix.size; ++row) {
    for (int column = 0; column < matrix.size; ++column) {
      if (!matrix.at(column, row)) continue;
      canvas.fill(x + (column + kQrQuietZone) * module, y + (row + kQrQuietZone) * module, module,
                  module, {0, 0, 0});
    }
  }
}

}  // namespace vitrine
