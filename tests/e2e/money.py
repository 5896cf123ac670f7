"""The money path behind a real demo: its spool loaded into SQLite and into ClickHouse, billed, exported and reported from both.

    money.py --bin DIRECTORY --demo DIRECTORY --out DIRECTORY

DEMO is where a demo ran (run_demo.py --out). Whatever is told of the two stores must be the same, byte for byte.
"""

import argparse
import contextlib
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from column_store import ColumnStore  # noqa: E402

LIMIT_S = 60  # for what takes a moment; only there so that a failure ends
EXPORTS = ("plays", "exposure", "area-day", "delivery", "flow")
PRICES = "campaign,per,price,currency,cutoff_days,goal,burl\n11,mille,2.50,EUR,7,1000,\n12,play,0.012,EUR,7,,\n13,mille,1.00,EUR,7,,\n"


class Wrong(Exception):
    """Something did not hold."""


@contextlib.contextmanager
def started(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(what: str, ready) -> None:  # type: ignore[no-untyped-def]
    began = time.monotonic()
    while not ready():
        if time.monotonic() - began > LIMIT_S:
            raise Wrong(f"{what} does not come about in {LIMIT_S} s")
        time.sleep(0.05)


def configure(demo: Path, folder: Path, store: str) -> Path:
    """The demo's backend.toml for a spool and a store of its own; no broker is there, and none is needed."""
    folder.mkdir(parents=True)
    shutil.copytree(demo / "backend" / "spool", folder / "spool")
    (folder / "prices.csv").write_text(PRICES)
    lines = []
    for line in (demo / "backend" / "backend.toml").read_text().splitlines():
        key = line.split("=")[0].strip()
        lines.append(f'spool = "{folder}/spool"' if key == "spool" else f'store = "{store}"' if key == "store" else
                     "port = 1" if key == "port" else line)
    config = folder / "backend.toml"
    config.write_text("\n".join(lines) + '\n\n[bill]\nprices = "prices.csv"\n')
    return config


def load(programs: Path, config: Path, plays: int) -> None:
    vitrine = [str(programs / "vitrine"), "bill", "reconcile", "--config", str(config)]

    def loaded() -> bool:
        done = subprocess.run(vitrine, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return done.stdout.startswith(f"{plays} plays stored")

    with started([str(programs / "vitrine-ingest"), "--config", str(config)], config.parent / "ingest.log"):
        wait_for(f"{config.parent.name}: {plays} plays in the store", loaded)


def tell(programs: Path, config: Path) -> dict[str, str]:
    """Everything the store says, by the name of what was asked."""
    def vitrine(*words: object) -> str:
        done = subprocess.run([str(programs / "vitrine"), *map(str, words), "--config", str(config)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Wrong(f"{config.parent.name}: vitrine {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    told = {"run": vitrine("bill", "run"), "again": vitrine("bill", "run"), "reconcile": vitrine("bill", "reconcile")}
    for what in EXPORTS:
        file = config.parent / f"{what}.csv"
        vitrine("export", what, "--csv", file)
        told[what] = file.read_text()
    report = json.loads(vitrine("report", "network", "--json"))
    told["report"] = json.dumps({name: value for name, value in report.items() if name != "made_at"}, sort_keys=True)
    return told


def test(programs: Path, demo: Path, out: Path) -> None:
    shown = subprocess.run([str(programs / "vitrine"), "report", "--json", "--config", str(demo / "backend" / "backend.toml")],
                           check=True, stdout=subprocess.PIPE, text=True)
    plays = json.loads(shown.stdout)["plays"]
    server = ColumnStore(out / "server")
    try:
        told = {}
        for name, store in (("sqlite", f"sqlite:{out}/sqlite/store.db"), ("clickhouse", server.store("vitrine"))):
            config = configure(demo, out / name, store)
            load(programs, config, plays)
            told[name] = tell(programs, config)
    finally:
        server.stop()
    one, other = told["sqlite"], told["clickhouse"]
    for what, text in one.items():
        if text != other[what]:
            raise Wrong(f"{what} differs:\n{text[:2000]}\nof SQLite, of ClickHouse\n{other[what][:2000]}")
    if not one["run"].startswith(f"{plays} plays") or "no day has news" not in one["again"]:
        raise Wrong(f"billed once and again: {one['run']}{one['again']}")
    if one["plays"].count("\n") != plays + 1:
        raise Wrong(f"{plays} plays are stored, exported were {one['plays'].count(chr(10)) - 1}")
    print(one["run"] + one["reconcile"], end="")
    print(f"money: SQLite and ClickHouse say the same of {plays} plays: {', '.join(one)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("bin", "demo", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, too
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)
    try:
        test(arguments.bin.resolve(), arguments.demo.resolve(), arguments.out.resolve())
    except (Wrong, OSError, RuntimeError, subprocess.CalledProcessError) as error:
        print(f"FAILED: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
