"""What was on the glass, told by the picture alone.

Reads the records of the headless output (docs/glass.md), finds the code each demo creative carries (strip.py) and turns
flips into plays. It knows neither schedule nor play log: that is what makes it a witness.

    glass_reader.py DIR      one JSON object a play, in the order of showing
"""

import hashlib
import json
import struct
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Iterator, NamedTuple, Optional

import strip

_HEADER = struct.Struct("<8sIIII")
_RECORD = struct.Struct("<qQII")
_MAGIC = b"VTGLASS1"
_PICTURE, _SAME = 0, 1


class Flip(NamedTuple):
    at_us: int  # CLOCK_BOOTTIME of its vblank
    code: Optional[strip.Code]  # None: a picture without one, such as the status picture


@dataclass
class Play:
    creative: int
    first_us: int
    last_us: int
    frames: int  # different pictures shown
    first_frame: int
    last_frame: int


def read_flips(path: Path) -> Iterator[Flip]:
    """Every flip of one file. ValueError names the record that contradicts the format."""
    with path.open("rb") as file:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return  # killed before it could flip
        magic, width, height, step, rows = _HEADER.unpack(header)
        if magic != _MAGIC or step == 0 or rows != -(-height // step):
            raise ValueError(f"{path.name}: not a glass record")
        code: Optional[strip.Code] = None
        digest: Optional[bytes] = None
        vblank = -1
        for number in range(sys.maxsize):
            head = file.read(_RECORD.size)
            if len(head) < _RECORD.size:
                return
            at_us, sequence, kind, size = _RECORD.unpack(head)
            if sequence <= vblank or (kind, size) not in ((_PICTURE, rows * width), (_SAME, 8)):
                raise ValueError(f"{path.name}: record {number} is broken (kind {kind}, {size} bytes, vblank {sequence})")
            body = file.read(size)
            if len(body) < size:
                return
            vblank = sequence
            if kind == _PICTURE:
                digest = hashlib.sha256(body).digest()[:8]
                code = find_code(body, width)
            elif body != digest:
                raise ValueError(f"{path.name}: record {number} says 'as before' with another hash")
            yield Flip(at_us, code)


def find_code(luma: bytes, width: int) -> Optional[strip.Code]:
    """The code of the first kept row that holds one; below black bars it is not the first row."""
    for at in range(0, len(luma), width):
        code = strip.decode_row(luma[at : at + width])
        if code is not None:
            return code
    return None


def plays_of(flips: Iterator[Flip]) -> Iterator[Play]:
    """One file's plays. Another creative begins a play; so does a frame number that goes back; so does a picture that
    comes back after one without a code, unless it is a video that simply went on."""
    play: Optional[Play] = None
    interrupted = False
    for at_us, code in flips:
        if code is None:
            interrupted = True
            continue
        went_on = play is not None and play.creative == code.creative and (
            code.frame > play.last_frame or (code.frame == play.last_frame and not interrupted))
        interrupted = False
        if play is None or not went_on:
            if play is not None:
                yield play
            play = Play(code.creative, at_us, at_us, 1, code.frame, code.frame)
            continue
        play.frames += code.frame != play.last_frame
        play.last_us, play.last_frame = at_us, code.frame
    if play is not None:
        yield play


def read_glass(directory: Path) -> list[Play]:
    """All plays in a directory of records; each file, one start of the output, begins anew."""
    files = sorted(directory.glob("glass-*.rec"), key=lambda path: int(path.stem.removeprefix("glass-")))
    return [play for path in files for play in plays_of(read_flips(path))]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for one in read_glass(Path(sys.argv[1])):
        print(json.dumps(asdict(one)))
