"""A log of all writes to a disk, in the order in which they were done, and a disk made again from it.

The format is that of the kernel's dm-log-writes (Documentation/admin-guide/device-mapper/log-writes.rst); QEMU's block
driver blklogwrites writes the same of a disk that it emulates. Little-endian: one sector with magic u64, version u64, number
of entries u64, bytes a sector u32; then for each entry one sector with sector u64, number of sectors u64, flags u64, length
of inline data u64, followed by the data written; a discard has none.
"""

import struct
from pathlib import Path
from typing import BinaryIO, Iterator, NamedTuple

_SUPER, _ENTRY = struct.Struct("<QQQI"), struct.Struct("<QQQQ")
_MAGIC, _VERSION = 0x6A736677736872, 1
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8


class Entry(NamedTuple):
    number: int  # from 1
    offset: int  # bytes on the disk
    length: int
    flags: int
    data: bytes  # of a write

    @property
    def is_durable_point(self) -> bool:
        """What was written before is on the disk from here on, whatever happens."""
        return bool(self.flags & (FLUSH | FUA))


def count(log: Path) -> int:
    """Entries up to the last flush; 0 while there was none."""
    with log.open("rb") as file:
        head = file.read(_SUPER.size)
    return _SUPER.unpack(head)[2] if len(head) == _SUPER.size and _SUPER.unpack(head)[0] == _MAGIC else 0


def entries(log: Path) -> Iterator[Entry]:
    """ValueError when it is no such log or ends in the middle of an entry."""
    with log.open("rb") as file:
        head = file.read(_SUPER.size)
        if len(head) < _SUPER.size:
            raise ValueError(f"{log}: no log of writes")
        magic, version, number, sector = _SUPER.unpack(head)
        if magic != _MAGIC or version != _VERSION:
            raise ValueError(f"{log}: no log of writes of version {_VERSION}")
        file.seek(sector)
        for one in range(1, number + 1):
            yield _entry(file, log, one, sector)


def _entry(file: BinaryIO, log: Path, number: int, sector: int) -> Entry:
    head = file.read(sector)
    if len(head) < sector:
        raise ValueError(f"{log}: ends before entry {number}")
    first, sectors, flags, inline = _ENTRY.unpack_from(head)
    length = sectors * sector
    if flags & DISCARD:
        return Entry(number, first * sector, length, flags, b"")
    data = file.read(length)
    if len(data) < length:
        raise ValueError(f"{log}: ends in entry {number}")
    if flags & MARK and inline:
        data = head[_ENTRY.size:_ENTRY.size + inline]
    return Entry(number, first * sector, length, flags, data)


def apply(entry: Entry, disk: BinaryIO) -> None:
    """One entry onto the disk as it was before. What is discarded reads as zeros, as a disk may have it."""
    if entry.flags & MARK or entry.length == 0:
        return
    disk.seek(entry.offset)
    disk.write(bytes(entry.length) if entry.flags & DISCARD else entry.data)
