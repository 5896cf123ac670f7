"""An image for many boards: a disk for a card, that any arm64 board with UEFI starts. Only root can make it.

    image.py arm64 [--packages DIR] [--files DIR] [--console] [--out FILE]

Three partitions: the boot partition with systemd-boot and Debian's kernel, the system, and the state (/var/lib/vitrine), which
takes the rest of the card at the first start. Packages of a screen come from DIR (build/packages/arm64; ./run package arm64 makes
them). What the operator adds, such as etc/vitrine/ca.pem or etc/apt/sources.list.d/vitrine.sources, lies in --files as it will on
the board. Root has no password, so nobody logs in; with --console everybody does who is at the serial line or the keyboard.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cross-compile")]
import debian_tree  # noqa: E402
import disk  # noqa: E402
import root  # noqa: E402

ARCHITECTURES = ("arm64",)
_ESP_MIB, _ROOT_MIB, _STATE_MIB = 256, 3072, 256  # three kernels; the system and its updates; an empty state, that grows


def folder_of(arch: str) -> Path:
    return debian_tree.ROOT / "build" / "board" / arch


def make(arguments: argparse.Namespace, folder: Path) -> None:
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"board {arguments.arch}: {time.monotonic() - began:4.0f} s  {text}", flush=True)

    if arguments.files and not arguments.files.is_dir():
        raise debian_tree.TreeError(f"--files {arguments.files}: no such folder")
    packages = root.ours(arguments.packages)
    tree, boot, state = folder / "root", folder / "boot", folder / "state"
    out = arguments.out or folder / "vitrine-board.img"
    out.parent.mkdir(parents=True, exist_ok=True)
    say("a Debian with its kernel and our packages, by mmdebstrap (minutes: another processor's programs set it up)")
    whole = root.make(tree, arguments.arch, packages, arguments.files, arguments.console)
    # Each partition's files by themselves; the system keeps the empty directories to mount them on.
    for part, place in ((boot, tree / "boot/efi"), (state, tree / "var/lib/vitrine")):
        debian_tree.clear(part)
        place.rename(part)
        place.mkdir(mode=0o755)
    say("disk")
    disk.make(out, [disk.Part("VITRINE-ESP", disk.ESP, "vfat", _ESP_MIB, boot),
                    disk.Part("vitrine-root", disk.ROOT_ARM64, "ext4", _ROOT_MIB, tree),
                    disk.Part("vitrine-state", disk.LINUX, "ext4", _STATE_MIB, state)])
    for part in (tree, boot, state):
        debian_tree.clear(part)
    size = out.stat()
    say(f"{out}: {size.st_size >> 20} MiB, {size.st_blocks * 512 >> 20} MiB of them not empty"
        + ("" if whole else "; WITHOUT security updates, which the mirror did not have: make it again later")
        + ("; anybody at its console is root" if arguments.console else ""))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("arch", choices=ARCHITECTURES)
    parser.add_argument("--packages", type=Path, help="folder of .deb files (build/packages/ARCH)")
    parser.add_argument("--files", type=Path, help="folder of files laid over the system, as etc/vitrine/ca.pem")
    parser.add_argument("--console", action="store_true", help="root without a password on the serial line and on Alt-F2")
    parser.add_argument("--out", type=Path, help="the image (build/board/ARCH/vitrine-board.img)")
    arguments = parser.parse_args()
    if arguments.packages is None:
        arguments.packages = debian_tree.ROOT / "build" / "packages" / arguments.arch
    folder = folder_of(arguments.arch)
    try:
        with debian_tree.locked(folder):
            folder.mkdir(exist_ok=True)
            make(arguments, folder)
    except (debian_tree.TreeError, OSError, subprocess.CalledProcessError) as failure:
        print(f"board {arguments.arch}: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
