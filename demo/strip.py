"""The code drawn across the top of every demo creative: which creative this is, and which of its frames.

    [white][black][16 bits creative id][16 bits frame number][8 bits CRC][black][white]

44 cells over the full width of the picture, most significant bit first, white = 1. It is drawn large so that it survives
coding, scaling and a picture that fills only part of the output.
"""

from typing import NamedTuple, Optional, Sequence

CELLS = 44
HEIGHT_PERMILLE = 80  # of the picture's height
_LEAST_CONTRAST = 100  # between the white and the black frame cells, in luma codes


class Code(NamedTuple):
    creative: int
    frame: int


def crc8(data: bytes) -> int:
    """CRC-8, polynomial 0x07, started at 0xA5 so that an all-black strip is not valid."""
    crc = 0xA5
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def encode(code: Code) -> list[int]:
    """The 44 cells as 0 and 1."""
    body = code.creative.to_bytes(2, "big") + code.frame.to_bytes(2, "big")
    body += bytes([crc8(body)])
    bits = [byte >> shift & 1 for byte in body for shift in range(7, -1, -1)]
    return [1, 0, *bits, 0, 1]


def decode_row(luma: bytes) -> Optional[Code]:
    """Reads the code out of one row of luma; black bars left and right of the picture do not matter.

    None when the row does not hold one: every cell has to be clearly black or white and the CRC has to fit.
    """
    bright = 128  # between video white (235) and black (16)
    left = next((x for x, value in enumerate(luma) if value >= bright), None)
    if left is None:
        return None
    right = next(x for x in range(len(luma) - 1, -1, -1) if luma[x] >= bright) + 1
    pitch = (right - left) / CELLS
    if pitch < 3:
        return None
    cells = [luma[int(left + (index + 0.5) * pitch)] for index in range(CELLS)]
    return _decode_cells(cells)


def _decode_cells(cells: Sequence[int]) -> Optional[Code]:
    white = (cells[0] + cells[-1]) / 2
    black = (cells[1] + cells[-2]) / 2
    if white - black < _LEAST_CONTRAST:
        return None
    middle, margin = (white + black) / 2, (white - black) / 8
    bits = []
    for value in cells[2:-2]:
        if abs(value - middle) < margin:
            return None
        bits.append(1 if value > middle else 0)
    body = bytes(int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, 40, 8))
    if crc8(body[:4]) != body[4]:
        return None
    return Code(int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big"))
