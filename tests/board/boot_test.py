#!/usr/bin/python3
"""The board image as a technician meets it: the card goes in, the power comes, and the display says "Not enrolled".

    boot_test.py IMAGE [--folder DIR]      an image made by `./run board-image arm64 --console`

Started in QEMU under Debian's UEFI firmware, on a card larger than the image, without a network. One line a step; each picture that was
another than the one before stays in FOLDER (build/board/arm64/boot-test). Exit code 0 when every step held.
"""

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "device"), str(HERE.parent.parent / "cross-compile")]
import debian_tree  # noqa: E402
from board import Board, BoardError  # noqa: E402
from channel import ChannelError  # noqa: E402
from picture import SCREEN, Picture, Shows  # noqa: E402

BOOT_S = 600  # a limit: firmware, kernel and system are all emulated, on a machine that may compile beside this
_WATCHED_S = 15  # how long the picture is watched once it is there: gettys and late messages come then
_EVERY_S = 0.5
STATE_OPTIONS = ("rw", "noatime", "lazytime", "commit=300")


class Wrong(Exception):
    """A step did not hold."""


class Glass:
    """Looks at the display twice a second and keeps what changed."""

    def __init__(self, board: Board, folder: Path) -> None:
        self._board, self._folder = board, folder
        self._began = time.monotonic()
        self._last = b""
        self._next = self._began
        self.kept: list[tuple[float, str, Shows]] = []

    def look(self) -> Picture:
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + _EVERY_S
        seen = self._board.dump()
        if seen.pixels != self._last:
            name = f"{len(self.kept):02d}.png"
            seen.save(self._folder / name)
            self.kept.append((self.seconds(), f"{name} {seen.width}x{seen.height}", seen.shows()))
            self._last = seen.pixels
            if self.kept[-1][2] is Shows.TEXT:
                raise Wrong(f"text of a console is on the display: {name}\n{self.told()}")
        return seen

    def seconds(self) -> float:
        return time.monotonic() - self._began

    def told(self) -> str:
        return "\n".join(f"    {at:6.1f} s  {name}  {shows.value}" for at, name, shows in self.kept)


def status_picture(board: Board, glass: Glass) -> float:
    """Waits for it; from then on there may be nothing else, and never a console's text, before it either."""
    while glass.look().shows() is not Shows.NOT_ENROLLED:
        if glass.seconds() > BOOT_S:
            raise board.failure(f"no status picture within {BOOT_S} s; the display had\n{glass.told()}")
    there = glass.seconds()
    while glass.seconds() < there + _WATCHED_S:
        glass.look()
    if after := [name for at, name, shows in glass.kept if at > there and shows is not Shows.NOT_ENROLLED]:
        raise Wrong(f"after the status picture the display had {', '.join(after)}\n{glass.told()}")
    return there


def system(board: Board) -> str:
    said = board.check("systemctl is-system-running --wait || systemctl --failed --plain --no-legend", 240)
    if said != "running":
        raise Wrong(f"units failed: {said}")
    board.check("systemctl is-active vitrine-player vitrine-telemetry vitrine-vet")
    return f"all units run; {board.check('uname -r')}"


def state(board: Board) -> str:
    source, kind, options = board.check("findmnt -n -o SOURCE,FSTYPE,OPTIONS /var/lib/vitrine").split()
    root = board.check("findmnt -n -o SOURCE,OPTIONS /").split()
    if kind != "ext4" or source == root[0] or not set(STATE_OPTIONS) <= set(options.split(",")):
        raise Wrong(f"/var/lib/vitrine is {source} {kind} {options}, wanted is a partition of its own with {STATE_OPTIONS}")
    if "errors=remount-ro" not in root[1]:
        raise Wrong(f"/ is {root}")
    size = int(board.check("df --output=size -BM /var/lib/vitrine | tail -n 1").rstrip("M"))
    if size < 4000:
        raise Wrong(f"the state has {size} MiB of a card of 8 GiB: it did not grow")
    return f"/var/lib/vitrine is {source} with {', '.join(STATE_OPTIONS)}, grown to {size} MiB"


def identity(board: Board) -> str:
    machine = board.check("cat /etc/machine-id")
    if len(machine) != 32 or int(machine, 16) == 0:
        raise Wrong(f"/etc/machine-id is '{machine}'")
    if board.check("findmnt -n /etc/machine-id || echo on the disk") != "on the disk":
        raise Wrong("/etc/machine-id is of this start alone, not on the disk")
    said = board.check("vitrine status || true")
    if not re.search(r"^enrolled +no$", said, re.M):
        raise Wrong(f"vitrine status: {said}")
    return f"machine-id {machine} was made; vitrine status says so too"


def kernel_update(board: Board) -> str:
    """What Debian's next kernel does with the boot partition: its hooks are run, and the entry comes back."""
    board.check("rm /boot/efi/loader/entries/*.conf && /etc/initramfs/post-update.d/vitrine-board && ls /boot/efi/loader/entries/vitrine-$(uname -r).conf", 240)
    return "the kernel's hook writes the boot partition"


def test(image: Path, folder: Path) -> None:
    if not image.exists():
        raise Wrong(f"{image} is not there; make it with ./run board-image arm64 --console")
    with Board(image, folder) as board:
        board.switch_on()
        glass = Glass(board, folder)
        there = status_picture(board, glass)
        print(f"{there:6.1f} s  from power-on to the status picture; what the display had:\n{glass.told()}", flush=True)
        board.shell(BOOT_S)
        for step in (system, state, identity, kernel_update):
            print(f"{glass.seconds():6.1f} s  {step(board)}", flush=True)
        print(f"{glass.seconds():6.1f} s  of which the guest says: {board.check('systemd-analyze time | head -n 1')}", flush=True)
        if (shows := glass.look().shows()) is not Shows.NOT_ENROLLED:
            raise Wrong(f"at the end the display has {shows.value}")
        board.dump().save(folder / "status.png")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("image", type=Path)
    parser.add_argument("--folder", type=Path, default=debian_tree.ROOT / "build/board/arm64/boot-test")
    arguments = parser.parse_args()
    try:
        with debian_tree.locked(arguments.folder):
            test(arguments.image, arguments.folder)
    except (Wrong, BoardError, ChannelError, debian_tree.TreeError, OSError, subprocess.CalledProcessError) as error:
        print(f"board image: FAILED: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
