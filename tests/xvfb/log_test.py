"""The play log held against the screen: a whole demo in a window of an Xvfb, whose framebuffer tells what was shown and when.

    log_test.py --bin DIRECTORY --out DIRECTORY [--seconds N] [--within MILLISECONDS]

Nothing may be logged that was not shown, or shown and not logged. With --within plays must begin and end on the screen that
close to what the log says; without, the figures are said (a machine that is busy keeps the reader from looking).
"""

import argparse
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import virtual_screen

RUN_DEMO = Path(__file__).resolve().parents[1] / "e2e" / "run_demo.py"
APART = re.compile(r"glass and log apart: ([0-9.]+) ms at most at a play's first picture, ([0-9.]+) ms at its last")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--within", type=float)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, too
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)
    with virtual_screen.Screen(None, arguments.out / "screen", "1280x720") as screen:
        command = [sys.executable, "-B", RUN_DEMO, "--bin", arguments.bin, "--out", arguments.out / "demo", "--says", APART.pattern,
                   "--", "--seconds", arguments.seconds, "--display", screen.display, "--framebuffer", screen.framebuffer]
        done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="")
    apart = APART.search(done.stdout)
    if done.returncode != 0 or apart is None:
        return 1
    worst = max(map(float, apart.groups()))
    if arguments.within is not None and worst > arguments.within:
        print(f"log_test: {worst} ms apart are more than {arguments.within}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
