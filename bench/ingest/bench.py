"""What taking plays in and storing them costs, one section after the other, and one table at the end.

    ./run bench ingest [--only SECTION]...

The network is left out: bench telemetry has a fleet over MQTT. Here signed batches go through the ingest's own decoding,
verifying, looking up and fsyncing, and from its spool into SQLite and into a ClickHouse server of its own, which compresses
by ZSTD (docs/store.md). Seconds are those of this machine as it is: the load beside each section says how busy it was. The
processor's seconds of ClickHouse are in none of the figures of this process; they are told beside them.
"""

import argparse
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench"))
sys.path.append(str(ROOT / "tests" / "support"))
from column_store import ColumnStore  # noqa: E402
from rows import NoFigures, Row, at_most, run_sections  # noqa: E402

STREAM_OF_PLAYS = "SELECT device, log_id, seq, first_flip_us, last_flip_us, creative, content FROM play ORDER BY device, log_id, seq"


class Bench:
    def __init__(self, program: Path, folder: Path, plays: int, table_plays: int) -> None:
        self.program, self.folder, self.plays, self.table_plays = program, folder, plays, table_plays
        self._server: ColumnStore | None = None
        self._spool: Path | None = None

    @property
    def server(self) -> ColumnStore:
        if self._server is None:
            try:
                self._server = ColumnStore(self.folder / "clickhouse")
            except RuntimeError as error:
                raise NoFigures(str(error)) from error
        return self._server

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def run(self, *words: object) -> dict[str, float]:
        done = subprocess.run([self.program, *map(str, words)], stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise NoFigures(f"bench-ingest {words[0]} ended with status {done.returncode}")
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    def say(self, what: str, figures: dict[str, float], server_cpu_s: float | None = None) -> float:
        """Plays a second."""
        rate = figures["plays"] / figures["wall_s"]
        million = figures["plays"] / 1e6
        beside = "" if server_cpu_s is None else f", ClickHouse {server_cpu_s / million:.1f} s"
        print(f"   {what}: {figures['plays']:,} plays in {figures['wall_s']:.1f} s, {rate:,.0f} a second; processor"
              f" {figures['cpu_s'] / million:.1f} s a million{beside}", flush=True)
        return rate

    @property
    def spool(self) -> Path:
        """A spool of batches of 200, for the sections that need one."""
        if self._spool is None:
            self._spool = self.folder / "spooled"
            self.run("take-in", "--folder", self._spool, "--plays", self.plays, "--rows", 200)
        return self._spool


def at_least(what: str, figure: float, limit: float, unit: str) -> Row:
    return Row(what, f">= {limit:,.0f} {unit}", f"{figure:,.0f} {unit}", figure >= limit)


def spool(bench: Bench) -> list[Row]:
    rates = {}
    for rows, share in ((20, 4), (200, 1)):
        figures = bench.run("take-in", "--folder", bench.folder / f"take-{rows}", "--plays", bench.plays // share, "--rows", rows)
        rates[rows] = bench.say(f"to the fsynced spool, {rows} a batch", figures)
    return [at_least("to the fsynced spool, 200 a batch", rates[200], 150_000, "plays/s")]


def committed(bench: Bench) -> list[Row]:
    rows = []
    for name, store in (("ClickHouse", bench.server.store("committed")), ("SQLite", f"sqlite:{bench.folder}/committed.db")):
        for count, share in ((20, 4), (200, 1)):
            before = bench.server.cpu_s()
            place = store.replace("committed", f"committed_{count}")
            figures = bench.run("both", "--folder", bench.folder / f"both-{name}-{count}", "--plays", bench.plays // share,
                                "--rows", count, "--store", place)
            spent = bench.server.cpu_s() - before if name == "ClickHouse" else None
            rate = bench.say(f"to the spool and to committed rows in {name}, {count} a batch", figures, spent)
        if name == "ClickHouse":
            rows.append(at_least("to committed rows in ClickHouse, 200 a batch", rate, 150_000, "plays/s"))
    return rows


def stored_bytes(bench: Bench) -> list[Row]:
    store = f"sqlite:{bench.folder}/bytes.db"
    plays = int(bench.run("load", "--folder", bench.spool, "--store", store)["plays"])
    print(f"   SQLite: {(bench.folder / 'bytes.db').stat().st_size / plays:.1f} B a play, batches included")
    bench.run("load", "--folder", bench.spool, "--store", bench.server.store("bytes"))
    for table in ("play_stored", "batch"):
        bench.server.ask(f"OPTIMIZE TABLE {table} FINAL", "bytes")
    size = {table: int(bench.server.ask(f"SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'bytes' AND table = '{table}'"))
            for table in ("play_stored", "batch")}
    print(bench.server.ask("SELECT concat('   ', name), round(data_compressed_bytes / " + str(plays) + ", 2) FROM system.columns WHERE"
                           " database = 'bytes' AND table = 'play_stored' ORDER BY data_compressed_bytes DESC LIMIT 12"))
    print(f"   ClickHouse: batches of 200 besides: {size['batch'] / plays:.1f} B a play")
    return [at_most("a stored play in ClickHouse, all columns", size["play_stored"] / plays, 24, "B")]


def killed(bench: Bench) -> list[Row]:
    """The loader killed again and again while it loads; then every row is compared."""
    random.seed(1)
    reference = bench.folder / "reference.db"
    plays = int(bench.run("load", "--folder", bench.spool, "--store", f"sqlite:{reference}")["plays"])
    wanted = subprocess.run(["sha256sum"], input=_rows_of_sqlite(reference), stdout=subprocess.PIPE).stdout
    rows = []
    for name, store in (("ClickHouse", bench.server.store("killed")), ("SQLite", f"sqlite:{bench.folder}/killed.db")):
        kills = 0
        while True:
            process = subprocess.Popen([bench.program, "load", "--folder", bench.spool, "--store", store], stdout=subprocess.DEVNULL)
            try:
                process.wait(timeout=random.uniform(0.05, 1.5))
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
            if kills >= 40:
                bench.run("load", "--folder", bench.spool, "--store", store)
                break
        text = _rows_of_sqlite(bench.folder / "killed.db") if name == "SQLite" else (
            bench.server.ask(STREAM_OF_PLAYS.replace(", content", ", lower(hex(content))"), "killed") + "\n").encode()
        same = subprocess.run(["sha256sum"], input=text, stdout=subprocess.PIPE).stdout == wanted
        rows.append(Row(f"exactly once in {name}, killed {kills} times", f"{plays} rows, same sum",
                        f"{len(text.splitlines())} rows, {'same' if same else 'ANOTHER'} sum", same))
    return rows


def _rows_of_sqlite(path: Path) -> bytes:
    with sqlite3.connect(path) as store:
        return "".join("\t".join(map(str, row)) + "\n" for row in store.execute(STREAM_OF_PLAYS)).encode()


def exposure_table(bench: Bench) -> list[Row]:
    """One campaign of twelve that have these plays: its exposure table by hour, and beside it that of all, and its report."""
    rows = []
    for name, store, plays, limit in (("ClickHouse", bench.server.store("exposure"), bench.table_plays, 2),
                                      ("SQLite", f"sqlite:{bench.folder}/exposure.db", bench.table_plays // 10, 10)):
        done = subprocess.run([bench.program, "exposure-table", "--store", store, "--plays", str(plays)], stdout=subprocess.PIPE, text=True)
        print(f"   {name}: " + done.stdout.strip().replace("\n", "\n   "), flush=True)
        if done.returncode != 0:
            raise NoFigures(f"bench-ingest exposure-table ended with status {done.returncode}")
        lines = [line.split() for line in done.stdout.splitlines()]
        stored = next(int(line[3]) for line in lines if line[0] == "filled")
        worst = max(float(line[1]) for line in lines if line[0] == "table")
        rows.append(at_most(f"a campaign out of {stored:,} plays, {name}", worst, limit, "s"))
    return rows


SECTIONS: dict[str, Callable[[Bench], list[Row]]] = {
    "spool": spool,
    "committed": committed,
    "bytes": stored_bytes,
    "killed": killed,
    "exposure-table": exposure_table,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench ingest", description="What taking plays in and storing them costs.")
    parser.add_argument("--only", action="append", choices=SECTIONS, metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--plays", type=int, default=2_000_000, help="a quarter of these at 20 a batch")
    parser.add_argument("--table-plays", type=int, default=100_000_000, help="of the exposure table; a tenth of these in SQLite")
    parser.add_argument("--bin", type=Path, default=ROOT / "build" / "release" / "bin")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, too
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as folder:
        bench = Bench(arguments.bin.resolve() / "bench-ingest", Path(folder), arguments.plays, arguments.table_plays)
        try:
            return run_sections(bench, arguments.only or SECTIONS, SECTIONS)
        finally:
            bench.stop()


if __name__ == "__main__":
    sys.exit(main())
