"""Every figure of what a screen reports and what that costs, one section after the other, and one table at the end.

    ./run bench telemetry [--only SECTION]...

A section is one of the programs beside this one (tests/chaos for the slow disk), which say more by themselves. Exit status
0 when all that was asked is met; what cannot be measured here is left out of the table and says why above it.
"""

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from rows import NoFigures, Row, at_most, run_sections  # noqa: E402

PERIOD_S = 20  # backlog.py's batch period, a live screen's
SHORT_PERIOD_S = 5


class Runner:
    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder

    def say(self, command: list[object], may_fail: bool = False) -> str:
        """What it prints goes on to the screen at once and comes back."""
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        lines = []
        try:
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(line)
        except BaseException:
            process.terminate()  # and it clears up what it started
            raise
        status = process.wait()
        said = "".join(lines)
        if skipped := re.search(r"^SKIPPED: (.*)$", said, re.M):
            raise NoFigures(skipped.group(1))
        if status != 0 and not may_fail:
            raise NoFigures(f"'{' '.join(map(str, command))}' ended with status {status}")
        return said

    def python(self, program: Path, *words: object, may_fail: bool = False) -> str:
        return self.say([sys.executable, "-B", program, "--bin", self.programs, *words], may_fail)


def bytes_a_play(run: Runner) -> list[Row]:
    said = run.say([run.programs / "bench-telemetry"])
    play = next(line for line in said.splitlines() if re.match(r"\s+play\s+[\d.]", line)).split()
    return [at_most("bytes: a play at 20 a batch", float(play[3]), 22, "B"), at_most("bytes: a play at 200 a batch", float(play[4]), 10, "B")]


def over_the_line(run: Runner, *words: object) -> dict[str, Any]:
    figures = run.folder / "backlog.json"
    figures.unlink(missing_ok=True)
    run.python(HERE / "backlog.py", "--json", figures, *words)
    return json.loads(figures.read_text())  # type: ignore[no-any-return]


def backlog(run: Runner, name: str, loss: int, limit: float) -> list[Row]:
    figures = over_the_line(run, "--loss", loss)
    return [at_most(f"{name}: 172,800 plays drained", figures["drained_s"], limit, "s"),
            at_most(f"{name}: a live play meanwhile, worst", figures.get("live_worst_s"), 2 * PERIOD_S, "s")]


def live(run: Runner) -> list[Row]:
    figures = over_the_line(run, "--live-only")
    return [at_most("live: event to stored, p95", figures.get("live_p95_s"), PERIOD_S + 10, "s"),
            at_most("live: event to report, p95", figures.get("report_p95_s"), PERIOD_S + 30, "s")]


def report(run: Runner) -> list[Row]:
    """A minute of plays, batches closed far more often than on any screen: what is left is the chain itself."""
    figures = over_the_line(run, "--live-only", "--live-plays", 30, "--period", SHORT_PERIOD_S)
    return [at_most(f"report: event to report, p95, {SHORT_PERIOD_S} s a batch", figures.get("report_p95_s"), SHORT_PERIOD_S + 30, "s")]


def screen(run: Runner, section: str) -> dict[str, Any]:
    said = run.python(HERE / "screen.py", "--only", section, may_fail=True)
    begin = said.find("{\n")
    if begin < 0:
        raise NoFigures(f"screen.py --only {section} has no figures")
    return json.JSONDecoder().raw_decode(said[begin:])[0][section]  # type: ignore[no-any-return]


def idle(run: Runner) -> list[Row]:
    figures = screen(run, "idle")
    return [at_most("idle: memory of telemetry (PSS)", figures["pss_mb"], 25, "MB"),
            at_most("idle: processor of telemetry", figures["cpu_percent"], 0.3, "%")]


def flash(run: Runner) -> list[Row]:
    return [at_most("flash: written in a day, four daemons", screen(run, "flash")["mb_a_day"], 60, "MB")]


def fleet(run: Runner) -> list[Row]:
    rows = []
    for burst, words in ((1, ("--in-flight", 5000)), (2, ("--in-flight", 10_000))):
        out = run.folder / f"fleet-{burst}"
        run.python(HERE / "fleet.py", "--out", out, "--screens", 5000, "--speedup", 0, "--batches", 60, "--burst", burst, *words)
        figures = json.loads((out / "summary.json").read_text())
        rows.append(Row(f"fleet: 5,000 screens, {burst} batch{'es' if burst > 1 else ''} an ack", ">= 100000 plays/s",
                        f"{figures['acked_plays_per_s']:.0f} plays/s, ack p95 {figures['ack_p95_ms']:.0f} ms",
                        figures["acked_plays_per_s"] >= 100_000))
    return rows


def slow_disk(run: Runner) -> list[Row]:
    said = run.python(ROOT / "tests" / "chaos" / "slow_disk.py", may_fail=True)
    phases = re.findall(r"^(\S.*?) +\d+ plays; .*dropped (\d+), repeated (\d+),.* (\d+) late$", said, re.M)
    if not phases:
        raise NoFigures("slow_disk.py has no figures")
    failed = "FAILED" in said
    worst = [max(int(count) for count in counts) for _, *counts in phases]
    return [Row("slow-disk: late frames with a slow disk", "<= 1 % of them more",
                " and ".join(map(str, worst[1:])) + f", {worst[0]} without", not failed and len(phases) == 3)]


SECTIONS: dict[str, Callable[[Runner], list[Row]]] = {
    "bytes": bytes_a_play,
    "backlog": lambda run: backlog(run, "backlog", 0, 60),
    "backlog-loss": lambda run: backlog(run, "backlog-loss", 20, 120),
    "live": live,
    "report": report,
    "idle": idle,
    "flash": flash,
    "fleet": fleet,
    "slow-disk": slow_disk,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench telemetry", description="What a screen reports, and what that costs.")
    parser.add_argument("--only", action="append", choices=SECTIONS, metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--bin", type=Path, default=ROOT / "build" / "release" / "bin")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, too
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as folder:
        return run_sections(Runner(arguments.bin.resolve(), Path(folder)), arguments.only or SECTIONS, SECTIONS)


if __name__ == "__main__":
    sys.exit(main())
