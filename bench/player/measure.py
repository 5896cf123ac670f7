"""One player once through a list of files on a screen of its own: what the screen showed, what it cost."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "xvfb"))

import seams  # noqa: E402  first: it knows where the next one is
import glass_reader  # noqa: E402
import virtual_screen  # noqa: E402

from rivals import Player  # noqa: E402


@dataclass
class Showing:
    seams: seams.Seams
    pictures: int  # different ones, one after the other
    first_ms: float | None  # from exec to the first picture; None: nothing was seen
    wall_s: float
    cpu_s: float
    rss_mb: float  # at its peak


def run(command: list[str], limit_s: float, environment: dict[str, str] | None = None) -> tuple[float, float, float]:
    """Wall and processor seconds and the peak of memory in MB; longer than `limit_s` it is stopped."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    ended = False
    try:
        while not (waited := os.wait4(process.pid, os.WNOHANG))[0]:
            if time.monotonic() - began > limit_s:
                process.send_signal(signal.SIGKILL if ended else signal.SIGTERM)
                limit_s, ended = limit_s + 2, True
            time.sleep(0.005)
    except BaseException:
        process.kill()
        raise
    usage = waited[2]
    process.returncode = 0  # it was waited for here
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def show(player: Player, files: list[Path], reader: Path, home: Path, seconds: float, preferred: bool = False) -> Showing:
    """`home`: what the player remembers of itself, the same in every run. `seconds`: how long the files are. `preferred`: as
    of the screen."""
    folder = Path(tempfile.mkdtemp(prefix="vitrine-bench-"))
    try:
        with virtual_screen.Screen(reader, folder, preferred=preferred) as screen:
            environment = dict(os.environ, DISPLAY=screen.display, HOME=str(home), XDG_RUNTIME_DIR=str(home))
            began_us = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000
            wall, cpu, rss = run(player.command(files), seconds * 1.5 + 10, environment)
            seen = seams.seams_of(screen.glass, screen.stop_reading())
            pictures = sum(1 for path in screen.glass.glob("glass-*.rec") for _ in glass_reader.read_flips(path))
        first = (seen.looks[0].first_us - began_us) / 1000 if seen.looks else None
        return Showing(seen, pictures, first, wall, cpu, rss)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
