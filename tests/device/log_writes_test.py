"""A disk that QEMU wrote while it kept the log of its writes is made again from that log, byte for byte, at each flush."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import log_writes  # noqa: E402

_SIZE = 1 << 20


class LogOfWrites(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="vitrine-")
        self.addCleanup(folder.cleanup)
        self.disk, self.log, self.base = (Path(folder.name) / name for name in ("disk", "log", "base"))
        self.disk.write_bytes(b"\x11" * _SIZE)
        shutil.copyfile(self.disk, self.base)
        self.log.write_bytes(b"")

    def write(self, *commands: str) -> None:
        words = [word for command in commands for word in ("-c", command)]
        subprocess.run(["qemu-io", "--image-opts", *words,
                        f"driver=blklogwrites,file.driver=raw,file.file.driver=file,file.file.filename={self.disk},"
                        f"log.driver=file,log.filename={self.log}"], check=True, capture_output=True)

    def replay(self, most: int = 1 << 30) -> bytes:
        with self.base.open("r+b") as disk:
            for entry in log_writes.entries(self.log):
                if entry.number <= most:
                    log_writes.apply(entry, disk)
        return self.base.read_bytes()

    def test_the_whole_log_makes_the_disk_again(self) -> None:
        self.write("write -P 1 0 4096", "write -P 2 8192 512", "flush", "write -z 4096 4096", "write -P 3 0 512", "flush")
        self.assertEqual(self.replay(), self.disk.read_bytes())

    def test_up_to_a_flush_it_makes_the_disk_of_that_moment(self) -> None:
        self.write("write -P 1 0 512", "flush", "write -P 2 0 512", "flush")
        points = [entry.number for entry in log_writes.entries(self.log) if entry.is_durable_point]
        self.assertGreaterEqual(len(points), 2)
        self.assertEqual(self.replay(points[0])[:512], b"\x01" * 512)
        self.assertEqual(self.replay()[:512], b"\x02" * 512)

    def test_what_is_discarded_reads_as_zeros(self) -> None:
        self.write("write -P 1 0 8192", "discard 4096 4096", "flush")
        self.assertEqual(self.replay()[:8192], b"\x01" * 4096 + bytes(4096))

    def test_the_count_is_that_of_the_last_flush(self) -> None:
        self.assertEqual(log_writes.count(self.log), 0)
        self.write("write -P 1 0 512", "flush")
        self.assertEqual(log_writes.count(self.log), len(list(log_writes.entries(self.log))))

    def test_another_file_is_refused(self) -> None:
        self.log.write_bytes(bytes(4096))
        with self.assertRaisesRegex(ValueError, "no log of writes"):
            list(log_writes.entries(self.log))

    def test_a_log_that_ends_in_an_entry_is_refused(self) -> None:
        self.write("write -P 1 0 65536", "flush")
        self.log.write_bytes(self.log.read_bytes()[:8192])
        with self.assertRaisesRegex(ValueError, "ends"):
            list(log_writes.entries(self.log))


if __name__ == "__main__":
    if shutil.which("qemu-io") is None:
        print("SKIPPED: logs of writes: qemu-io is not installed (packages.txt, [device])")
        sys.exit(0)
    unittest.main()
