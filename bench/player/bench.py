"""Seams, processor, memory, start and endurance of vitrine-player on an X11 screen, beside mpv, VLC and GStreamer.

    ./run bench player [--only SECTION]... [--rounds N]

Every player gets its turn in every round, one after the other on the same files, so that what else the machine does meets all
of them; figures are medians over the rounds. The screen is an Xvfb, its witness the reader of tests/xvfb. With VITRINE_REFEREE
set to the folder of another referee (referee.py media, referee.py run), that one's word on our seams is asked as well.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

import measure  # noqa: E402  first: it knows where the next ones are
import clips  # noqa: E402
import endurance  # noqa: E402
import seams  # noqa: E402
from rivals import RIVALS, Player, ours  # noqa: E402
from rows import NoFigures, Row, at_most, run_sections  # noqa: E402

VIDEOS = [clips.BY_ID[number] for number in (201, 202, 206, 203, 201, 206, 202, 203)]
STILLS = [clips.BY_ID[number] for number in (201, 204, 206, 205, 203)]
LONG_S = 10
LONG_FRAMES = 300


class Bench:
    def __init__(self, programs: Path, folder: Path, rounds: int) -> None:
        self.reader, self.rounds, self.folder = programs / "vitrine-xvfb-glass", rounds, folder
        self.many = programs / "bench-player-items"
        self.files = clips.make(folder / "clips")
        self.ours = ours(programs / "vitrine-player", folder / "run")
        missing = [one.name for one in RIVALS if not shutil.which(next(word for word in one.command([]) if word in
                                                                        ("mpv", "vlc", "gst-play-1.0")))]
        if missing:
            print(f"   not here, so not beside ours: {', '.join(missing)}")
        self.rivals = [one for one in RIVALS if one.name not in missing]
        self._home = folder / "home"
        self._home.mkdir(parents=True, exist_ok=True)
        self._home.chmod(0o777)  # VLC's user writes there
        for player in self.rivals:  # once before all measuring: some look at all their plugins the first time
            self.show(player, [self.files[201]], 60)
        self._mixed: dict[str, list[measure.Showing]] = {}

    def show(self, player: Player, files: list[Path], seconds: float, preferred: bool = False) -> measure.Showing:
        return measure.show(player, files, self.reader, self._home, seconds, preferred)

    def rounds_of(self, players: list[Player], files: list[Path], seconds: float) -> dict[str, list[measure.Showing]]:
        showings: dict[str, list[measure.Showing]] = {player.name: [] for player in players}
        for _ in range(self.rounds):
            for player in players:
                showings[player.name].append(one := self.show(player, files, seconds))
                print(f"   {player.name:10} cpu {one.cpu_s / seconds:.3f} s/s, peak {one.rss_mb:.0f} MB, first picture "
                      f"{'never' if one.first_ms is None else f'{one.first_ms:.0f} ms'}; {seams.line(one.seams)}", flush=True)
        return showings

    def mixed(self) -> dict[str, list[measure.Showing]]:
        if not self._mixed:
            files = [self.files[clip.id] for clip in VIDEOS]
            self._mixed = self.rounds_of([self.ours, *self.rivals], files, clips.SECONDS * len(VIDEOS))
        return self._mixed

    def long_clip(self) -> Path:
        """As heavy as creatives are: 8 Mbit/s of noise that no encoder can leave out."""
        path = self.folder / "clips" / "heavy.mp4"
        if not path.exists():
            part = path.with_name("making-heavy.mp4")
            source = f"testsrc2=s=1920x1080:r=30:d={LONG_S},noise=alls=14:allf=t,format=yuv420p"
            clips.ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-bf", 3,
                         "-refs", 3, "-g", 60, "-b:v", "8M", "-maxrate", "10M", "-bufsize", "8M", "-colorspace", "bt709",
                         "-color_range", "tv", "-movflags", "+faststart", part)
            part.rename(path)
        return path


def gaps(showings: list[measure.Showing]) -> list[int]:
    return [gap for one in showings for gap in one.seams.gaps_us]


def seam_rows(bench: Bench) -> list[Row]:
    showings = bench.mixed()
    mine = showings[bench.ours.name]
    if not gaps(mine):
        raise NoFigures("no seam could be looked at: the machine is too busy")
    rows = [at_most("seams: gap in mixed formats, median", median(gaps(mine)) / 1000, 36, "ms"),
            at_most("seams: gap in mixed formats, p95", seams.p95(gaps(mine)) / 1000, 42, "ms")]
    for what, count in (("frames lost", "lost"), ("black pictures", "black"), ("pictures with desktop", "desktop")):
        rows.append(at_most(f"seams: {what}", sum(getattr(one.seams, count) for one in mine), 0, "in all"))
    for rival in bench.rivals:
        if theirs := gaps(showings[rival.name]):
            lost = sum(one.seams.lost for one in showings[rival.name])
            rows.append(Row(f"seams: median no longer than {rival.name}'s", f"<= {median(theirs) / 1000:.1f} ms + 1",
                            f"{median(gaps(mine)) / 1000:.1f} ms ({rival.name} lost {lost} frames)",
                            median(gaps(mine)) <= median(theirs) + 1000))
    if referee := os.environ.get("VITRINE_REFEREE"):
        theirs_ms = referee_gap(Path(referee), bench)
        rows.append(at_most("seams: apart from the referee's median", abs(theirs_ms - median(gaps(mine)) / 1000), 5, "ms"))
    return rows


def referee_gap(referee: Path, bench: Bench) -> float:
    media = bench.folder / "referee"
    program = [sys.executable, "-B", str(referee / "referee.py")]
    if not (media / "still.png").exists():
        subprocess.run([*program, "media", str(media)], check=True, stdout=subprocess.DEVNULL)
    files = [media / f"s{number}.mp4" for number in range(6)]
    said = subprocess.run([*program, "run", "-n", "1", "--label", "vitrine", "--", *bench.ours.command(files)], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    print("   referee: " + said.strip())
    return float(json.loads(said)["gap_ms_median"])


def busy(bench: Bench) -> list[Row]:
    """Two loops that do nothing take what they can get; the screen and who presents on it go first."""
    files = [bench.files[clip.id] for clip in VIDEOS]
    seconds = clips.SECONDS * len(VIDEOS)
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        showings = {player.name: [bench.show(player, files, seconds, preferred=True) for _ in range(bench.rounds)]
                    for player in (bench.ours, *bench.rivals)}
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    for name, several in showings.items():
        for one in several:
            print(f"   {name:10} {seams.line(one.seams)}", flush=True)
    mine = showings[bench.ours.name]
    over = [max(0, value) / 1000 + clips.BY_ID[201].frame_us / 1000 for one in mine for value in one.seams.over_us]
    if not over:
        raise NoFigures("no seam could be looked at")
    lost = sum(one.seams.lost for one in mine)
    beside = ", ".join(f"{name} {sum(one.seams.lost for one in several)}" for name, several in showings.items()
                       if name != bench.ours.name)
    return [Row("busy: frames lost at seams", "<= 0", f"{lost} ({beside})" if beside else str(lost), lost == 0),
            at_most("busy: longest gap, as of a clip of 30 a second", max(over), 50, "ms")]


def broken(bench: Bench) -> list[Row]:
    """Files that end early, hold nothing or do not open, between good ones: what the screen waits for what comes instead."""
    bad = endurance.broken_files(bench.folder / "broken", bench.files)
    playlist = [file for number, one in zip((202, 203, 202, 206), [*bad, bad[0]]) for file in (bench.files[number], one)]
    playlist.append(bench.files[203])
    over = []
    for _ in range(bench.rounds):
        one = bench.show(bench.ours, playlist, clips.SECONDS * len(playlist))
        print(f"   {bench.ours.name:10} {seams.line(one.seams)}", flush=True)
        over += one.seams.over_us
    if not over:
        raise NoFigures("no seam could be looked at: the machine is too busy")
    return [at_most("broken: longest wait beyond a frame's time", max(over) / 1000, clips.BY_ID[201].frame_us / 1000, "ms")]


def items(bench: Bench) -> list[Row]:
    return endurance.items(bench.many, bench.folder, bench.files)


def stills(bench: Bench) -> list[Row]:
    players = [bench.ours, *(one for one in bench.rivals if one.stills)]
    showings = bench.rounds_of(players, [bench.files[clip.id] for clip in STILLS], clips.SECONDS * len(STILLS))
    held = {name: [abs(error) / 1000 for one in several for error in one.seams.hold_errors_us]
            for name, several in showings.items()}
    if not held[bench.ours.name]:
        raise NoFigures("no still could be looked at: the machine is too busy")
    beside = ", ".join(f"{name} {median(errors):.0f}" for name, errors in held.items() if errors and name != bench.ours.name)
    row = at_most("stills: off their 2 s, median", median(held[bench.ours.name]), 5, "ms")
    return [Row(row.what, row.asked, row.measured + (f" ({beside})" if beside else ""), row.met)]


def cost(one: measure.Showing) -> str:
    return f"{one.cpu_s / LONG_S:.3f} s/s, {one.rss_mb:.0f} MB, {one.pictures} pictures"


def cpu(bench: Bench) -> list[Row]:
    heavy = bench.long_clip()
    decoding = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", str(heavy), "-an", "-f", "null", "-"]
    vlc = next((one for one in bench.rivals if one.name == "vlc"), None)
    over, ratios, peaks = [], [], []
    for _ in range(bench.rounds):
        floor = measure.run(decoding, 10 * LONG_S)[1] / LONG_S
        mine = bench.show(bench.ours, [heavy], LONG_S)
        print(f"   decoding alone {floor:.3f} s/s; vitrine {cost(mine)}", end="", flush=True)
        for rival in bench.rivals:
            one = bench.show(rival, [heavy], LONG_S)
            print(f"; {rival.name} {cost(one)}", end="", flush=True)
            # Whoever leaves frames out, for want of a processor or of a window, is cheaper for it.
            if rival is vlc and min(one.pictures, mine.pictures) > LONG_FRAMES * 0.95:
                ratios.append(mine.cpu_s / one.cpu_s)
        print(flush=True)
        over.append(mine.cpu_s / LONG_S - floor)
        peaks.append(mine.rss_mb)
    rows = [at_most("cpu: beyond decoding alone", median(over), 0.045, "s/s"),
            at_most("memory: 1080p30 H.264, at its peak", median(peaks), 95, "MB")]
    if ratios:
        rows.append(at_most("cpu: of what VLC needs", median(ratios), 0.80, "times"))
    elif vlc:
        print(f"   not beside VLC: one of the two did not show the {LONG_FRAMES} frames, the machine is too busy")
    return rows


def memory(bench: Bench) -> list[Row]:
    peak = median(one.rss_mb for one in bench.mixed()[bench.ours.name])
    beside = ", ".join(f"{one.name} {median(show.rss_mb for show in bench.mixed()[one.name]):.0f}" for one in bench.rivals)
    row = at_most("memory: mixed formats, at its peak", peak, 95, "MB")
    return [Row(row.what, row.asked, row.measured + (f" ({beside})" if beside else ""), row.met)]


def start(bench: Bench) -> list[Row]:
    firsts: dict[str, list[float]] = {player.name: [] for player in (bench.ours, *bench.rivals)}
    for _ in range(bench.rounds):
        for player in (bench.ours, *bench.rivals):
            one = bench.show(player, [bench.files[201]], clips.SECONDS)
            if one.first_ms is not None:
                firsts[player.name].append(one.first_ms)
    said = {name: median(values) for name, values in firsts.items() if values}
    print("   " + ", ".join(f"{name} {value:.0f} ms" for name, value in said.items()))
    mine = said.get(bench.ours.name)
    if mine is None or "vlc" not in said:
        raise NoFigures("no first picture of ours, or none of VLC's")
    return [at_most(f"start: first picture, of VLC's {said['vlc']:.0f} ms", mine / said["vlc"], 0.60, "times")]


SECTIONS: dict[str, Callable[[Bench], list[Row]]] = {
    "seams": seam_rows,
    "memory": memory,
    "stills": stills,
    "cpu": cpu,
    "start": start,
    "busy": busy,
    "broken": broken,
    "items": items,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench player", description="Our player beside others, on an X11 screen.")
    parser.add_argument("--only", action="append", choices=SECTIONS, metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bin", type=Path, default=clips.ROOT / "build" / "release" / "bin")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, too
    bench = Bench(arguments.bin.resolve(), clips.ROOT / "build" / "bench-player", arguments.rounds)
    return run_sections(bench, arguments.only or SECTIONS, SECTIONS)


if __name__ == "__main__":
    sys.exit(main())
