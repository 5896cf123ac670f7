"""What is left of a player after many items, and after many hours.

    ./run bench soak --hours H    vitrine-player on an Xvfb of its own, items of two seconds and broken files in turn
    ./run bench soak --items      ten thousand items on a clock that nobody waits for

Memory is judged by the least of each window of time: in between it goes up and down with what is open.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE.parent), str(HERE.parents[1] / "tests" / "xvfb")]

import clips  # noqa: E402
import virtual_screen  # noqa: E402
from rows import NoFigures, Row, at_most, run_sections  # noqa: E402

ITEMS = 10_000
WINDOWS = 10
MOST_GROWTH_MB = 2


def rows_of(what: str, samples: list[tuple[int, int]]) -> list[Row]:
    """`samples`: KB and descriptors, evenly over the run. Its first tenth is the time in which a player finds its size."""
    size = len(samples) // WINDOWS
    if size < 5:
        raise NoFigures(f"only {len(samples)} samples")
    least = [min(kb for kb, _ in samples[i * size:(i + 1) * size]) for i in range(WINDOWS)]
    fewest = [min(count for _, count in samples[i * size:(i + 1) * size]) for i in range(WINDOWS)]
    print("   least MB of each tenth: " + " ".join(f"{kb / 1024:.1f}" for kb in least)
          + "; descriptors: " + " ".join(map(str, fewest)), flush=True)
    return [at_most(f"{what}: memory grown since the first tenth", max(0, least[-1] - least[1]) / 1024, MOST_GROWTH_MB, "MB"),
            at_most(f"{what}: descriptors more", max(0, fewest[-1] - fewest[1]), 0, "")]


def broken_files(folder: Path, files: dict[int, Path]) -> list[Path]:
    """One that ends early, one that is nothing, one that does not open."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = files[201].read_bytes()
    made = {"cut.mp4": whole[:len(whole) * 6 // 10], "empty.mp4": b"", "noise.mp4": os.urandom(50_000)}
    for name, body in made.items():
        (folder / name).write_bytes(body)
    return [folder / name for name in made]


def items(program: Path, folder: Path, files: dict[int, Path]) -> list[Row]:
    playlist = [*files.values(), *broken_files(folder / "broken", files)]
    samples: list[tuple[int, int]] = []
    with subprocess.Popen([program, str(ITEMS), *map(str, playlist)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as player:
        assert player.stdout is not None
        for line in player.stdout:
            if not line[0].isdigit():  # its log
                continue
            done, kb, descriptors = map(int, line.split())
            samples.append((kb, descriptors))
            if done % (ITEMS // WINDOWS) == 0:
                print(f"   {done} items, {kb / 1024:.0f} MB", flush=True)
    if player.returncode != 0:
        raise NoFigures("the player failed")
    return rows_of(f"{ITEMS} items", samples)


class Soak:
    def __init__(self, programs: Path, folder: Path, hours: float) -> None:
        self.programs, self.folder, self.seconds = programs, folder, hours * 3600
        self.files = clips.make(folder / "clips")


def _sample(pid: int) -> tuple[int, int]:
    status = Path(f"/proc/{pid}/status").read_text()
    kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return kb, len(os.listdir(f"/proc/{pid}/fd"))


def soak(bench: Soak) -> list[Row]:
    bad = broken_files(bench.folder / "broken", bench.files)
    good = [bench.files[clip.id] for clip in clips.MIXED]
    playlist = [*good[:5], bad[0], *good[5:], *bad[1:]]
    samples: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory(prefix="vitrine-soak-") as scratch:
        with virtual_screen.Screen(None, Path(scratch)) as screen, open(Path(scratch) / "log", "w") as log:
            player = subprocess.Popen(
                [bench.programs / "vitrine-player", "--output", "x11", "--display", screen.display, "--run", scratch,
                 "--still-seconds", "2", "--play", *map(str, playlist)], stdout=log, stderr=log)
            try:
                began = told = time.monotonic()
                while time.monotonic() - began < bench.seconds:
                    time.sleep(0.5)
                    if player.poll() is not None:
                        raise NoFigures(f"the player ended after {time.monotonic() - began:.0f} s")
                    samples.append(_sample(player.pid))
                    if time.monotonic() - told >= bench.seconds / WINDOWS:
                        told = time.monotonic()
                        print(f"   {(told - began) / 3600:.2f} h, {samples[-1][0] / 1024:.0f} MB", flush=True)
            finally:
                player.send_signal(signal.SIGTERM)
                ended = player.wait(10)
        lines = (Path(scratch) / "log").read_text().splitlines()
    shown = [line for line in lines if " shown " in line and "dropped" in line]
    lost = sum(int(line.split("dropped ")[1].split(",")[0]) for line in shown)
    frames = sum(int(line.split("due ")[1].split(",")[0]) for line in shown)
    print(f"   {len(shown)} items shown, {frames} frames due, {lost} dropped; ended with {ended}")
    return [*rows_of(f"{bench.seconds / 3600:g} h", samples),
            at_most("frames dropped, of a million", 1e6 * lost / max(1, frames), 1000, "")]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench soak", description="Our player for hours, on an X11 screen.")
    parser.add_argument("--hours", type=float, default=8)
    parser.add_argument("--items", action="store_true", help=f"{ITEMS} items instead")
    parser.add_argument("--bin", type=Path, default=clips.ROOT / "build" / "release" / "bin")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    bench = Soak(arguments.bin.resolve(), clips.ROOT / "build" / "bench-player", arguments.hours)
    sections = {"soak": soak,
                "items": lambda one: items(one.programs / "bench-player-items", one.folder, one.files)}
    return run_sections(bench, ["items" if arguments.items else "soak"], sections)


if __name__ == "__main__":
    sys.exit(main())
