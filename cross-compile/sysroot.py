#!/usr/bin/python3
"""The headers and libraries of another processor's Debian, in build/sysroot-ARCH, for the cross compiler.

    sysroot.py ARCH      arm64 or armhf; nothing to do when the one there was made from the same list of packages
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import debian_tree
import dpkg_database

# Nobody looks these up to compile or link: they are half of the tree.
_CLEAR = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var", "boot", "dev")


def make(arch: str) -> Path:
    tree = debian_tree.ROOT / "build" / f"sysroot-{arch}"
    names = debian_tree.packages("libraries")
    wanted = debian_tree.stamp(Path(__file__).read_text(), Path(dpkg_database.__file__).read_text(), str(tree), *names)
    made_from = tree / ".made-from"
    with debian_tree.locked(tree):
        if not made_from.exists() or made_from.read_text() != wanted:
            _make_anew(tree, arch, names, wanted)
    return tree


def _make_anew(tree: Path, arch: str, names: list[str], wanted: str) -> None:
    print(f"sysroot {arch}: {len(names)} packages and what they need, by mmdebstrap (about a minute)", flush=True)
    began = time.monotonic()
    # Headers keep the dates of their packages, so nothing built against others would be built again.
    debian_tree.clear(debian_tree.ROOT / "build" / arch)
    # Extracted only: no script of a package runs, so no processor is emulated.
    whole = debian_tree.build(tree, arch, ["--variant=extract", "--skip=cleanup/apt/cache"], names, scripts=False)
    dpkg_database.make(tree, tree / "var/cache/apt/archives", tree / "dpkg")
    for path in _CLEAR:
        shutil.rmtree(tree / path, ignore_errors=True)
    _link_alternatives(tree, debian_tree.TRIPLES[arch])
    _make_links_relative(tree)
    (tree / ".made-from").write_text(wanted if whole else wanted + " without security updates: again next time")
    print(f"sysroot {arch}: made in {time.monotonic() - began:.0f} s", flush=True)


def _link_alternatives(tree: Path, triple: str) -> None:
    """What update-alternatives would have done, had it run: OpenCV needs these two."""
    for name in ("blas", "lapack"):
        link = tree / "usr/lib" / triple / f"lib{name}.so.3"
        if not link.exists():
            link.symlink_to(f"{name}/lib{name}.so.3")


def _make_links_relative(tree: Path) -> None:
    """An absolute link would lead out of the tree, to this machine's own files."""
    for directory, folders, files in os.walk(tree):
        for name in folders + files:
            link = Path(directory, name)
            if link.is_symlink() and os.path.isabs(target := os.readlink(link)):
                link.unlink()
                link.symlink_to(os.path.relpath(tree / target.lstrip("/"), directory))


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("arm64", "armhf"):
        sys.exit(__doc__)
    try:
        print(make(sys.argv[1]))
    except (debian_tree.TreeError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"sysroot {sys.argv[1]}: {error}")
