"""A picture in memory must not reach a disk when the daemon dies: frames carry a marker of 64 random bytes, the daemon is aborted
with core dumps allowed, and the disk is searched for it.

    memory.py --bin DIRECTORY

The same search, and the same look into its memory from outside, in a program that did not close it must find the marker.
"""

import argparse
import os
import resource
import secrets
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Iterator, Optional

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from counting import Counting, draw_clip  # noqa: E402

CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")
SOMEBODY = 65534  # nobody, where the test may become somebody


def dumps_allowed() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def dump_folder() -> Optional[Path]:
    """Where the kernel writes core files besides the program's own directory; None where a program takes them instead."""
    pattern = CORE_PATTERN.read_text().strip()
    if pattern.startswith("|"):
        return None
    return Path(pattern).parent if pattern.startswith("/") else Path()


def written_since(began: float, folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in folder.rglob("*"):
            try:
                if path.is_file() and not path.is_symlink() and path.stat().st_mtime >= began - 2:
                    yield path
            except OSError:
                continue  # went meanwhile


def holds(path: Path, marker: bytes) -> bool:
    try:
        with path.open("rb") as file:
            kept = b""
            while block := file.read(1 << 20):
                if marker in kept + block:
                    return True
                kept = block[-len(marker):]
    except OSError:
        pass
    return False


def in_memory(pid: int, marker: bytes) -> Optional[int]:
    """How often the marker lies in the memory of a process, read from outside; None when the kernel refuses."""
    found = 0
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for line in maps:
                span, rights = line.split()[:2]
                begin, end = (int(word, 16) for word in span.split("-"))
                if "r" not in rights or end >= 1 << 63:
                    continue
                try:
                    memory.seek(begin)
                    found += memory.read(end - begin).count(marker)
                except OSError:
                    continue  # device memory and the like
    except PermissionError:
        return None
    return found


def seen_from_outside(pid: int, marker: bytes) -> Optional[int]:
    """The same by another process of the daemon's own user: root, who is kept from nothing, becomes somebody first."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        if os.getuid() == 0:
            os.setgroups([])
            os.setresgid(SOMEBODY, SOMEBODY, SOMEBODY)
            os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)
        found = in_memory(pid, marker)
        os.write(theirs, b"refused" if found is None else str(found).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return None if said == "refused" else int(said)


def abort(program: Path, folder: Path, marker: bytes) -> tuple[Optional[int], list[Path]]:
    """How often the marker was seen in the memory of the living program, and the files in which it is after its end."""
    clip = folder.parent / "clip.y4m"

    def become() -> None:
        dumps_allowed()
        if os.getuid() == 0:
            os.setgroups([])
            os.setresgid(SOMEBODY, SOMEBODY, SOMEBODY)
            os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)

    shutil.rmtree(folder, ignore_errors=True)
    began = time.time()
    with Counting(program, folder, clip, preexec=become, owner=SOMEBODY if os.getuid() == 0 else None) as counting:
        counting.wait_counted()
        seen = seen_from_outside(counting.process.pid, marker)
        code = counting.end(signal.SIGABRT)
        if code != -signal.SIGABRT:
            raise RuntimeError(f"SIGABRT ended it with {code}")
    searched = [folder, *(Path(name) for name in ("/var/crash", "/var/lib/systemd/coredump", "/var/tmp", "/tmp/cores"))]
    if (elsewhere := dump_folder()) and elsewhere != Path():
        searched.append(elsewhere)
    return seen, [path for path in written_since(began, [at for at in searched if at.is_dir()]) if holds(path, marker)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="not used")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Not below a checkout, where somebody without rights may have no way to.
    with tempfile.TemporaryDirectory(prefix="vitrine-memory-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for program in ("vitrine-audience", "vitrine-audience-open"):
            shutil.copy(arguments.bin / program, folder / program)
        return search(folder)


def search(folder: Path) -> int:
    marker = secrets.token_bytes(64)
    draw_clip(folder / "clip.y4m", marker)
    wrong = []
    seen, files = abort(folder / "vitrine-audience", folder / "daemon", marker)
    print(f"vitrine-audience: {'its memory is refused' if seen is None else f'{seen} markers seen in its memory'}, "
          f"{len(files)} files hold the marker after SIGABRT")
    wrong += [f"the marker is in {path}" for path in files]
    if seen is not None:
        wrong.append("another process of its user can read its memory")

    seen, files = abort(folder / "vitrine-audience-open", folder / "control", marker)
    print(f"with its memory open: {'its memory is refused' if seen is None else f'{seen} markers seen in its memory'}, "
          f"{len(files)} files hold the marker after SIGABRT")
    if not seen:
        wrong.append("the look into memory finds nothing where there is something")
    if not files:
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        if dump_folder() is None or hard == 0:
            print("SKIPPED: this machine gives core files to a program of its own, or to nobody; the search of the disk proves nothing")
        else:
            wrong.append("the search of the disk finds nothing where there is something")
    for path in files:
        path.unlink(missing_ok=True)  # also where the kernel's pattern put it
    for reason in wrong:
        print(f"FAILED: {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
