"""The backend of the device, on this machine: broker, origin, enrolment, ingest and desired as the demo has them, and the
operator who pushes. Its clock can be moved together with the device's."""

import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import books
import pki
import screen
import servers
from device import HOST
from supervisor import Supervisor

SETTINGS = {"batch_period_s": 2, "confirm_s": 5, "live": True}


class Backend:
    """In the network of own_network.py. One thread; close() ends everything it started."""

    def __init__(self, folder: Path, programs: Path) -> None:
        folders = screen.Folders(folder)
        folder.mkdir(parents=True, exist_ok=True)
        folders.clear()
        self._programs = programs
        self._supervisor = Supervisor(folders.logs)
        self._clock = folder / "clock-shift"
        self._clock.write_bytes(bytes(8))
        self.installation = screen.Installation(folders, programs, programs / "vitrine-player", pki.Authority(folder / "pki"),
                                                servers.free_port(), servers.free_port(), servers.free_port(), HOST)
        self._versions: dict[str, int] = {}
        self._config = Path()

    @property
    def ports(self) -> tuple[int, ...]:
        """Those the device has to reach."""
        return self.installation.mqtt_port, self.installation.origin_port

    @property
    def authority(self) -> Path:
        return self.installation.authority.certificate

    @property
    def store(self) -> Path:
        return self.installation.folders.store

    def start(self) -> None:
        installation, run = self.installation, self._run
        self._config = installation.start_doors(self._supervisor, run)
        environment = {"LD_PRELOAD": str(self._programs / "vitrine_faults.so"), "VITRINE_TEST_CLOCK_SHIFT": str(self._clock)}
        for service in installation.backend(self._config):
            service.environment = environment
            self._supervisor.start(service)
            self._supervisor.wait_ready(service.name, 30)

    def token(self) -> str:
        return self._run(self.installation.token_command(self._config)).splitlines()[0].strip()

    def push(self, kind: str, document: dict[str, Any], files: Path | None = None, wait_s: int = 0) -> int:
        """Signs and publishes it, and waits so long for the device to confirm it. The version it got."""
        version = self._versions[kind] = self._versions.get(kind, 0) + 1
        self._run(self.installation.push_command(kind, version, document, wait_s, files))
        return version

    def push_settings(self, more: dict[str, Any] | None = None) -> None:
        self.push("settings", SETTINGS | {"origins": [self.installation.origin_url]} | (more or {}))

    def step_clock(self, seconds: int) -> None:
        """So much more than before, for ingest and desired."""
        with self._clock.open("r+b") as file:
            shift = int.from_bytes(file.read(8), "little", signed=True) + seconds * 1_000_000
            file.seek(0)
            file.write(shift.to_bytes(8, "little", signed=True))

    def stored(self) -> "Stored":
        plays = books.query(self.store, "SELECT log_id, seq, creative, first_flip_us IS NOT NULL FROM play ORDER BY log_id, seq")
        conflicts = books.query(self.store, "SELECT count(*) FROM conflict")
        return Stored({(log, seq): creative if shown else 0 for log, seq, creative, shown in plays},
                      conflicts[0][0] if conflicts else 0)

    def exposed(self) -> int:
        """Rows of the audience for plays."""
        rows = books.query(self.store, "SELECT count(*) FROM exposure")
        return rows[0][0] if rows else 0

    def log_tail(self, name: str) -> str:
        return self._supervisor.log_tail(name)

    def close(self) -> None:
        self._supervisor.close()

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{Path(command[0]).name} {command[1]} ended with {done.returncode}: "
                               f"{(done.stderr or done.stdout).strip()}")
        return done.stdout


class Stored(NamedTuple):
    """What the ingest made durable."""

    plays: dict[books.Key, int]  # the creative, 0 for one that was not shown
    conflicts: int

    def gaps(self) -> list[str]:
        """Rows that are missing between those there. Every log begins with 1."""
        missing = []
        for log in {key[0] for key in self.plays}:
            seqs = {seq for one, seq in self.plays if one == log}
            if lost := set(range(1, max(seqs) + 1)) - seqs:
                missing.append(f"log {log & (1 << 64) - 1:016x} lacks rows {sorted(lost)}")
        return missing
