"""The seams of vitrine-player on a screen: a mixed playlist of videos and stills on an Xvfb, whose framebuffer tells whether a
frame was lost at a seam, whether black or the desktop showed through, and how long each seam took.

    seam_test.py --bin DIRECTORY --out DIRECTORY [--each]
"""

import argparse
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import clips
import seams
import virtual_screen

ENOUGH = 9  # of 13 seams that have to be looked at without a pause: where that fails, the player was starved as well
ROUNDS = 3


def play(programs: Path, out: Path, names: list[Path], each: bool = False) -> seams.Seams:
    """`each`: a process a file, one after the other."""
    with virtual_screen.Screen(programs / "vitrine-xvfb-glass", out) as shown:
        with (out / "player.log").open("wb") as log:
            for files in [[name] for name in names] if each else [names]:
                command = [programs / "vitrine-player", "--output", "x11", "--display", shown.display, "--run", out / "run",
                           "--once", "--still-seconds", clips.SECONDS, "--play", *files]
                code = subprocess.run([*map(str, command)], stdout=log, stderr=log, timeout=180).returncode
                if code != 0:
                    raise RuntimeError(f"the player ended with {code}: {(out / 'player.log').read_text()[-500:]}")
        seen = seams.seams_of(shown.glass, shown.stop_reading())
    print(seams.line(seen), flush=True)
    return seen


def faults(seen: seams.Seams) -> list[str]:
    shown = [look.clip.id for look in seen.looks]
    wrong = [] if shown == [clip.id for clip in clips.MIXED] else [f"the clips on the screen were {shown}"]
    for count, what in ((seen.lost, "frames lost at seams"), (seen.black, "black pictures"),
                        (seen.desktop, "pictures with some of the desktop")):
        if count:
            wrong.append(f"{count} {what}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", action="store_true", help="a process a file: passes when the desktop was seen")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, too
    shutil.rmtree(arguments.out, ignore_errors=True)
    files = clips.make(arguments.out.parent / "clips")
    if arguments.each:
        seen = play(arguments.bin, arguments.out, [files[201], files[204], files[203]], each=True)
        return 0 if seen.desktop else 1
    names = [files[clip.id] for clip in clips.MIXED]
    for number in range(1, ROUNDS + 1):
        seen = play(arguments.bin, arguments.out / f"round-{number}", names)
        if seen.judged >= ENOUGH:
            break
    else:
        print("SKIPPED: the seams on an X server need a machine that is less busy")
        return 0
    for reason in (wrong := faults(seen)):
        print(f"FAILED: {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
