"""Thirty days of plays leave a screen over a thin line, while it goes on playing.

    backlog.py [--plays N] [--rate BITS] [--rtt MS] [--loss PERMILLE] [--live-only] [--period SECONDS]

Telemetry, broker and ingest are the real programs; the play log was written by the player's own code with the screen's proof
key (that time is not counted). Between screen and backend lies the emulated line (tests/line). Told are the time until the
last row of the backlog is stored and acknowledged, the bytes on the line until then, and for the plays that come meanwhile,
one every 2 s, the time from each one's end to its row in the store. --live-only: no backlog, for the time from event to
store alone, and to the first `vitrine report` that counts the play, asked again and again. The times in the backlog's rows
are random to within a frame, so a row of it takes twice the bytes of one from a real display (./run bench telemetry --only
bytes).
"""

import argparse
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "support")]

import line as lines  # noqa: E402
import pki  # noqa: E402
import screen  # noqa: E402
import servers  # noqa: E402
from log_copy import copied  # noqa: E402
from supervisor import Supervisor  # noqa: E402

OWN_MOUNTS = "VITRINE_BACKLOG_OWN_MOUNTS"
LIVE_EVERY_S = 2  # far more often than a screen plays: so that there is something to take a percentile of


def boottime_us() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


class Writer:
    """bench-play-writer beside us: the backlog first, then live plays whose ends are noted here."""

    def __init__(self, program: Path, folders: screen.Folders, backlog: int, live: int, every_s: float) -> None:
        self.ends: dict[int, int] = {}  # end of a live play by its seq
        self._process = subprocess.Popen(
            [program, "--state", folders.state, "--run", folders.run, "--screen", screen.SCREEN, "--backlog", str(backlog),
             "--live", str(live), "--every", str(every_s)], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        if not self._process.stdout.readline().startswith("ready"):
            raise RuntimeError("bench-play-writer failed")
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout
        for said in self._process.stdout:
            seq, end = said.split()
            self.ends[int(seq)] = int(end)

    def stop(self) -> None:
        """As often as one likes."""
        self._process.terminate()
        self._process.wait()
        self._thread.join()


class Bench:
    def __init__(self, arguments: argparse.Namespace, out: Path) -> None:
        self.arguments = arguments
        self.result: dict[str, float | None] = {}  # what run() found
        self.folders = screen.Folders(out)
        self.folders.clear()
        programs = arguments.bin.resolve()
        self.supervisor = Supervisor(self.folders.logs)
        self.line = lines.Line(self.supervisor, programs / "vitrine-line")
        self.line.start()
        self.installation = screen.Installation(
            self.folders, programs, programs / "vitrine-player", pki.Authority(out / "pki"), servers.free_port(),
            servers.free_port(), servers.free_port(), self.line.near)

    def start_backend(self) -> None:
        self.installation.start_backend(
            self.supervisor, lambda command: subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        settings = {"origins": [self.installation.origin_url], "batch_period_s": self.arguments.period, "confirm_s": 5, "live": True}
        subprocess.run(self.installation.push_command("settings", 1, settings, 0), check=True, stdout=subprocess.DEVNULL)

    def start_telemetry(self) -> None:
        for service in self.installation.screen("none", False):
            if service.name == "telemetry":
                service.network = self.line.network()
                self.supervisor.start(service)
        self.supervisor.wait_ready("telemetry", 60)

    def stored(self, condition: str) -> list[tuple[int, ...]]:
        try:
            with closing(sqlite3.connect(f"file:{self.folders.store}?mode=ro", uri=True, timeout=5)) as store:
                return store.execute(f"SELECT seq FROM play WHERE {condition}").fetchall()
        except sqlite3.OperationalError:
            return []

    def reported(self) -> int:
        """Plays that `vitrine report` counts; 0 while there is no store."""
        command = [self.arguments.bin.resolve() / "vitrine", "report", "--json", "--config", self.folders.backend / "backend.toml"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return int(json.loads(done.stdout)["plays"]) if done.returncode == 0 else 0

    def waiting(self) -> tuple[int, int]:
        """Rows frozen, and of those not acknowledged."""
        outbox = self.folders.state / "telemetry" / "outbox.db"
        with copied(outbox) as database:
            return database.execute("SELECT COALESCE(SUM(last - first + 1), 0), COALESCE(SUM((state = 0) * (last - first + 1)), 0)"
                                    " FROM batch WHERE stream = 0").fetchone()

    def run(self) -> None:
        arguments = self.arguments
        plays = 0 if arguments.live_only else arguments.plays
        self.start_backend()
        began = time.monotonic()
        writer = Writer(arguments.bin.resolve() / "bench-play-writer", self.folders, plays,
                        arguments.live_plays if arguments.live_only else 100_000, LIVE_EVERY_S)
        if plays:
            print(f"   {plays} plays written in {time.monotonic() - began:.1f} s")
        quality = lines.Quality(arguments.rate, arguments.rtt // 2, arguments.loss)
        before = self.line.set(quality)
        began_us, began = boottime_us(), time.monotonic()
        processor = self.processor_seconds()
        self.start_telemetry()
        arrived: dict[int, int] = {}  # when a live play was first seen in the store
        told_of: dict[int, int] = {}  # and in a report, where nothing but live plays is in the store
        told = began
        drained = frozen_at = figures = None
        deadline = began + arguments.limit
        while time.monotonic() < deadline:
            now = boottime_us()
            for (seq,) in self.stored(f"seq > {plays}"):
                arrived.setdefault(seq, now)
            if not plays and len(told_of) < len(arrived):
                count, now = self.reported(), boottime_us()
                for seq in range(len(told_of) + 1, count + 1):
                    told_of[seq] = now
            if drained is not None or not plays:
                if (plays or len(writer.ends) >= arguments.live_plays) and writer.ends.keys() <= (arrived if plays else told_of).keys():
                    break
            else:
                frozen, open_rows = self.waiting()
                if frozen_at is None and frozen >= plays:
                    frozen_at = time.monotonic() - began
                count = len(self.stored(f"seq <= {plays}")) if frozen - open_rows >= plays else 0
                if count == plays:
                    drained = time.monotonic() - began
                    figures = self.line.figures()
                    writer.stop()  # what it played meanwhile has two periods to arrive
                    deadline = min(deadline, time.monotonic() + 2 * arguments.period + 5)
                elif time.monotonic() - told >= 20:
                    told = time.monotonic()
                    print(f"   {told - began:4.0f} s: {frozen} rows frozen, {frozen - open_rows} acknowledged", flush=True)
            time.sleep(0.2)
        figures = figures or self.line.figures()
        writer.stop()
        up, down = (figures[way]["bytes"] - before[way]["bytes"] for way in ("up", "down"))
        if plays:
            took = f"{drained:.1f} s" if drained else f"NOT within {arguments.limit:.0f} s"
            print(f"   drained: {took}; all frozen after {frozen_at or -1:.1f} s")
        print(f"   on the line: up {up} bytes" + (f" = {up / plays:.1f} a play" if plays else "") + f", down {down} bytes; lost "
              f"{figures['up']['lost'] + figures['down']['lost']} packets, overflow {figures['up']['overflow'] + figures['down']['overflow']}")
        print("   processor: " + ", ".join(f"{name} {used - processor.get(name, 0):.1f} s" for name, used in self.processor_seconds().items()))
        self.result = {"drained_s": drained, "bytes_a_play": up / plays if plays else None, "live_plays": len(writer.ends)}
        self.say_late("stored", "live", arrived, writer.ends, began_us)
        if not plays:
            self.say_late("report", "report", told_of, writer.ends, began_us)

    def say_late(self, where: str, figure: str, seen: dict[int, int], ends: dict[int, int], began_us: int) -> None:
        """How long each play took to be seen there. One that was not when the clock stopped is as late as it is by then."""
        now = boottime_us()
        late = sorted((seen.get(seq, now) - max(end, began_us)) / 1e6 for seq, end in ends.items())
        if late:
            half, most, worst = late[len(late) // 2], late[int(len(late) * 0.95)], late[-1]
            self.result |= {f"{figure}_p50_s": half, f"{figure}_p95_s": most, f"{figure}_worst_s": worst}
            print(f"   event to {where}: {len(late)} plays, p50 {half:.1f} s, p95 {most:.1f} s, worst {worst:.1f} s"
                  f" (batch period {self.arguments.period} s)", flush=True)

    def processor_seconds(self) -> dict[str, float]:
        seconds = {}
        for name, service in self.supervisor.services.items():
            if service.process:
                words = Path(f"/proc/{service.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
                seconds[name] = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        return seconds

    def close(self) -> None:
        self.supervisor.close()
        self.line.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--plays", type=int, default=172_800, help="backlog; a play every 15 s for 30 days")
    parser.add_argument("--rate", type=int, default=1_000_000, help="bits a second, each way")
    parser.add_argument("--rtt", type=int, default=200, help="milliseconds")
    parser.add_argument("--loss", type=int, default=0, help="permille of packets, each way")
    parser.add_argument("--limit", type=float, default=540, help="seconds after which it gives up")
    parser.add_argument("--live-only", action="store_true")
    parser.add_argument("--live-plays", type=int, default=60, help="with --live-only")
    parser.add_argument("--period", type=int, default=20, help="seconds after which a batch is closed")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    arguments = parser.parse_args()
    if why := lines.why_not():
        print(f"SKIPPED: backlog over a thin line: {why}")
        return 0
    if OWN_MOUNTS not in os.environ:
        os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", "--", sys.executable, "-B", *sys.argv],
                   os.environ | {OWN_MOUNTS: "1"})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was made is cleared up
    out = Path(tempfile.mkdtemp(prefix="vitrine-backlog-"))
    try:
        # In memory: 172,800 transactions of the log's writer are no part of this, nor is whose disk it is.
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g", "vitrine-backlog", str(out)], check=True)
        print(f"== {'live alone' if arguments.live_only else f'{arguments.plays} plays'}, {arguments.rate / 1e6:g} Mbit/s, "
              f"{arguments.rtt} ms, {arguments.loss / 10:g} % lost", flush=True)
        bench = Bench(arguments, out)
        try:
            bench.run()
            if arguments.json:
                arguments.json.write_text(json.dumps(bench.result))
        finally:
            bench.close()
    finally:
        subprocess.run(["umount", str(out)], check=False)
        shutil.rmtree(out, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
