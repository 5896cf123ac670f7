#!/usr/bin/python3
"""Whenever the driver of a device is killed, nothing of it stays: no process, no mount, no namespace.

    kill_test.py ARCH --bin DIR [--whole]      kills first_test.py -9 while it makes a disk and while a device runs;
                                               --whole: also at the stages that take minutes to reach
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Iterator, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import image  # noqa: E402

_MARK = "VITRINE_RIG_MARK"  # an environment variable that every process the driver starts inherits


class Stage(NamedTuple):
    name: str
    reached: Callable[[set[str], str], bool]  # of the programs that run, and what driver and mmdebstrap have said
    new_disk: bool  # a folder of its own, so that the disk is made anew
    whole: bool = False
    within_s: float = 90


STAGES = (
    Stage("packages are downloaded", lambda programs, _: "apt-get" in programs, True),
    Stage("packages are set up by their own scripts", lambda _, said: "installing essential packages" in said, True, False, 180),
    Stage("the disk is written", lambda programs, _: "mke2fs" in programs, True, True, 400),
    Stage("the device boots", lambda programs, _: any(name.startswith("qemu-system") for name in programs), False),
    Stage("the device takes commands", lambda _, said: "a shell answers" in said, False),
    Stage("player and camera run in it", lambda _, said: "reach the audience" in said, False, True, 300),
)


def marked(mark: str) -> Iterator[tuple[int, str]]:
    """pid and program of every process that carries the mark, in whatever namespace."""
    wanted = f"{_MARK}={mark}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name), Path(os.readlink(entry / "exe")).name
        except OSError:
            continue  # it has just ended


def mounts() -> set[str]:
    """Every mount of every mount namespace that has a process, without the numbers the kernel gives them."""
    found = set()
    for table in Path("/proc").glob("[0-9]*/mountinfo"):
        try:
            found |= {" ".join(line.split()[3:]) for line in table.read_text().splitlines()}
        except OSError:
            continue
    return found


def kill_at(stage: Stage, arch: str, bin_directory: Path, scratch: Path) -> None:
    mark = secrets.token_hex(8)
    before = mounts()
    folder = scratch / "disk" if stage.new_disk else image.default_folder(arch)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    said = scratch / "said"
    with said.open("wb") as output:
        driver = subprocess.Popen([sys.executable, "-B", str(HERE / "first_test.py"), arch, "--bin", str(bin_directory),
                                   "--folder", str(folder)], env={**os.environ, _MARK: mark}, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + stage.within_s
        log = folder / "root.part.log"
        while not stage.reached({name for _, name in marked(mark)},
                                said.read_text() + (log.read_text(errors="replace") if log.exists() else "")):
            if driver.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"kill test: '{stage.name}' was not reached:\n{said.read_text()}")
            time.sleep(0.02)
    finally:
        driver.kill()
        driver.wait()
    began = time.monotonic()
    while left := dict(marked(mark)):
        if time.monotonic() - began > 10:
            raise SystemExit(f"kill test: killed while {stage.name}, and there are left: {left}")
        time.sleep(0.02)
    gone = time.monotonic() - began
    # Without a process a namespace lives on only where it is mounted, so this covers those too.
    if extra := {mount for mount in mounts() - before if str(scratch) in mount or str(folder) in mount or "nsfs" in mount}:
        raise SystemExit(f"kill test: killed while {stage.name}, and there are left mounts: {extra}")
    print(f"killed while {stage.name}: nothing left after {gone:.2f} s", flush=True)
    shutil.rmtree(scratch)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("arch", choices=image.ARCHITECTURES)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--whole", action="store_true")
    arguments = parser.parse_args()
    for stage in STAGES:
        if arguments.whole or not stage.whole:
            kill_at(stage, arguments.arch, arguments.bin, image.default_folder(arguments.arch).with_name("kill-test"))


if __name__ == "__main__":
    main()
