"""What a screen dump shows: the code of a creative (demo/strip.py), nothing, or something else."""

import math
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, Optional

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "demo"), str(HERE.parent.parent / "cross-compile")]
import debian_tree  # noqa: E402
import glass_reader  # noqa: E402
import strip  # noqa: E402
from daemons import Wrong, live, uptime_us  # noqa: E402
from device import SCREEN, Device  # noqa: E402

_BLACK = 24  # luma of full range; video black is 16 where nothing converts it


class Seen(NamedTuple):
    code: Optional[strip.Code]
    black: bool
    status: bool  # the status picture, by the bar along its top

    def words(self) -> str:
        if self.code:
            return f"creative {self.code.creative}, frame {self.code.frame}"
        return "black" if self.black else "the status picture" if self.status else "a picture without a code"


def read(dump: Path) -> Seen:
    luma = subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-i", str(dump), "-pix_fmt", "gray", "-f", "rawvideo",
                           "-"], check=True, capture_output=True, preexec_fn=debian_tree.leash()).stdout
    if len(luma) != SCREEN[0] * SCREEN[1]:
        raise Wrong(f"{dump}: not a picture of {SCREEN[0]}x{SCREEN[1]}")
    top = luma[:SCREEN[0]]
    bar = min(top) > 2 * _BLACK and max(top) - min(top) < _BLACK
    code = glass_reader.find_code(luma, SCREEN[0])
    return Seen(code, max(luma) <= _BLACK, bar and code is None)


def check_frame(device: Device, dump: Path, fps: int, only: int = 0) -> strip.Code:
    """Takes a dump and holds its creative and frame against where the player says it is: a second's live figure,
    extrapolated to the moments just before and just after the dump. `only`: the creative, where no schedule says it."""
    # Far enough from the item's end that the next does not begin in between.
    before = device.wait(lambda: (now := live(device, "player")).get("length_ms", 0) > 2 * now.get("position_ms", 0) and now,
                         "the player in the first half of an item", 60)
    earliest = uptime_us(device)
    device.screendump(dump)
    latest = uptime_us(device)
    begun = before["written_at"] - before["position_ms"] * 1000
    first, last = ((moment - begun) / 1e6 * fps for moment in (earliest, latest))
    code = read(dump).code
    # One to either side: the clock of /proc/uptime has hundredths, and a frame may be late by a vblank.
    low, high = math.floor(first) - 1, math.floor(last) + 1
    wanted = only or before["creative"]
    if code is None or code.creative != wanted or not low <= code.frame <= high:
        raise Wrong(f"{dump.name} shows {code}, the player says creative {wanted}, frame {low} to {high}")
    return code
