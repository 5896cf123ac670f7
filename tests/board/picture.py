"""What a screen dump of a board that nobody has set up shows."""

import enum
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

# Of the status picture (player/draw/status_picture.cpp) at 1280x720, as the display has them.
SCREEN = (1280, 720)
_BACKGROUND, _AMBER, _RED, _WHITE, _BLACK = (16, 24, 32), (255, 190, 60), (255, 96, 88), (255, 255, 255), (0, 0, 0)
_TOLERANCE = 20  # of each colour: the display may take it as NV12
# The code's white square, and the middles of its three finder patterns.
_CODE_WHITE, _CODE_BLACK = ((1045, 45), (1237, 234)), ((1092, 89), (1190, 89), (1092, 187))
_ENROLLED = (46, 270)  # the mark of the line "Enrolled": red is no
# Left, top, right, bottom: "Not enrolled" in two languages, and where a longer headline would go on.
_HEADLINE, _BESIDE = (37, 100, 320, 190), (325, 100, 700, 190)


class Shows(enum.Enum):
    BLACK = "black"
    NOT_ENROLLED = "the status picture, not enrolled"
    TEXT = "text of a console"
    OTHER = "something else"


class Picture(NamedTuple):
    width: int
    height: int
    pixels: bytes  # red, green, blue

    def shows(self) -> Shows:
        if max(self.pixels) <= 24:
            return Shows.BLACK
        if self._text():
            return Shows.TEXT
        return Shows.NOT_ENROLLED if self._not_enrolled() else Shows.OTHER

    def _text(self) -> bool:
        """Kernel and getty write from the upper left on, on black. What the firmware says is farther in, and so is what QEMU
        itself writes where nobody has the display; no picture of the player's has a black corner."""
        if (self.width, self.height) != SCREEN or not self._is(self.width - 1, self.height - 1, _BLACK):
            return False
        return any(max(self.pixels[y * self.width * 3:(y * self.width + 200) * 3]) > 64 for y in range(200))

    def _not_enrolled(self) -> bool:
        if (self.width, self.height) != SCREEN:
            return False
        places = [*((place, _WHITE) for place in _CODE_WHITE), *((place, _BLACK) for place in _CODE_BLACK), (_ENROLLED, _RED),
                  ((640, 3), _AMBER), ((4, 3), _AMBER), ((1275, 3), _AMBER), ((900, 300), _BACKGROUND), ((1275, 700), _BACKGROUND)]
        if not all(self._is(x, y, colour) for (x, y), colour in places):
            return False
        # Letters: some of the area, not all of it.
        return 0.05 < self._amber(*_HEADLINE) < 0.3 and self._amber(*_BESIDE) == 0

    def _amber(self, left: int, top: int, right: int, bottom: int) -> float:
        found = sum(self._is(x, y, _AMBER) for y in range(top, bottom) for x in range(left, right))
        return found / ((right - left) * (bottom - top))

    def _is(self, x: int, y: int, colour: tuple[int, int, int]) -> bool:
        at = (y * self.width + x) * 3
        return all(abs(have - want) <= _TOLERANCE for have, want in zip(self.pixels[at:at + 3], colour))

    def save(self, target: Path) -> None:
        """As PNG."""
        def chunk(kind: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        row = self.width * 3
        lines = b"".join(b"\0" + self.pixels[at:at + row] for at in range(0, len(self.pixels), row))
        target.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0))
                           + chunk(b"IDAT", zlib.compress(lines, 6)) + chunk(b"IEND", b""))


def read(dump: Path) -> Picture:
    """QEMU's screendump, a PPM: P6, width and height, 255, one line each; then the pixels."""
    magic, size, most, pixels = dump.read_bytes().split(b"\n", 3)
    width, height = (int(number) for number in size.split())
    if magic != b"P6" or most != b"255" or len(pixels) != width * height * 3:
        raise ValueError(f"{dump}: not a whole PPM of 8 bits a colour")
    return Picture(width, height, pixels)
