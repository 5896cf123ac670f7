"""A daemon's log as it stands at this moment.

The map of its WAL lies on tmpfs under a name that only the daemons give (platform/wal_index_vfs.hpp), so a copy is read: of
the database and of the -wal, both from one time between two checkpoints."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_WAL_HEADER = 32  # bytes; other ones for each time the -wal begins anew


@contextmanager
def copied(path: Path) -> Iterator[sqlite3.Connection]:
    """FileNotFoundError while the daemon has not made it; it may be set aside and made anew meanwhile."""
    wal = path.with_name(path.name + "-wal")

    def state() -> tuple[object, ...]:
        status = path.stat()
        if not wal.exists():
            return status.st_ino, status.st_mtime_ns, status.st_size, None
        with wal.open("rb") as file:
            return status.st_ino, status.st_mtime_ns, status.st_size, file.read(_WAL_HEADER)

    with tempfile.TemporaryDirectory(prefix="vitrine-") as directory:
        copy = Path(directory) / path.name
        while True:
            before = state()
            shutil.copyfile(path, copy)
            if before[-1] is not None:
                shutil.copyfile(wal, copy.with_name(wal.name))
            if state() == before:
                break
        with closing(sqlite3.connect(copy)) as database:
            yield database
