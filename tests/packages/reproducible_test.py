#!/usr/bin/python3
"""The same sources make the same packages, byte for byte: built once more from nothing, in another directory, at another time, in
another zone and language and with another umask, and compared.

    reproducible_test.py ARCH --packages DIR [--build DIR]

PACKAGES were made before by `./run package ARCH`. With --build only the packing is done again, of the programs in there. One line a
package that differs, with the files that do; exit code 1 when there is one.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def sources(target: Path) -> None:
    """What git has of the working tree, and the sysroots beside it."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True,
                            capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    (target / "build").mkdir(exist_ok=True)
    for sysroot in (ROOT / "build").glob("sysroot-*"):
        if sysroot.is_dir():
            (target / "build" / sysroot.name).symlink_to(sysroot)


def build(arch: str, target: Path, programs: Path | None) -> Path:
    made = target / "made"
    made.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(target), "TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "de_DE.UTF-8",
                   "CCACHE_DISABLE": "1", "PACKAGES": str(made)}
    if programs:
        environment["BUILD"] = str(programs)
    log = target / "build.log"
    with log.open("wb") as output:
        done = subprocess.run(["sh", "-c", f"umask 077; exec dpkg-architecture -a {arch} -f -c debian/rules clean binary"], cwd=target,
                              env=environment, stdout=output, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(f"the second build ended with {done.returncode}:\n" + "\n".join(log.read_text().splitlines()[-20:]))
    return made


def contents(package: Path) -> dict[str, str]:
    """Each file of a package by its hash, and what is said of it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-R", package, folder], check=True)
        found = {}
        for path in Path(folder).rglob("*"):
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[str(path.relative_to(folder))] = f"{path.lstat().st_mode:o} {hashlib.sha256(content).hexdigest()}"
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("arch")
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--build", type=Path)
    options = parser.parse_args()
    first = sorted(options.packages.glob("*.deb"))
    if not first:
        sys.exit(f"{options.packages}: no packages; ./run package {options.arch}")
    (ROOT / "build/packages").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="another-directory-with-a-longer-name-", dir=ROOT / "build/packages") as folder:
        target = Path(folder)
        sources(target)
        made = build(options.arch, target, options.build and options.build.resolve())
        wrong = 0
        for package in first:
            again = made / package.name
            if again.exists() and again.read_bytes() == package.read_bytes():
                continue
            wrong += 1
            one, two = contents(package), contents(again) if again.exists() else {}
            files = sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
            print(f"FAILED: {package.name} differs: {', '.join(files) or 'in its order or its times'}")
    print(f"{len(first) - wrong} of {len(first)} packages are the same")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
