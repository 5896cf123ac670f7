"""The state disk as it is after every flush: whatever the moment at which the plug is pulled, what the screen remembers is whole.

The emulator keeps every write to that disk in order (log_writes.py). The disk is made again from it, and at each flush its file
system is brought to order as at a boot and looked at by `vitrine check-state`. No play whose row was durable may be missing."""

import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Iterator, NamedTuple

import log_writes
from daemons import Wrong
from stand import Stand
from step_power import push_fresh

_PUSH_EVERY_S = 20  # so that downloads, trials and their floors are among what is written


class Promise(NamedTuple):
    """So many plays were durable when the log had so many entries."""

    entries: int
    plays: int


def run(stand: Stand, points: int, programs: Path) -> None:
    device = stand.device
    stand.settled()
    device.check("systemctl poweroff --no-block")
    device.wait_off(120)
    state = stand.folder / "state.ext4"
    base, log = stand.folder / "flush-base.ext4", stand.folder / "flush.log"
    shutil.copyfile(state, base)
    device.options.state_log = log
    stand.boot()
    stand.plays("logged")
    promises = list(_live(stand, log, points))
    device.cut_power()
    device.options.state_log = None
    began = time.monotonic()
    checked = check_points(base, log, promises, stand.folder / "points", programs / "vitrine", points)
    stand.say(f"{checked.points} flushes of {checked.entries} writes: intact after each, {checked.most_plays} plays at the last; "
              f"{len(promises)} times nothing durable was missing; {time.monotonic() - began:.0f} s")
    for bulky in (base, log):
        bulky.unlink()
    stand.boot()
    stand.plays("after")


def _live(stand: Stand, log: Path, points: int) -> Iterator[Promise]:
    """Plays, downloads and trials until the log has so many flushes; what was durable meanwhile."""
    pushed = 0.0
    while True:
        plays = stand.logged()
        yield Promise(log_writes.count(log), plays)
        if sum(entry.is_durable_point for entry in log_writes.entries(log)) >= points:
            return
        if time.monotonic() - pushed > _PUSH_EVERY_S:
            push_fresh(stand)
            pushed = time.monotonic()


class Checked(NamedTuple):
    points: int
    entries: int
    most_plays: int


def check_points(base: Path, log: Path, promises: list[Promise], work: Path, vitrine: Path, points: int) -> Checked:
    """`work` is used for copies; a point that fails is left there."""
    work.mkdir()
    checked = most = number = 0
    due = sorted(promises)
    with base.open("r+b") as disk:
        for entry in log_writes.entries(log):
            log_writes.apply(entry, disk)
            number = entry.number
            if not entry.is_durable_point or checked == points:
                continue
            disk.flush()
            plays = _check(base, work, vitrine, entry.number)
            promised = max((one.plays for one in due if one.entries <= entry.number), default=0)
            if plays < promised:
                raise Wrong(f"after write {entry.number} the log has {plays} plays, and {promised} were durable; see {work}")
            checked, most = checked + 1, max(most, plays)
    return Checked(checked, number, most)


def _check(disk: Path, work: Path, vitrine: Path, number: int) -> int:
    """The disk as the plug leaves it after this write; how many plays its log has."""
    copy, tree = work / "disk.ext4", work / "tree"
    subprocess.run(["cp", "--sparse=always", str(disk), str(copy)], check=True)
    # The journal is replayed, as by the kernel at the next boot. 1: something was put right, which is that.
    fsck = subprocess.run(["e2fsck", "-p", str(copy)], capture_output=True, text=True)
    if fsck.returncode not in (0, 1):
        raise Wrong(f"after write {number} the file system is damaged: {(fsck.stdout + fsck.stderr).strip()}; see {copy}")
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir()
    subprocess.run(["debugfs", "-R", f"rdump / {tree}", str(copy)], check=True, capture_output=True)
    found = subprocess.run([str(vitrine), "check-state", "--state", str(tree)], capture_output=True, text=True)
    counted = re.search(r"^plays (\d+),", found.stdout, re.M)
    if found.returncode != 0 or not counted:
        raise Wrong(f"after write {number}: {(found.stdout + found.stderr).strip()}; see {tree}")
    return int(counted[1])
