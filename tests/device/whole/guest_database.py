"""A database of the device as it stands, copied out."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from device import Device

# Database and -wal of one time between two checkpoints, as in demo/log_copy.py.
_COPY = """state() {{ stat -c '%i %y %s' {path}; head -c 32 {path}-wal | cksum; }}
until before=$(state) && cp {path} /var/tmp/copy.db && cp {path}-wal /var/tmp/copy.db-wal && [ "$(state)" = "$before" ]; do :; done"""


def query(device: Device, path: str, folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """`path` below /var/lib/vitrine; the copy is left in `folder`."""
    device.check(_COPY.format(path=f"/var/lib/vitrine/{path}"))
    copy = folder / "copy.db"
    for name in ("copy.db", "copy.db-wal"):
        device.get(f"/var/tmp/{name}", folder / name)
    with closing(sqlite3.connect(copy)) as database:
        return database.execute(sql).fetchall()
