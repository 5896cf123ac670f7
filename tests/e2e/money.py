"""The money path behind a real demo: its spool loaded into SQLite and into ClickHouse, billed, exported and reported from both,
and, as if the month were over, closed and stated.

    money.py --bin DIRECTORY --demo DIRECTORY --out DIRECTORY

DEMO is where a demo ran (run_demo.py --out). Its screen gets a time fix from outside, so that its plays are worth money whoever
keeps this machine's clock. Whatever is told of the two stores must be the same, byte for byte.
"""

import argparse
import contextlib
import csv
import io
import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Iterator

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from column_store import ColumnStore  # noqa: E402

SCREEN = "lobby-1"
LIMIT_S = 60  # for what takes a moment; only there so that a failure ends
EXPORTS = ("plays", "exposure", "area-day", "delivery", "flow")
PER_PLAY = {11: "0.02", 12: "0.012"}  # in EUR
PRICES = ("campaign,per,price,currency,cutoff_days,goal,burl\n13,mille,1.00,EUR,7,,\n"
          + "".join(f"{campaign},play,{price},EUR,7,,\n" for campaign, price in PER_PLAY.items()))
MONTH_OVER_DAYS = 45  # from any day of a month on: it is over, and so are the seven days after it


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


def spool_with_time(programs: Path, demo: Path, out: Path) -> Path:
    """The demo's spool, and what a screen whose clock is disciplined sends besides."""
    spool = out / "spool"
    shutil.copytree(demo / "backend" / "spool", spool)
    subprocess.run([str(programs / "vitrine-outside-time"), "--spool", str(spool / "all"), "--screen", SCREEN], check=True)
    return spool


def configure(demo: Path, spool: Path, folder: Path, store: str) -> Path:
    """The demo's backend.toml for a spool and a store of its own; no broker is there, and none is needed."""
    folder.mkdir(parents=True)
    shutil.copytree(spool, folder / "spool")
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
    def vitrine(*words: object, at: tuple[str, ...] = ()) -> str:
        done = subprocess.run([*at, str(programs / "vitrine"), *map(str, words), "--config", str(config)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Wrong(f"{config.parent.name}: vitrine {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    told = {"store": vitrine("report", "--json"), "run": vitrine("bill", "run"), "again": vitrine("bill", "run"), "reconcile": vitrine("bill", "reconcile")}
    for what in EXPORTS:
        file = config.parent / f"{what}.csv"
        vitrine("export", what, "--csv", file)
        told[what] = file.read_text()
    report = json.loads(vitrine("report", "network", "--json"))
    told["report"] = json.dumps({name: value for name, value in report.items() if name != "made_at"}, sort_keys=True)
    over = ("faketime", "-f", f"+{MONTH_OVER_DAYS}d")
    told["close"] = vitrine("bill", "close", at=over)
    for campaign in PER_PLAY:
        statement = ("--campaign", campaign, "--month", month_of(told["plays"]))
        told[f"statement of {campaign}"] = vitrine("bill", "statement", *statement, at=over)
        file = config.parent / f"statement-{campaign}.csv"
        vitrine("export", "statement", "--csv", file, *statement, at=over)
        told[f"statement.csv of {campaign}"] = file.read_text()
    told["reconcile closed"] = vitrine("bill", "reconcile", at=over)
    return told


def paid(plays: str) -> list[dict[str, str]]:
    return [row for row in csv.DictReader(io.StringIO(plays)) if row["cause"] == "0"]


def month_of(plays: str) -> str:
    """In which the first paid play was."""
    rows = paid(plays)
    if not rows:
        raise Wrong(f"no play of these is paid:\n{plays[:2000]}")
    return min(month_of_day(row["day"]) for row in rows)


def month_of_day(day: str) -> str:
    return (date(1970, 1, 1) + timedelta(days=int(day))).strftime("%Y-%m")


def check_screenshots(told: dict[str, str], page: str) -> None:
    """A demo's screen is asked for pictures: each that a signed row names is here, is that one, and is to be seen."""
    named = json.loads(told["report"])["screenshots"]
    states = {shot["picture"] for shot in named["listed"]}
    if not named["in_rows"] or states != {"matches"}:
        raise Wrong(f"screenshots in rows: {named}")
    pictures = page.count('src="data:image/jpeg;base64,/9j/')  # as a JPEG begins
    if not pictures or named["listed"][0]["sha256"] not in page:
        raise Wrong(f"{pictures} pictures on the page for {named['in_rows']} rows that name one")
    print(f"{named['in_rows']} rows name a screenshot, {pictures} are on the page")


def check_money(told: dict[str, str]) -> None:
    """What the statements ask for is what their plays cost, and every play is billed or rejected."""
    for campaign, price in PER_PLAY.items():
        statement = json.loads(json.loads(told[f"statement of {campaign}"])["statement"])
        month = month_of(told["plays"])
        plays = sum(row["campaign"] == str(campaign) and month_of_day(row["day"]) == month for row in paid(told["plays"]))
        if not plays or Decimal(statement["payable"]) != plays * Decimal(price):
            raise Wrong(f"campaign {campaign}: {plays} plays of {price} are paid, its statement asks for {statement['payable']}")
        print(f"campaign {campaign}: {plays} plays paid, {statement['payable']} {statement['currency']}")
    billable = f"= {len(paid(told['plays']))} billable + "
    for name in ("reconcile", "reconcile closed"):
        if billable not in told[name] or "reconcile: holds" not in told[name]:
            raise Wrong(f"{name}: {told[name]}")
    if " 0 open" not in told["reconcile closed"]:
        raise Wrong(f"a month that is over has open days: {told['reconcile closed']}")


def test(programs: Path, demo: Path, out: Path) -> None:
    shown = subprocess.run([str(programs / "vitrine"), "report", "--json", "--config", str(demo / "backend" / "backend.toml")],
                           check=True, stdout=subprocess.PIPE, text=True)
    plays = json.loads(shown.stdout)["plays"]
    spool = spool_with_time(programs, demo, out)
    server = ColumnStore(out / "server")
    try:
        told = {}
        for name, store in (("sqlite", f"sqlite:{out}/sqlite/store.db"), ("clickhouse", server.store("vitrine"))):
            config = configure(demo, spool, out / name, store)
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
    check_money(one)
    page = out / "network.html"
    subprocess.run([str(programs / "vitrine"), "report", "network", "--config", str(out / "sqlite" / "backend.toml"), "--html", str(page)],
                   check=True, stdout=subprocess.DEVNULL)
    check_screenshots(one, page.read_text())
    print(one["run"] + one["reconcile closed"], end="")
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
