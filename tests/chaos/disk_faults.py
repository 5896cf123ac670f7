"""Disks that are full or slow, databases that are damaged."""

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from fault import Fault, World, set_number


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
