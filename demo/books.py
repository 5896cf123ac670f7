"""Reads what the daemons wrote: live figures, play log, exposure log, outbox and store. Read-only, one short query each."""

import sqlite3
import time
import tomllib
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from log_copy import copied

KINDS = ("play", "ghost", "miss", "takeover", "house", "lease")  # enum PlayKind
CUTS = ("", "killed", "stopped", "takeover", "generation", "daypart-end", "decode-error", "output-lost")  # CutCause
QUALITIES = ("none", "flow", "people")  # enum Quality
STREAMS = ("play", "exposure", "flow", "health", "event")  # enum Stream
_LIVE_AGE_US = 3_000_000

Key = tuple[int, int]  # log id, seq


@dataclass(frozen=True)
class PlayRecord:
    key: Key
    kind: int
    creative: int
    first_us: Optional[int]
    last_us: Optional[int]
    length_us: int  # on the glass
    cut_cause: int
    frames_due: int
    frames_dropped: int
    frames_repeated: int
    gap_us: int

    @property
    def seq(self) -> int:
        return self.key[1]

    @property
    def was_shown(self) -> bool:
        return self.first_us is not None

    @property
    def kind_name(self) -> str:
        return KINDS[self.kind]

    @property
    def cut_name(self) -> str:
        return CUTS[self.cut_cause]


@dataclass(frozen=True)
class ExposureRecord:
    person_ms: int
    crossings: Optional[int]
    coverage_permille: int
    quality: int


@dataclass(frozen=True)
class BatchRecord:
    rows: int
    size: int  # bytes


@dataclass
class Ledger:
    plays: list[PlayRecord] = field(default_factory=list)
    stored: dict[Key, int] = field(default_factory=dict)  # creative of the stored row; 0 = it says it was not shown
    acknowledged: set[Key] = field(default_factory=set)
    stored_exposure: dict[Key, ExposureRecord] = field(default_factory=dict)  # by the play's key
    batches: dict[str, list[BatchRecord]] = field(default_factory=dict)  # by stream


@dataclass(frozen=True)
class Figures:
    logged: int
    acknowledged: int


class PlayerView:
    def __init__(self, values: dict[str, Any]) -> None:
        self.creative: int = values.get("creative", 0)
        self._values = values

    def line(self) -> str:
        if not self._values:
            return "player silent"
        if not self.creative:
            return "nothing to show yet"
        position, length = self._values.get("position_ms", 0) / 1000, self._values.get("length_ms", 0) / 1000
        return f"{self.creative} {self._values.get('label', ''):18} {position:3.1f}/{length:3.1f} s, {self._values.get('reason', '')}"


class AudienceView:
    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def line(self) -> str:
        if not self._values:
            return "audience silent"
        if self._values.get("camera") != "ok":
            return f"camera {self._values.get('camera')}"
        return (f"{self._values.get('present', 0)} in view, {self._values.get('crossings', 0)} crossed "
                f"(quality {QUALITIES[self._values.get('quality', 0)]})")


class Live:
    """The figures of the moment in run/; older than 3 s counts as unknown."""

    def __init__(self, run: Path) -> None:
        self._run = run

    def player(self) -> PlayerView:
        return PlayerView(self._read("player"))

    def audience(self) -> AudienceView:
        return AudienceView(self._read("audience"))

    def _read(self, daemon: str) -> dict[str, Any]:
        try:
            values = tomllib.loads((self._run / daemon / "live").read_text())
        except (OSError, tomllib.TOMLDecodeError):
            return {}
        age = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000 - int(values.get("written_at", 0))
        return values if 0 <= age <= _LIVE_AGE_US else {}


def query(store: Path, sql: str) -> list[tuple[Any, ...]]:
    """Of the backend's store. Nothing while it has not been made yet."""
    if not store.exists():
        return []
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=2)) as database:
        return _rows(database, sql)


def query_log(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Of a database on the screen. Nothing while its owner has not made it yet."""
    try:
        with copied(path) as database:
            return _rows(database, sql)
    except FileNotFoundError:
        return []


def _rows(database: sqlite3.Connection, sql: str) -> list[tuple[Any, ...]]:
    try:
        return database.execute(sql).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "locked" in str(error):
            return []
        raise


class Books:
    """The three places where a play is written down: on the screen, in its outbox, in the backend's store."""

    def __init__(self, state: Path, store: Path) -> None:
        self._plays = state / "player" / "plays.db"
        self._exposure = state / "audience" / "exposure.db"
        self._outbox = state / "telemetry" / "outbox.db"
        self._store = store

    def figures(self) -> Figures:
        return Figures(len(self._logged()), len(self._acknowledged()))

    def exposure_missing(self) -> int:
        """Shown plays without their row in the audience's log."""
        measured = set(query_log(self._exposure, "SELECT play_log_id, play_seq FROM exposure"))
        shown = query_log(self._plays, "SELECT log_id, seq FROM play WHERE first_flip_us IS NOT NULL")
        return len(set(shown) - measured)

    def all_acknowledged(self) -> bool:
        """Of what is frozen by now; the rest is frozen when telemetry is told to stop."""
        return not query_log(self._outbox, "SELECT 1 FROM batch WHERE state = 0 LIMIT 1")

    def stored_missing(self) -> int:
        return len(self._logged() - self._stored().keys()) + self.exposure_unstored()

    def exposure_unstored(self) -> int:
        exposure = set(query_log(self._exposure, "SELECT play_log_id, play_seq FROM exposure"))
        return len(exposure - self._stored_exposure().keys())

    def read(self) -> Ledger:
        plays = [
            PlayRecord((log_id, seq), kind, creative, first, last,
                       0 if first is None else max(0, last - first), cut, due, dropped, repeated, gap)
            for log_id, seq, kind, creative, first, last, cut, due, dropped, repeated, gap in query_log(
                self._plays, "SELECT log_id, seq, kind, creative, first_flip_us, last_flip_us, cut_cause, frames_due,"
                             " frames_dropped, frames_repeated, gap_before_us FROM play ORDER BY seq")]
        batches: dict[str, list[BatchRecord]] = {}
        for stream, first, last, size in query(self._store, "SELECT stream, first, last, bytes FROM batch"):
            batches.setdefault(STREAMS[stream], []).append(BatchRecord(last - first + 1, size))
        return Ledger(plays, self._stored(), self._acknowledged(), self._stored_exposure(), batches)

    def _logged(self) -> set[Key]:
        return set(query_log(self._plays, "SELECT log_id, seq FROM play"))

    def _acknowledged(self) -> set[Key]:
        """By signed receipts: telemetry marks a batch (state 1) on nothing else."""
        ranges = query_log(self._outbox, "SELECT log_id, first, last FROM batch WHERE stream = 0 AND state = 1")
        return {(log_id, seq) for log_id, first, last in ranges for seq in range(first, last + 1)}

    def _stored(self) -> dict[Key, int]:
        return {(log_id, seq): creative for log_id, seq, creative in query(
            self._store, "SELECT log_id, seq, CASE WHEN first_flip_us IS NULL THEN 0 ELSE creative END FROM play")}

    def _stored_exposure(self) -> dict[Key, ExposureRecord]:
        return {(log_id, seq): ExposureRecord(*figures) for log_id, seq, *figures in query(
            self._store, "SELECT play_log_id, play_seq, person_ms, crossings, coverage_permille, quality FROM exposure")}
