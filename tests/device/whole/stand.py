"""The test stand: one device, its backend, what is on its glass, and the record of it all. Each step gets it."""

import struct
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import clips
import dumps
import guest_database
from backend import Backend
from daemons import Wrong, live, log_of, toml_file, uptime_us, wait_for_plays
from device import Device, DeviceError
from record import Record
from witness import Logged, Witness, contradiction

CAMERA_SIZE = (320, 240)
BOOT_S = 240  # a limit, for machines that compile beside this


@dataclass
class Stand:
    arch: str
    folder: Path  # dumps go here
    device: Device
    backend: Backend
    clips: Path
    record: Record

    def say(self, text: str) -> None:
        self.record.say(text)

    def dump(self, name: str) -> dumps.Seen:
        """What is on the glass now; kept, with what it is."""
        path = self.folder / f"{self.record.steps[-1].name}-{name}.png"
        self.device.screendump(path)
        seen = dumps.read(path)
        self.record.picture(path, f"{name}: {seen.words()}")
        return seen

    def witness(self, name: str) -> Witness:
        """A dump that has to show a creative, and the moments just before and just after it."""
        path = self.folder / f"{self.record.steps[-1].name}-{name}.png"
        earliest = uptime_us(self.device)
        self.device.screendump(path)
        latest = uptime_us(self.device)
        seen = dumps.read(path)
        self.record.picture(path, f"{name}: {seen.words()}")
        if seen.code is None:
            raise Wrong(f"{path.name} shows {seen.words()}")
        return Witness(path.name, seen.code, earliest, latest)

    def hold_against_log(self, witnesses: Sequence[Witness]) -> None:
        """The play log must have each creative on the glass, at that frame, at a moment between those of its dump."""
        end = max(one.latest_us for one in witnesses)
        self.device.wait(lambda: self._log(f"SELECT count(*) FROM play WHERE first_flip_us > {end} AND {self._of_this_boot()}"),
                         "the rows of what was pictured", 120)
        plays = [Logged(*row) for row in self._rows("SELECT creative, first_flip_us, frames_dropped FROM play WHERE first_flip_us IS NOT NULL AND "
                                                    f"{self._of_this_boot()} ORDER BY first_flip_us")]
        for one in witnesses:
            if wrong := contradiction(one, plays, clips.FPS):
                raise Wrong(f"{one.dump} shows creative {one.code.creative}, frame {one.code.frame}: {wrong}")

    def _of_this_boot(self) -> str:
        high, low = struct.unpack("<qq", uuid.UUID(self.device.check("cat /proc/sys/kernel/random/boot_id").strip()).bytes)
        return f"boot_high = {high} AND boot_low = {low}"

    def first_flip_us(self) -> int:
        """Of the first play of this boot; its row comes when the play is over."""
        sql = f"SELECT coalesce(min(first_flip_us), 0) FROM play WHERE {self._of_this_boot()}"
        return self.device.wait(lambda: self._log(sql), "the first play of this boot", 120)

    # --- the device ---

    def boot(self) -> float:
        return self.device.boot(BOOT_S)

    def plays(self, name: str, timeout_s: float = 120) -> None:
        """Waits for a creative on the glass itself."""
        wait_for_plays(self.device, timeout_s)
        deadline = time.monotonic() + 20
        while (seen := self.dump(name)).code is None:
            if time.monotonic() > deadline:
                raise Wrong(f"the player says it plays, the display shows {seen.words()}\n{log_of(self.device, 'vitrine-player')}")
            time.sleep(0.3)

    def player(self) -> dict[str, Any]:
        return live(self.device, "player")

    def goes_on(self, more: int = 2, timeout_s: float = 90) -> None:
        """Until so many plays more have begun, as the player tells it: rows may be waiting for a disk."""
        begun, last = 0, (0, 0)

        def enough() -> bool:
            nonlocal begun, last
            live = self.player()
            now = (live.get("creative", 0), live.get("position_ms", 0))
            if now[0] and (now[0] != last[0] or now[1] < last[1]):
                begun += 1
            last = now
            return begun > more  # the first was there already

        self.device.wait(enough, f"{more} plays more", timeout_s)

    def rows(self) -> int:
        """How many rows, of plays and of inputs, were ever given to the log: durable, each of them. Of this boot's mark
        (docs/contracts.md, plays.db-mark), so at once."""
        return int(self.device.check("od -An -td8 -N8 /run/vitrine/player/plays.db-mark"))

    def rows_in_log(self) -> int:
        """The same, of the log itself."""
        return self._log("SELECT coalesce(sum(seq), 0) FROM sqlite_sequence")

    def logged(self) -> int:
        """Plays in the log."""
        return self._log("SELECT coalesce(max(seq), 0) FROM play")

    def _log(self, sql: str) -> int:
        return int(self._rows(sql)[0][0])

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return guest_database.query(self.device, "player/plays.db", self.folder, sql)

    def telemetry(self) -> dict[str, Any]:
        return toml_file(self.device, "/run/vitrine/telemetry/status")

    def camera(self) -> None:
        """Footage comes into the device's camera."""
        width, height = CAMERA_SIZE
        self.device.check(f"systemd-run --quiet --unit=camera rig-camera /opt/vitrine/footage.yuyv {width} {height}")

    # --- the books ---

    def settled(self, timeout_s: float = 120) -> int:
        """Waits until every row that the log has now is stored, and the device has the receipts; how many there are."""
        rows = self.logged()
        try:
            self.device.wait(lambda: self._stored_up_to(rows), f"{rows} rows in the backend's store", timeout_s)
        except DeviceError as error:
            raise Wrong(f"{error}\nthe store has {len(self.backend.stored().plays)} plays; ingest:\n"
                        f"{self.backend.log_tail('ingest')}\ntelemetry:\n{log_of(self.device, 'vitrine-telemetry')}") from None
        stored = self.backend.stored()
        if wrong := stored.gaps():
            raise Wrong("; ".join(wrong))
        if stored.conflicts:
            raise Wrong(f"{stored.conflicts} conflicts in the store")
        return rows

    def _stored_up_to(self, rows: int) -> bool:
        return max((seq for _, seq in self.backend.stored().plays), default=0) >= rows
