"""What a slow disk does to the picture: a screen plays for a while on its own disk as it is, then with every fsync taking
500 ms longer, then with every write of SQLite taking 50 ms longer.

    slow_disk.py [--seconds N]

Late is told twice: by the rows (frames dropped, frames held too long, gaps at seams) and by the glass, where it is a frame
of a video whose successor came more than a vblank after its time. A machine busy with other work is late by itself, so the
slow phases are held against the first one: the disk may add nothing.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from chaos import ROOT, Chaos, ChaosFailed, boottime_us, say
from fault import set_number

import books
import spots
import strip
from glass_reader import read_flips

VBLANK_US = 16_667
FPS = {spot.id: spot.fps for spot in spots.SPOTS if not spot.is_still}
SPARE_PERMILLE = 10  # of the frames: late ones that other work on the machine may bring to a phase; a slow disk in the
# way of the picture would make every seam late


@dataclass
class Phase:
    name: str
    plays: int = 0
    due: int = 0
    dropped: int = 0
    repeated: int = 0
    longest_gap_us: int = 0
    glass_frames: int = 0
    glass_late: int = 0

    @property
    def late(self) -> int:
        return max(self.dropped, self.repeated, self.glass_late)

    def line(self) -> str:
        return (f"{self.name:22} {self.plays:3d} plays; rows: frames due {self.due}, dropped {self.dropped}, repeated {self.repeated}, "
                f"longest gap {self.longest_gap_us / 1000:.0f} ms; glass: {self.glass_frames} steps of videos, {self.glass_late} late")


def read(chaos: Chaos, name: str, since_us: int, until_us: int) -> Phase:
    phase = Phase(name)
    for play in books.Books(chaos.folders.state, chaos.folders.store).read().plays:
        if play.first_us is None or not since_us <= play.first_us < until_us or (play.last_us or 0) > until_us:
            continue
        phase.plays += 1
        phase.due += play.frames_due
        phase.dropped += play.frames_dropped
        phase.repeated += play.frames_repeated
        phase.longest_gap_us = max(phase.longest_gap_us, play.gap_us)
    for path in sorted(chaos.folders.glass.glob("glass-*.rec")):
        before: strip.Code | None = None
        shown_us = 0
        for flip in read_flips(path):
            if flip.code is None or flip.code == before:
                continue
            code = flip.code
            if before and code.creative == before.creative and code.frame > before.frame and code.creative in FPS \
                    and since_us <= shown_us < until_us:
                phase.glass_frames += 1
                # 25 frames a second on 60 vblanks step by two or three: one vblank more than the longer step is late.
                phase.glass_late += code.frame - before.frame > 1 or flip.at_us - shown_us > 1e6 / FPS[code.creative] + 2 * VBLANK_US
            before, shown_us = code, flip.at_us
    return phase


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60, help="of each slow phase; the first takes half as long")
    parser.add_argument("--bin", type=Path, default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "slow-disk")
    arguments = parser.parse_args()
    arguments.seed = 1
    chaos = Chaos(arguments)
    wrong = []
    try:
        chaos.prepare(small_disks=False)
        chaos.start()
        phases = []
        for name, number, delay_ms, seconds in (("disk as it is", None, 0, arguments.seconds / 2),
                                                ("fsync + 500 ms", chaos.world.fsync_delay, 500, arguments.seconds),
                                                ("SQLite's writes + 50 ms", chaos.world.write_delay, 50, arguments.seconds)):
            if number:
                set_number(number, delay_ms * 1000)
            began = boottime_us()
            time.sleep(seconds)
            ended = boottime_us()
            if number:
                set_number(number, 0)
            time.sleep(10)  # what waited for the disk is stored by then, or is missing below
            phases.append(read(chaos, name, began, ended))
            say(phases[-1].line())
        quiet = phases[0]
        for phase in phases[1:]:
            allowed = quiet.late * phase.due / max(1, quiet.due) * 2 + phase.due * SPARE_PERMILLE / 1000
            if phase.late > allowed:
                wrong.append(f"{phase.name}: {phase.late} late frames, {quiet.late} without it")
            if phase.plays == 0:
                wrong.append(f"{phase.name}: no play in the log")
    except (ChaosFailed, RuntimeError, ValueError, OSError) as error:
        wrong.append(str(error))
    finally:
        chaos.close()
    for line in wrong:
        say(f"slow_disk: FAILED: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
