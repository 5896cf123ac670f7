"""What may happen to an installation. Each fault is drawn from a round's random numbers, comes, and is healed; it says in
words what it does, what it lays hands on, and which figure of the books it is allowed to cost."""

import os
import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, ClassVar

import servers
from line import Line, Quality
from screen import GROUP, SCREEN, Installation
from supervisor import Supervisor

SCREEN_SERVICES = ("telemetry", "player", "audience", "vet")
SERVICES = (*SCREEN_SERVICES, "broker", "ingest", "desired")
HOUR_US = 3_600_000_000


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


class Kill(Fault):
    """kill -9 of one to three services at once, up to three times in a row."""

    touches = frozenset({"processes"})

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.names = chance.sample(SERVICES, chance.choice((1, 1, 2, 3)))
        self.times = chance.choice((1, 1, 2, 3))
        self.gap_s = chance.uniform(1.0, 2.0)  # they come back after 1 s: some are hit while they start
        self.hold_s = 0

    def words(self) -> str:
        return f"kill -9 {'+'.join(self.names)}" + (f" x{self.times}" if self.times > 1 else "")

    def come(self, world: World) -> None:
        for turn in range(self.times):
            if turn:
                time.sleep(self.gap_s)
            for name in self.names:
                world.supervisor.kill(name)


class Hang(Fault):
    """SIGSTOP, and SIGCONT some seconds later; or never, for a player whose watchdog has to act."""

    touches = frozenset({"processes"})

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.name = chance.choice(("telemetry", "player", "audience", "ingest", "broker", "desired"))
        self.for_good = self.name == "player" and chance.random() < 0.5
        self.ends = 0

    def words(self) -> str:
        return f"hang {self.name}" + (" until its watchdog" if self.for_good else f" {self.hold_s:.1f} s")

    def come(self, world: World) -> None:
        self.ends = len(world.supervisor.services[self.name].ends)
        world.supervisor.send(self.name, signal.SIGSTOP)

    def heal(self, world: World) -> None:
        if not self.for_good:
            world.supervisor.send(self.name, signal.SIGCONT)
            return
        until = time.monotonic() + 30
        while len(world.supervisor.services[self.name].ends) == self.ends and time.monotonic() < until:
            time.sleep(0.05)

    def check(self, world: World) -> str:
        if self.for_good and "SIGABRT" not in world.supervisor.services[self.name].ends[self.ends:]:
            return f"the watchdog did not end {self.name}"
        return ""


class Partition(Fault):
    """Nothing passes between screen and backend, in both directions or in one."""

    touches = frozenset({"line"})
    needs = "line"

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.way = chance.choice(("both", "up", "down"))

    def words(self) -> str:
        return f"partition {self.way} {self.hold_s:.1f} s"

    def come(self, world: World) -> None:
        assert world.line
        world.line.set(Quality(cut=self.way != "down"), Quality(cut=self.way != "up"))

    def heal(self, world: World) -> None:
        assert world.line
        world.line.set()


class BadLine(Fault):
    """Loss, delay and a narrow line, together."""

    touches = frozenset({"line"})
    needs = "line"

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.hold_s = chance.uniform(2.0, 5.0)
        self.quality = Quality(chance.choice((64_000, 256_000, 1_000_000)), chance.choice((20, 100, 400)), chance.choice((20, 100, 300)))

    def words(self) -> str:
        q = self.quality
        return f"line of {q.rate // 1000} kbit/s, {q.delay_ms} ms, {q.loss_permille / 10:.0f} % lost, {self.hold_s:.1f} s"

    def come(self, world: World) -> None:
        assert world.line
        world.line.set(self.quality)

    def heal(self, world: World) -> None:
        assert world.line
        world.line.set()


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass  # full


class ScreenDiskFull(Fault):
    touches = frozenset({"disk"})
    may_cost = "declared"
    needs = "disks"

    def words(self) -> str:
        return f"screen's disk full {self.hold_s:.1f} s"

    def come(self, world: World) -> None:
        assert world.screen_disk
        fill(world.screen_disk)

    def heal(self, world: World) -> None:
        assert world.screen_disk
        (world.screen_disk / "filler").unlink()


class BackendDiskFull(Fault):
    touches = frozenset({"backend disk"})
    needs = "disks"

    def words(self) -> str:
        return f"backend's disk full {self.hold_s:.1f} s"

    def come(self, world: World) -> None:
        assert world.backend_disk
        fill(world.backend_disk)

    def heal(self, world: World) -> None:
        assert world.backend_disk
        (world.backend_disk / "filler").unlink()


class SlowDisk(Fault):
    """Every fsync of the screen's daemons takes long."""

    touches = frozenset({"disk"})

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.delay_ms = chance.choice((100, 300, 500))

    def words(self) -> str:
        return f"fsync +{self.delay_ms} ms {self.hold_s:.1f} s"

    def come(self, world: World) -> None:
        set_number(world.fsync_delay, self.delay_ms * 1000)

    def heal(self, world: World) -> None:
        set_number(world.fsync_delay, 0)


class ClockJump(Fault):
    """The screen's wall clock is somewhere else for a while, and then right again: two jumps."""

    touches = frozenset({"clock"})

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.hours = chance.choice((-60, -7, -0.01, 0.01, 1, 26, 24 * 9))

    def words(self) -> str:
        return f"clock {self.hours:+g} h {self.hold_s:.1f} s"

    def come(self, world: World) -> None:
        set_number(world.clock_shift, round(self.hours * HOUR_US))

    def heal(self, world: World) -> None:
        set_number(world.clock_shift, 0)


class RetainedLost(Fault):
    """The broker dies and its file of retained messages with it; the backend has to put them back."""

    touches = frozenset({"processes"})

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.hold_s = 0.5

    def words(self) -> str:
        return "retained lost"

    def come(self, world: World) -> None:
        world.supervisor.fell("broker")
        (world.installation.folders.out / "broker" / "mosquitto.db").unlink(missing_ok=True)

    def heal(self, world: World) -> None:
        world.start("broker")

    def check(self, world: World) -> str:
        pki = world.installation.authority.certificate.parent
        for kind in ("schedule", "settings"):
            heard = subprocess.run(
                [servers.program("mosquitto_sub"), "-V", "5", "-h", world.installation.address, "-p", str(world.installation.mqtt_port),
                 "-i", "chaos-reader", "--cafile", str(pki / "ca.pem"), "--cert", str(pki / f"{SCREEN}.pem"),
                 "--key", str(pki / f"{SCREEN}.key"), "-t", f"vt/v1/g/{GROUP}/desired/{kind}", "-C", "1", "-W", "20"],
                stdin=subprocess.DEVNULL, capture_output=True)
            if heard.returncode != 0 or not heard.stdout:
                return f"the retained {kind} did not come back within 20 s"
        return ""


class Torn(Fault):
    """A database is damaged while its owner is dead: a page in the middle overwritten, or the end of its log cut off."""

    touches = frozenset({"processes", "disk"})
    owner: ClassVar[str]
    file: ClassVar[str]

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.hold_s = 0.5
        self.how = chance.choice(("page", "wal"))
        self.did = ""

    def words(self) -> str:
        return f"{Path(self.file).name} torn ({self.did or self.how})"

    def come(self, world: World) -> None:
        world.supervisor.fell(self.owner)
        path = world.installation.folders.state / self.file
        wal = path.with_name(path.name + "-wal")
        if self.how == "wal" and wal.stat().st_size > 0:
            size = self.chance.randrange(wal.stat().st_size)
            self.did = f"wal {wal.stat().st_size} -> {size} bytes"
            os.truncate(wal, size)
            return
        # What lies in the log yet would cover the damage; a reader that leaves moves it as well.
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = max(1, path.stat().st_size // 4096)
        page = self.chance.randrange(pages)
        self.did = f"page {page} of {pages}"
        with path.open("r+b") as file:
            file.seek(page * 4096)
            file.write(self.chance.randbytes(4096))

    def heal(self, world: World) -> None:
        world.start(self.owner)


class PlaysTorn(Torn):
    owner, file, may_cost = "player", "player/plays.db", "tail"


class OutboxTorn(Torn):
    """Costs nothing: everything in it can be made again from the logs. Only a play log lost as well would cost."""

    owner, file = "telemetry", "telemetry/outbox.db"


class ExposureTorn(Torn):
    owner, file = "audience", "audience/exposure.db"


# How often each is drawn.
WEIGHTS: tuple[tuple[type[Fault], int], ...] = (
    (Kill, 8), (Hang, 3), (Partition, 4), (BadLine, 3), (ScreenDiskFull, 2), (BackendDiskFull, 2), (SlowDisk, 1),
    (ClockJump, 2), (RetainedLost, 2), (PlaysTorn, 2), (OutboxTorn, 2), (ExposureTorn, 1),
)


def draw(chance: random.Random, allowed: Callable[[type[Fault]], bool]) -> list[Fault]:
    """One or two that do not lay hands on the same thing. What is not allowed here is drawn all the same and left out, so
    that a seed means the same everywhere; a round may stay without."""
    kinds, weights = zip(*WEIGHTS)
    drawn: list[Fault] = []
    for _ in range(chance.choice((1, 2, 2))):
        kind = chance.choices(kinds, weights)[0]
        fault = kind(chance)
        if allowed(kind) and not any(fault.touches & other.touches for other in drawn):
            drawn.append(fault)
    return drawn
