"""What vitrine-audience counts, against hand-made truths of real footage, and what it costs.

    VITRINE_DATA=FOLDER ./run bench audience [--only SECTION]...

Rivals get their turn in the same run: SORT on the same boxes as our tracker, OpenCV's bare forward() beside our detector. Without
VITRINE_DATA what needs footage is listed as SKIPPED and only the picture in which nothing happens is measured. Processor times
are of one thread and without decoding, which is told apart.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.append(str(HERE.parent))

from rows import NoFigures, Row, at_most, run_sections  # noqa: E402

INPUT_WIDTH = 320  # of the network, as the program has it
EMPTY_S = 30


class Bench:
    def __init__(self, programs: Path, data: Path | None, folder: Path) -> None:
        self.programs, self.data, self.folder = programs, data, folder
        self._clips: dict[tuple[str, ...], dict[str, Any]] = {}

    def ask(self, *arguments: object) -> dict[str, Any]:
        """The summary of one run, with every visit under `stays` and the peak of memory under `rss_mb`."""
        command = [str(self.programs / "vitrine-audience"), "--json", *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        lines = [json.loads(line) for line in process.stdout]
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0 or not lines:
            raise NoFigures(f"{' '.join(command)} ended with {process.returncode}")
        summary: dict[str, Any] = lines[-1]
        summary["stays"] = [line["dwell"] for line in lines if line["type"] == "visit"]
        summary["directions"] = [line["direction"] for line in lines if line["type"] == "crossing"]
        summary["rss_mb"] = usage.ru_maxrss / 1024
        return summary

    def clip(self, name: str, detector: str, fps: int, truth: str | None = None) -> dict[str, Any]:
        assert self.data
        arguments = ["--source", str(self.data / "video" / name), "--fast", "--fps", str(fps), "--detector", detector]
        if detector == "dnn":
            arguments += ["--model", ",".join(map(str, self.model()))]
        if truth:
            arguments += ["--truth", str(self.data / "truth" / truth)]
        key = tuple(arguments)
        if key not in self._clips:
            self._clips[key] = one = self.ask(*arguments)
            print(f"   {name} {detector} at {fps}: in {one['in']}, out {one['out']}, {one['visits']} visits, "
                  f"{one['cpu_ms']:.2f} ms a frame, decoding {one['decode_ms']:.2f}, {one['rss_mb']:.0f} MB", flush=True)
        return self._clips[key]

    def forget(self) -> None:
        self._clips.clear()

    def model(self) -> tuple[Path, Path]:
        assert self.data
        stem = self.data / "models" / "yolo-fastest-1.1_body"
        return stem.with_name(stem.name + ".cfg"), stem.with_name(stem.name + ".weights")

    def forward_ms(self, width: int, height: int) -> float:
        """Of a picture of this shape, brought to the network's width."""
        rows = max(32, round(INPUT_WIDTH * height / width / 32) * 32)
        said = subprocess.run([self.programs / "bench-audience-forward", *self.model(), str(INPUT_WIDTH), str(rows), "100"],
                              check=True, capture_output=True, text=True).stdout
        return float(said)


def at_least(what: str, figure: float, limit: float, unit: str) -> Row:
    return Row(what, f">= {limit:g} {unit}", f"{figure:.1f} {unit}", figure >= limit)


def tracker(bench: Bench) -> list[Row]:
    assert bench.data
    campus = bench.data / "mot15" / "TUD-Campus"
    boxes = ["--detections", campus / "det.txt", "--truth", campus / "gt.txt"]
    sort = bench.ask(*boxes, "--tracker", "sort")
    coasting = bench.ask(*boxes, "--tracker", "sort", "--max-age", "30")
    ours = bench.ask(*boxes)
    found = [sort["fp"], sort["fn"], sort["ids"]]
    rows = [Row("tracker: SORT on TUD-Campus, FP FN IDs", "15 113 6", " ".join(map(str, found)), found == [15, 113, 6]),
            at_least(f"tracker: MOTA, SORT coasting {100 * coasting['mota']:.1f}", 100 * ours["mota"], 100 * coasting["mota"], "%"),
            at_least(f"tracker: IDF1, SORT coasting {100 * coasting['idf1']:.1f}", 100 * ours["idf1"], 100 * coasting["idf1"], "%")]
    slowest = 0.0
    for path in sorted((bench.data / "mot15" / "det").glob("*/det.txt")):
        one, rival = bench.ask("--detections", path), bench.ask("--detections", path, "--tracker", "sort")
        print(f"   {path.parent.name}: {one['tracks']} tracks, {one['tracker_us']:.1f} us a frame; "
              f"SORT {rival['tracks']}, {rival['tracker_us']:.1f} us", flush=True)
        slowest = max(slowest, one["tracker_us"])
    return [*rows, at_most("tracker: a frame, slowest of the sequences", slowest, 20, "us")]


def crossings(bench: Bench) -> list[Row]:
    rows = []
    for detector, fps, asked in (("mog2", 10, 30), ("dnn", 5, 31)):
        one = bench.clip("vtest.avi", detector, fps, "vtest.json")
        rows += [at_least(f"crossings: vtest, {detector} at {fps}, of 32", one["hits"], asked, ""),
                 at_most(f"crossings: vtest, {detector} at {fps}, false", one["false"], 0, "")]
        if detector == "dnn":
            off = max(abs(one["in"] - 14), abs(one["out"] - 18))
            rows.append(at_most("crossings: vtest, dnn, off in a direction", off, 1, ""))
    return rows


def visits(bench: Bench) -> list[Row]:
    assert bench.data
    name = "one-by-one-person-detection"
    true = [visit["dwell_s"] for visit in json.loads((bench.data / "truth" / f"{name}.json").read_text())["visits"]]
    one = bench.clip(f"{name}.mp4", "dnn", 5, f"{name}.json")
    off = 100 * abs(one["dwell"] / sum(true) - 1)
    return [Row("visits: one by one, dnn at 5", str(len(true)), str(one["visits"]), one["visits"] == len(true)),
            at_most(f"visits: dwell off {sum(true):.1f} s", off, 4, "%"),
            Row("visits: crossings, false", f"{len(true)}, 0", f"{one['hits']}, {one['false']}",
                (one["hits"], one["false"]) == (len(true), 0))]


def nobody(bench: Bench) -> list[Row]:
    """Bottles that a hand moves: nobody to count."""
    rows = []
    for detector, fps, most in (("dnn", 5, 0), ("mog2", 10, 5)):
        one = bench.clip("bottle-detection.mp4", detector, fps)
        rows.append(at_most(f"nobody: bottles, {detector} at {fps}, {one['counts']}", one["visits"], most, "tracks"))
    return rows


def cost(bench: Bench) -> list[Row]:
    """The network and its bare forward() in turn, so that both meet what else the machine does."""
    width, height = 480, 360
    over = []
    for _ in range(3):
        bench.forget()
        before = bench.forward_ms(width, height)
        looked = bench.clip("vtest.avi", "dnn", 5)["cpu_ms"]
        forward = (before + bench.forward_ms(width, height)) / 2
        print(f"   forward() {forward:.2f} ms", flush=True)
        over.append(looked - forward)
    captured = bench.clip("vtest.avi", "dnn", 10)
    return [at_most("cost: dnn over bare forward()", sorted(over)[1], 0.5, "ms"),
            at_most("cost: dnn, 10 captured a second, each", captured["cpu_ms"], 7, "ms"),
            at_most("cost: mog2, each", bench.clip("vtest.avi", "mog2", 10)["cpu_ms"], 1.2, "ms"),
            at_most("memory: dnn, at its peak", captured["rss_mb"], 100, "MB"),
            at_most("memory: mog2, at its peak", bench.clip("vtest.avi", "mog2", 10)["rss_mb"], 50, "MB")]


def empty(bench: Bench) -> list[Row]:
    """A lobby in which nothing happens: the noise of a camera and no more."""
    clip = bench.folder / "empty.mp4"
    if not clip.exists():
        part = clip.with_name("making-" + clip.name)
        picture = f"gradients=s=640x480:r=10:d={EMPTY_S}:speed=0.00001:seed=7,format=yuv420p,noise=alls=6:allf=t"
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset",
                        "veryfast", "-crf", "18", str(part)], check=True)
        part.rename(clip)
    detectors = [("mog2", [])]
    if bench.data:
        detectors.append(("dnn", ["--model", ",".join(map(str, bench.model()))]))
    rows = []
    for detector, model in detectors:
        one = bench.ask("--source", clip, "--fast", "--fps", 10, "--detector", detector, *model)
        rows += [at_most(f"empty: {detector}, each of 10 frames a second", one["cpu_ms"], 0.5, "ms"),
                 at_most(f"empty: {detector}, {one['counts']}", one["visits"], 0, "")]
    return rows


SECTIONS: dict[str, Callable[[Bench], list[Row]]] = {
    "tracker": tracker,
    "crossings": crossings,
    "visits": visits,
    "nobody": nobody,
    "cost": cost,
    "empty": empty,
}
WITHOUT_FOOTAGE = ("empty",)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench audience", description="Counts against truths, and what they cost.")
    parser.add_argument("--only", action="append", choices=SECTIONS, metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--bin", type=Path, default=ROOT / "build" / "release" / "bin")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, too
    data = Path(os.environ["VITRINE_DATA"]).resolve() if os.environ.get("VITRINE_DATA") else None
    names = list(arguments.only or SECTIONS)
    for name in [name for name in names if data is None and name not in WITHOUT_FOOTAGE]:
        print(f"SKIPPED {name}: needs real footage and its truths, VITRINE_DATA")
        names.remove(name)
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-audience-") as folder:
        return run_sections(Bench(arguments.bin.resolve(), data, Path(folder)), names, SECTIONS)


if __name__ == "__main__":
    sys.exit(main())
