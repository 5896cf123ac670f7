"""A GPT disk image of three partitions, made of files alone: no loop device, nothing mounted.

Each file system is made as a file of its own from a folder, and copied to its place.
"""

import subprocess
from pathlib import Path
from typing import NamedTuple

import debian_tree

MIB = 1 << 20
# The types of the UEFI and the discoverable partitions specifications.
ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
ROOT_ARM64 = "B921B045-1DF0-41C3-AF44-4C6F280D3FAE"
LINUX = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"


class Part(NamedTuple):
    label: str  # of the partition and of its file system
    type: str
    kind: str  # ext4 or vfat
    mib: int
    tree: Path  # what is in there


def make(image: Path, parts: list[Part]) -> None:
    """`image` is whole when this returns; until then it is `image`.part."""
    made = image.with_name(image.name + ".part")
    made.unlink(missing_ok=True)
    with made.open("wb") as file:
        # A MiB before the first for the table, one behind the last for its copy.
        file.truncate((sum(part.mib for part in parts) + 2) * MIB)
    script = "label: gpt\n" + "".join(f'size={part.mib}MiB, type={part.type}, name="{part.label}"\n' for part in parts)
    _run("sfdisk", "--quiet", str(made), given=script)
    start = 1
    for part in parts:
        single = image.with_name(f"{image.name}.{part.label}")
        single.unlink(missing_ok=True)
        try:
            _fill(single, part)
            _run("dd", "status=none", f"if={single}", f"of={made}", f"bs={MIB}", f"seek={start}", "conv=notrunc,sparse")
        finally:
            single.unlink(missing_ok=True)
        start += part.mib
    made.replace(image)


def _fill(single: Path, part: Part) -> None:
    with single.open("wb") as file:
        file.truncate(part.mib * MIB)
    if part.kind == "vfat":
        _run("mkfs.vfat", "-F", "32", "-n", part.label, str(single))
        _run("mcopy", "-s", "-i", str(single), *(str(path) for path in sorted(part.tree.iterdir())), "::")
    else:
        # As for a large disk, whatever its size: it may grow to sixteen times that.
        _run("mke2fs", "-q", "-F", "-t", part.kind, "-b", "4096", "-i", "16384", "-J", "size=32", "-L", part.label,
             "-d", str(part.tree), str(single))


def _run(*command: str, given: str = "") -> None:
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          preexec_fn=debian_tree.leash())
    if done.returncode != 0:
        raise debian_tree.TreeError(f"{' '.join(command)}: {done.stdout.strip()}")
