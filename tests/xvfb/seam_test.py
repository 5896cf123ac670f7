"""The seams of vitrine-player on a screen: a mixed playlist of videos and stills on an Xvfb, whose framebuffer tells whether a
frame was lost at a seam, whether black or the desktop showed through, and how long each seam took.

    seam_test.py --bin DIRECTORY --out DIRECTORY [--each | --beside [-- OPTION...]]

--beside: vitrine-audience counts on a clip meanwhile (with these options more), on the same processors; it has to get on with that,
and the player must lose nothing to it.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Iterator

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
import clips  # noqa: E402
import counting  # noqa: E402
import media  # noqa: E402
import seams  # noqa: E402
import virtual_screen  # noqa: E402

ENOUGH = 9  # of 13 seams that have to be looked at without a pause: where that fails, the player was starved as well
ROUNDS = 3


@contextlib.contextmanager
def audience(programs: Path, out: Path, options: list[str]) -> Iterator[counting.Counting]:
    """Counting on the demo's camera clip, from its first picture on."""
    clip = media.make(clips.ROOT / "demo" / "out" / "media") / "camera.mp4"
    with counting.Counting(programs / "vitrine-audience", out, clip, options=options) as beside:
        counting.wait_for("the audience counts", lambda: beside.live().get("camera") == "ok")
        yield beside


class Pace(threading.Thread):
    """How the audience gets on meanwhile, as it tells itself each second."""

    def __init__(self, beside: counting.Counting) -> None:
        super().__init__()
        self._beside, self._over, self._rates = beside, threading.Event(), []
        self._began, self._spent = time.monotonic(), self._processor_s()

    def _processor_s(self) -> float:
        words = Path(f"/proc/{self._beside.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def run(self) -> None:
        while not self._over.wait(1):
            self._rates.append(int(str(self._beside.live().get("fps_milli", 0))) / 1000)

    def end(self) -> list[str]:
        self._over.set()
        self.join()
        print(f"beside it the audience: {min(self._rates):.1f} to {max(self._rates):.1f} pictures a second, "
              f"{self._processor_s() - self._spent:.1f} s of processor time in {time.monotonic() - self._began:.0f} s", flush=True)
        return [] if max(self._rates) > 0 else ["the audience came to a stand"]


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
    parser.add_argument("--beside", action="store_true", help="vitrine-audience counts meanwhile")
    parser.add_argument("options", nargs="*", help="more options of vitrine-audience")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, too
    shutil.rmtree(arguments.out, ignore_errors=True)
    files = clips.make(arguments.out.parent / "clips")
    if arguments.each:
        seen = play(arguments.bin, arguments.out, [files[201], files[204], files[203]], each=True)
        return 0 if seen.desktop else 1
    names = [files[clip.id] for clip in clips.MIXED]
    for number in range(1, ROUNDS + 1):
        out = arguments.out / f"round-{number}"
        if arguments.beside:
            with audience(arguments.bin, arguments.out / f"audience-{number}", arguments.options) as beside:
                pace = Pace(beside)
                pace.start()
                try:
                    seen = play(arguments.bin, out, names)
                finally:
                    starved = pace.end()
        else:
            seen, starved = play(arguments.bin, out, names), []
        if seen.judged >= ENOUGH:
            break
    else:
        print("SKIPPED: the seams on an X server need a machine that is less busy")
        return 0
    for reason in (wrong := faults(seen) + starved):
        print(f"FAILED: {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
