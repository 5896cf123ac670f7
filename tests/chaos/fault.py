"""What every accident has in common, and the installation as accidents see it."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from line import Line
from screen import Installation
from supervisor import Supervisor

SCREEN_SERVICES = ("telemetry", "player", "audience", "vet")
SERVICES = (*SCREEN_SERVICES, "broker", "ingest", "desired", "enrol")


@dataclass
class World:
    """One installation as its accidents see it."""

    supervisor: Supervisor
    installation: Installation
    line: Line | None  # None: no root, so screen and backend share a loopback
    screen_disk: Path | None  # a small disk of its own, which may be filled
    backend_disk: Path | None
    clock_shift: Path  # int64, microseconds; VITRINE_TEST_CLOCK_SHIFT of the screen's daemons
    fsync_delay: Path  # likewise VITRINE_TEST_FSYNC_DELAY
    write_delay: Path  # and VITRINE_TEST_WRITE_DELAY

    def start(self, name: str) -> None:
        self.supervisor.start(self.supervisor.services[name])


def set_number(path: Path, number: int) -> None:
    """In place, for processes have it mapped."""
    with path.open("r+b") as file:
        file.write(number.to_bytes(8, "little", signed=True))


class Fault:
    """Drawn with what it needs from `chance`; `hold_s` passes between coming and healing."""

    touches: ClassVar[frozenset[str]] = frozenset()  # no two faults of a round lay hands on the same
    may_cost: ClassVar[str] = ""  # "tail" or "declared"
    needs: ClassVar[str] = ""  # "line" or "disks"

    def __init__(self, chance: random.Random) -> None:
        self.hold_s = chance.uniform(1.0, 3.0)
        self.chance = chance

    def words(self) -> str:
        raise NotImplementedError

    def come(self, world: World) -> None:
        raise NotImplementedError

    def heal(self, world: World) -> None:
        pass

    def check(self, world: World) -> str:
        """Asked once everything is well again; what is wrong all the same."""
        return ""
