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
from typing import BinaryIO, Iterator, NamedTuple, Optional

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


class Record:
    """One file, read as far as it goes: each read() goes on where the last one ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = 0  # where the next record begins
        self._number = 0
        self._width, self._rows = 0, 0
        self._vblank = -1
        self._code: Optional[strip.Code] = None
        self._digest: Optional[bytes] = None

    def read(self) -> Iterator[Flip]:
        """ValueError names the record that contradicts the format."""
        with self.path.open("rb") as file:
            file.seek(self._at)
            if self._at == 0:
                header = file.read(_HEADER.size)
                if len(header) < _HEADER.size:
                    return  # killed before it could flip
                magic, width, height, step, rows = _HEADER.unpack(header)
                if magic != _MAGIC or step == 0 or rows != -(-height // step):
                    raise ValueError(f"{self.path.name}: not a glass record")
                self._width, self._rows, self._at = width, rows, _HEADER.size
            while flip := self._next(file):
                yield flip

    def _next(self, file: BinaryIO) -> Optional[Flip]:
        head = file.read(_RECORD.size)
        if len(head) < _RECORD.size:
            return None
        at_us, sequence, kind, size = _RECORD.unpack(head)
        if sequence <= self._vblank or (kind, size) not in ((_PICTURE, self._rows * self._width), (_SAME, 8)):
            raise ValueError(f"{self.path.name}: record {self._number} is broken "
                             f"(kind {kind}, {size} bytes, vblank {sequence})")
        body = file.read(size)
        if len(body) < size:
            return None
        if kind == _PICTURE:
            self._digest = hashlib.sha256(body).digest()[:8]
            self._code = find_code(body, self._width)
        elif body != self._digest:
            raise ValueError(f"{self.path.name}: record {self._number} says 'as before' with another hash")
        self._vblank = sequence
        self._number += 1
        self._at += _RECORD.size + size
        return Flip(at_us, self._code)


def read_flips(path: Path) -> Iterator[Flip]:
    """Every flip of one file."""
    return Record(path).read()


def find_code(luma: bytes, width: int) -> Optional[strip.Code]:
    """The code of the first kept row that holds one; below black bars it is not the first row."""
    for at in range(0, len(luma), width):
        code = strip.decode_row(luma[at : at + width])
        if code is not None:
            return code
    return None


class _Reading:
    """Turns one file's flips into plays. Another creative begins a play; so does a frame number that goes back; so does a
    picture that comes back after one without a code, unless it is a video that simply went on."""

    def __init__(self) -> None:
        self._play: Optional[Play] = None
        self._interrupted = False

    def see(self, flip: Flip) -> Optional[Play]:
        """The play that this flip begins; it goes on to grow."""
        at_us, code = flip
        if code is None:
            self._interrupted = True
            return None
        play = self._play
        went_on = play is not None and play.creative == code.creative and (
            code.frame > play.last_frame or (code.frame == play.last_frame and not self._interrupted))
        self._interrupted = False
        if play is None or not went_on:
            self._play = Play(code.creative, at_us, at_us, 1, code.frame, code.frame)
            return self._play
        play.frames += code.frame != play.last_frame
        play.last_us, play.last_frame = at_us, code.frame
        return None


def plays_of(flips: Iterator[Flip]) -> Iterator[Play]:
    """One file's plays."""
    reading = _Reading()
    return iter([play for play in map(reading.see, flips) if play is not None])


class Glass:
    """A directory of records that may still grow; each file, one start of the output, begins anew."""

    def __init__(self, directory: Path) -> None:
        self.plays: list[Play] = []  # in the order of showing; the last may go on
        self._directory = directory
        self._files: dict[Path, tuple[Record, _Reading]] = {}

    def update(self) -> list[Play]:
        files = sorted(self._directory.glob("glass-*.rec"), key=lambda path: int(path.stem.removeprefix("glass-")))
        for path in files:
            record, reading = self._files.setdefault(path, (Record(path), _Reading()))
            self.plays += [play for play in map(reading.see, record.read()) if play is not None]
        return self.plays


def read_glass(directory: Path) -> list[Play]:
    """All plays in a directory of records."""
    return Glass(directory).update()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for one in read_glass(Path(sys.argv[1])):
        print(json.dumps(asdict(one)))
