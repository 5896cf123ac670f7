"""The plug is pulled at random moments of play, download and activation. No play whose row was durable may be lost, and the
screen has to play after every one.

A tally beside the dumps says how many cuts there were; a run goes on where the last one was interrupted."""

import json
import random
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import clips
from daemons import Wrong
from device import DeviceError
from stand import Stand

_PAYLOAD = 3_000_000  # bytes that make a download long enough to be cut


@dataclass
class Tally:
    seed: int
    cuts: dict[str, int] = field(default_factory=dict)  # by moment
    lost_rows: int = 0
    unplayable: int = 0

    @property
    def total(self) -> int:
        return sum(self.cuts.values())

    @staticmethod
    def read(path: Path, seed: int) -> "Tally":
        try:
            return Tally(**json.loads(path.read_text()))
        except OSError:
            return Tally(seed)

    def write(self, path: Path) -> None:
        path.with_suffix(".part").write_text(json.dumps(asdict(self), indent=2) + "\n")
        path.with_suffix(".part").rename(path)


def run(stand: Stand, cuts: int, tally_path: Path, seed: int) -> None:
    tally = Tally.read(tally_path, seed)
    if tally.total >= cuts:
        tally = Tally(seed)
    while tally.total < cuts:
        chance = random.Random(f"{tally.seed}/{tally.total}")
        moment = chance.choice(tuple(_MOMENTS))
        _MOMENTS[moment](stand, chance)
        rows = stand.rows()  # durable, a moment before the plug is pulled
        stand.device.cut_power()
        tally.cuts[moment] = tally.cuts.get(moment, 0) + 1
        _comes_back(stand, tally, rows, moment)
        tally.write(tally_path)
    rows = stand.settled(300)
    counts = ", ".join(f"{count} of {moment}" for moment, count in sorted(tally.cuts.items()))
    stand.say(f"{tally.total} cuts ({counts}): {tally.lost_rows} durable plays lost, {tally.unplayable} boots without a picture; "
              f"all {rows} rows are stored")
    if tally.lost_rows or tally.unplayable:
        raise Wrong(f"{tally.lost_rows} durable plays lost, {tally.unplayable} boots without a picture")


def _comes_back(stand: Stand, tally: Tally, rows: int, moment: str) -> None:
    took = stand.boot()
    try:
        stand.plays(f"cut-{tally.total}")
    except (Wrong, DeviceError) as error:
        tally.unplayable += 1
        stand.say(f"cut {tally.total} ({moment}): no picture: {str(error).splitlines()[0]}")
        return
    now = stand.rows_in_log()
    damaged = stand.device.run("ls -d /var/lib/vitrine/player/plays.db.damaged-*").output.split()
    lost = rows if damaged else max(0, rows - now)
    tally.lost_rows += lost
    stand.say(f"cut {tally.total} ({moment}): {took:.0f} s to a shell, plays again; {rows} rows before, {now} after"
              + (f"; LOST {lost}" if lost else ""))


def _during_play(stand: Stand, chance: random.Random) -> None:
    time.sleep(chance.uniform(0.2, 5))


def _during_download(stand: Stand, chance: random.Random) -> None:
    push_fresh(stand)
    time.sleep(chance.uniform(0.1, 3))


def _during_activation(stand: Stand, chance: random.Random) -> None:
    """From the moment at which the player has written down that it tries the new generation."""
    before = _active(stand)
    push_fresh(stand)
    stand.device.wait(lambda: _active(stand) != before, "another generation on trial", 180)
    time.sleep(chance.uniform(0, 3))


def _active(stand: Stand) -> str:
    return stand.device.run("grep -E '^(trying|confirmed) ' /var/lib/vitrine/player/active").output


def push_fresh(stand: Stand) -> None:
    """A schedule with files that the device does not have."""
    folder = stand.folder / "fresh"
    folder.mkdir(exist_ok=True)
    for number, spec in enumerate(clips.CLIPS):
        clips.another(stand.clips / spec.name, folder / spec.name, _PAYLOAD if number == 0 else 0)
    stand.backend.push("schedule", clips.schedule(label="fresh"), folder)


_MOMENTS = {"play": _during_play, "download": _during_download, "activation": _during_activation}
