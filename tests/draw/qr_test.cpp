#include "qr.hpp"

#include <doctest/doctest.h>

namespace vitrine {

TEST_CASE("a QR code has its three finders, its timing lines and a quiet zone on the canvas") {
  const auto code = encode_qr("https://qr.example/AQDmABCDEFGHIJKLMNOPQRSTUVWXYZabcdef");
  REQUIRE(code.ok());
  REQUIRE(code->size >= 21);
  CHECK((code->size - 17) % 4 == 0);
  const int last = code->size - 7;
  for (const auto& [x, y] : {std::pair{0, 0}, std::pair{last, 0}, std::pair{0, last}}) {
    for (int i = 0; i < 7; ++i) {
      CHECK(code->at(x + i, y));
      CHECK(code->at(x, y + i));
    }
    CHECK_FALSE(code->at(x + 1, y + 1));
    CHECK(code->at(x + 3, y + 3));
  }
  for (int i = 8; i < last; ++i) {
    CHECK(code->at(i, 6) == (i % 2 == 0));
    CHECK(code->at(6, i) == (i % 2 == 0));
  }

  constexpr int kModule = 3;
  Canvas canvas(code->whole() * kModule + 10, code->whole() * kModule + 10);
  draw_qr(canvas, 5, 5, kModule, *code);
  for (int y = 0; y < code->whole(); ++y) {
    for (int x = 0; x < code->whole(); ++x) {
      const int column = x - kQrQuietZone, row = y - kQrQuietZone;
      const bool inside = column >= 0 && row >= 0 && column < code->size && row < code->size;
      const bool dark = inside && code->at(column, row);
      const std::uint32_t pixel = canvas.row(5 + y * kModule + 1)[5 + x * kModule + 1];
      REQUIRE(pixel == (dark ? 0xff00'0000U : 0xffff'ffffU));
    }
  }
  CHECK(canvas.row(4)[20] == 0);
}

TEST_CASE("the same text gives the same code, another another, and too long a text none") {
  CHECK(encode_qr("lobby-1")->dark == encode_qr("lobby-1")->dark);
  CHECK(encode_qr("lobby-1")->dark != encode_qr("lobby-2")->dark);
  const auto none = encode_qr(std::string(4000, 'x'));
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().code == ErrorCode::exhausted);
  CHECK(none.error().message == "no QR code holds a text of 4000 bytes");
}

}  // namespace vitrine
