"""The seams of vitrine-player on a screen: a mixed playlist of videos and stills on an Xvfb, whose framebuffer tells whether a
frame was lost at a seam, whether black or the desktop showed through, and how long each seam took.

    seam_test.py --bin DIRECTORY --out DIRECTORY
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import clips
import seams
import virtual_screen

ENOUGH = 10  # seams that were looked at without a pause
ROUNDS = 3  # so many are enough unless the machine is starved


def play(programs: Path, out: Path, files: dict[int, Path]) -> seams.Seams:
    with virtual_screen.Screen(programs / "vitrine-xvfb-glass", out) as shown:
        names = [files[clip.id] for clip in clips.MIXED]
        with (out / "player.log").open("wb") as log:
            command = [programs / "vitrine-player", "--output", "x11", "--display", shown.display, "--run", out / "run", "--once",
                       "--still-seconds", clips.SECONDS, "--play", *names]
            code = subprocess.run([*map(str, command)], stdout=log, stderr=log, timeout=180).returncode
        if code != 0:
            raise RuntimeError(f"the player ended with {code}: {(out / 'player.log').read_text()[-500:]}")
        return seams.seams_of(shown.glass, shown.stop_reading())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.out, ignore_errors=True)
    files = clips.make(arguments.out.parent / "clips")
    seen = seams.Seams()
    wrong = []
    for number in range(1, ROUNDS + 1):
        played = play(arguments.bin, arguments.out / f"round-{number}", files)
        print(seams.line(played), flush=True)
        seen.add(played)
        shown = [look.clip.id for look in played.looks]
        if shown != [clip.id for clip in clips.MIXED]:
            wrong.append(f"round {number}: the clips on the screen were {shown}")
        if wrong or seen.judged >= ENOUGH:
            break
    else:
        wrong.append(f"the machine is too busy to tell: {seen.judged} of {seen.judged + seen.unseen} seams could be looked at")
    for count, what in ((seen.lost, "frames lost at seams"), (seen.black, "black pictures"),
                        (seen.desktop, "pictures with some of the desktop")):
        if count:
            wrong.append(f"{count} {what}")
    for reason in wrong:
        print(f"FAILED: {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
