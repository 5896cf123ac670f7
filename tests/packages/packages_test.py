#!/usr/bin/python3
"""The packages as a technician and an operator meet them: installed on a bare Debian with nothing else named, upgraded,
downgraded, removed and purged; their units judged where they were installed; their programs started.

    packages_test.py ARCH --packages DIR [--small DIR] [--work DIR]      as root; ARCH is of this machine, or run by QEMU

The packages in SMALL are held to the size that a screen's may have; without it those in PACKAGES. A line a step; exit code 0 when
every step held. The bare system and what apt fetched stay in WORK (build/packages/root) for the next run.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Sequence

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "cross-compile"), str(ROOT / "tests/units")]
import debian_tree  # noqa: E402
import units_test  # noqa: E402

BASE = ("--variant=minbase", "--dpkgopt=force-unsafe-io", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
        "--skip=cleanup/apt/lists")
LOWER = "0.0.1"
SCREEN = ("vitrine-common", "vitrine-cli", "vitrine-player", "vitrine-audience", "vitrine-telemetry", "vitrine-screen")
BACKEND = ("vitrine-operator", "vitrine-backflow")
# What a screen may take of its flash beside Debian's libraries, in KiB.
MOST_KIB = 12 * 1024
# Services and timers that other units start.
BY_OTHERS = ("vitrine-reboot.service", "vitrine-identity.service", "vitrine-join.service", "vitrine-update.service",
             "vitrine-update-trial.service", "vitrine-update-trial.timer")
# What a day on the air leaves behind; whatever happens to the packages, it stays until it is purged.
KEPT = ("identity/device.toml", "player/plays.db", "player/plays.db.newer", "telemetry/outbox.db", "audience/exposure.db",
        "camera/settings.toml")
# Policy 6.8: of what stays on purge only users and what the operator wrote may be ours.
STAYS = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/vitrine")


class Wrong(Exception):
    """A step did not hold."""


class Bare:
    """A bare Debian, thrown away at the end, in which commands run as root."""

    def __init__(self, arch: str, work: Path) -> None:
        self.foreign = arch if arch != debian_tree.native() else ""
        self.base, self.root, self.archives = work / f"base-{arch}", work / f"root-{arch}", work / f"archives-{arch}"
        stamp = debian_tree.stamp(*BASE)
        made_from = work / f"base-{arch}.made-from"
        if not self.base.exists() or not made_from.exists() or made_from.read_text() != stamp:
            debian_tree.build(self.base, arch, BASE, ["mawk"], scripts=True)
            made_from.write_text(stamp)
        self.archives.mkdir(exist_ok=True)
        debian_tree.clear(self.root)
        subprocess.run(["cp", "-a", self.base, self.root], check=True)

    def run(self, script: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A shell script in there, words as its arguments. What it prints, errors too, is in stdout."""
        inside = ('mount -t proc proc "$1/proc" && mount --bind "$2" "$1/var/cache/apt/archives" && '
                  'root=$1 && shift 2 && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root '
                  'DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"')
        with (self.root.with_suffix(".log")).open("w+b") as log:
            code = debian_tree.run_private(["sh", "-c", inside, "sh", str(self.root), str(self.archives),
                                            "sh", "-c", script, "sh", *words], self.foreign, log)
            log.seek(0)
            return subprocess.CompletedProcess(script, code, log.read().decode(errors="replace"))

    def check(self, script: str, *words: str) -> str:
        done = self.run(script, *words)
        if done.returncode != 0:
            end = "\n".join("    " + line for line in done.stdout.splitlines()[-25:])
            raise Wrong(f"`{script}` {' '.join(words)} ended with {done.returncode}:\n{end}")
        return done.stdout

    def files(self) -> set[str]:
        """Whatever is not apt's or dpkg's own memory."""
        found = set()
        for folder, folders, names in os.walk(self.root):
            inside = "/" + str(Path(folder).relative_to(self.root))
            found.update(os.path.join(inside, name) for name in (*folders, *names))
        return {path.replace("/./", "/") for path in found if not path.startswith(("/./var/lib/dpkg", "/var/lib/dpkg"))}

    def given_up(self) -> None:
        debian_tree.clear(self.root)


def field(package: Path, name: str) -> str:
    return subprocess.run(["dpkg-deb", "-f", package, name], check=True, capture_output=True, text=True).stdout.strip()


def lowered(package: Path, folder: Path) -> None:
    """The same package with a lower version, in `folder`."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    control = tree / "DEBIAN/control"
    version = field(package, "Version")
    control.write_text(control.read_text().replace(f"Version: {version}", f"Version: {LOWER}").replace(f"(= {version})", f"(= {LOWER})"))
    subprocess.run(["dpkg-deb", "-Znone", "--root-owner-group", "-b", tree, folder / package.name.replace(version, LOWER)],
                   check=True, stdout=subprocess.DEVNULL)
    debian_tree.clear(tree)


def ours(folder: Path) -> list[Path]:
    packages = sorted(path for path in folder.glob("*.deb") if "-dbgsym_" not in path.name)
    if not packages:
        sys.exit(f"{folder}: no packages; see ./run package")
    return packages


class Steps:
    def __init__(self, packages: Sequence[Path], bare: Bare) -> None:
        self.packages, self.bare = packages, bare
        self.before = bare.files()

    def sizes(self, folder: Path) -> str:
        kib = {name: int(field(package, "Installed-Size")) for package in ours(folder)
               if (name := field(package, "Package")) in SCREEN}
        if set(kib) != set(SCREEN):
            raise Wrong(f"of a screen's packages there are only {sorted(kib)}")
        if sum(kib.values()) > MOST_KIB:
            raise Wrong(f"a screen takes {sum(kib.values())} KiB, at most {MOST_KIB}: {kib}")
        return f"a screen takes {sum(kib.values())} KiB, at most {MOST_KIB}"

    def install(self) -> str:
        """The lower version, and nothing named but our packages."""
        for folder in ("higher", "lower"):
            (self.bare.root / folder).mkdir()
        for package in self.packages:
            shutil.copy(package, self.bare.root / "higher")
            lowered(package, self.bare.root / "lower")
        self.bare.check("apt-get -q -y --no-install-recommends install /lower/*.deb")
        for path in KEPT:
            file = self.bare.root / "var/lib/vitrine" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"the only one of {path}")
        return f"{self.bare.check('dpkg-query -W').count(chr(10))} packages, ours are {LOWER}"

    def users_and_directories(self) -> str:
        for daemon in ("player", "vet", "audience", "telemetry"):
            groups = self.bare.check(f"id -nG vitrine-{daemon}").split()
            if "vitrine-read" not in groups:
                raise Wrong(f"vitrine-{daemon} is of {groups}, not of vitrine-read")
            said = self.bare.check(f"stat -c '%U:%G %a' /var/lib/vitrine/{daemon}").strip()
            if said != f"vitrine-{daemon}:vitrine-read 2750":
                raise Wrong(f"/var/lib/vitrine/{daemon} is {said}")
        return "each daemon has its user and its directory"

    def programs(self) -> str:
        """Each starts: all its libraries are there, and of the right version."""
        listed = self.bare.check("dpkg-query -L vitrine-cli vitrine-player vitrine-audience vitrine-telemetry vitrine-screen "
                                 "vitrine-operator vitrine-backflow | grep '^/usr/s\\?bin/'").split()
        for program in listed:
            version = self.bare.check(f"{program} --version").strip()
            if not version.endswith(field(self.packages[0], "Version")):
                raise Wrong(f"{program} is {version}")
            if "Usage:" not in self.bare.check(f"{program} --help"):
                raise Wrong(f"{program} --help shows no use")
        if len(listed) < 12:
            raise Wrong(f"only {listed} are programs")
        return f"{len(listed)} programs start"

    def manuals(self) -> str:
        """A page for each program and unit, that names each option the program has, and no other."""
        pages = {page.name.rsplit(".", 1)[0]: page.read_text() for page in (ROOT / "docs/man").iterdir()}
        for name, page in sorted(pages.items()):
            said = self.bare.check(f"{name} --help")
            options = set(re.findall(r"^ +(?:-\w,)?--([a-z0-9-]+)", said, re.M))
            written = set(re.findall(r"^\.It Fl -([a-z0-9-]+)", page, re.M))
            if "Subcommands:" in said:
                options |= set(re.findall(r"^  ([a-z-]+)  ", said.split("Subcommands:")[1], re.M))
                written |= set(re.findall(r"^\.It Cm ([a-z-]+)", page, re.M))
            if options != written:
                raise Wrong(f"docs/man/{name}: lacks {sorted(options - written)}, and has {sorted(written - options)} too many")
        return f"{len(pages)} manual pages say what the programs say"

    def units(self) -> str:
        """As installed, with all that they name in its place."""
        said = self.bare.check("systemd-analyze verify --man=no --recursive-errors=no /lib/systemd/system/vitrine-*.* 2>&1 || true")
        if said.strip():
            raise Wrong(f"systemd-analyze verify: {said}")
        for unit, most in units_test.MOST.items():
            self.bare.check(f"systemd-analyze security --offline=true --no-pager --threshold={most} {unit}.service")
        return "systemd has nothing to say against the units"

    def starts(self) -> str:
        """A service that another unit starts is never started by a package: the first of them reboots."""
        for package in self.packages:
            scripts = subprocess.run(f"dpkg-deb --ctrl-tarfile '{package}' | tar -xO --wildcards './p*'", shell=True,
                                     capture_output=True, text=True).stdout
            named = [unit for unit in BY_OTHERS if unit in scripts]
            if named:
                raise Wrong(f"{package.name}: its scripts start {named}")
        enabled = {path.name for path in (self.bare.root / "etc/systemd/system").rglob("vitrine-*")}
        wanted = {"vitrine-player.service", "vitrine-vet.service", "vitrine-reboot.path", "vitrine-audience.service",
                  "vitrine-telemetry.service", "vitrine-identity.path", "vitrine-join.path", "vitrine-update.path",
                  "vitrine-update-resume.service"}
        if not wanted <= enabled or enabled & {"vitrine-ingest.service", "vitrine-enrol.service", *BY_OTHERS}:
            raise Wrong(f"enabled are {sorted(enabled)}")
        return "a screen's daemons start with the machine, the backend's when an operator says so"

    def change(self, folder: str) -> str:
        self.bare.check(f"apt-get -q -y --no-install-recommends --allow-downgrades install /{folder}/*.deb")
        self.kept()
        versions = set(self.bare.check("dpkg-query -W -f '${Version}\\n' 'vitrine-*'").split())
        return f"all are {versions}, and what was kept is there"

    def kept(self) -> None:
        for path in KEPT:
            file = self.bare.root / "var/lib/vitrine" / path
            if not file.exists() or file.read_text() != f"the only one of {path}":
                raise Wrong(f"/var/lib/vitrine/{path} is not what it was")

    def remove(self) -> str:
        self.bare.check("apt-get -q -y remove 'vitrine-*'")
        self.kept()
        left = sorted(path for path in self.bare.files() - self.before if re.match("/(usr|lib)/.*vitrine", path))
        if left:
            raise Wrong(f"after remove there are still {left}")
        return "the programs are gone, what was kept is there"

    def purge(self) -> str:
        self.bare.check("apt-get -q -y purge 'vitrine-*'")
        left = sorted(path for path in self.bare.files() - self.before
                      if "vitrine" in path and not path.startswith((*STAYS, "/higher", "/lower", "/var/cache", "/var/log/apt")))
        if left:
            raise Wrong(f"after purge there are still {left}")
        return "nothing is left"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("arch")
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--small", type=Path)
    parser.add_argument("--work", type=Path, default=ROOT / "build/packages/root")
    options = parser.parse_args()
    packages = ours(options.packages)
    began = time.monotonic()

    def say(name: str, text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {name}: {text}", flush=True)

    options.work.mkdir(parents=True, exist_ok=True)
    with debian_tree.locked(options.work / options.arch):
        bare = Bare(options.arch, options.work)
        say("a bare Debian", "made, or still there from before")
        steps = Steps(packages, bare)
        order: list[tuple[str, Callable[[], str]]] = [
            ("sizes", lambda: steps.sizes(options.small or options.packages)), ("install", steps.install), ("users", steps.users_and_directories),
            ("upgrade", lambda: steps.change("higher")), ("programs", steps.programs), ("manuals", steps.manuals),
            ("units", steps.units), ("starts", steps.starts), ("downgrade", lambda: steps.change("lower")),
            ("remove", steps.remove), ("purge", steps.purge)]
        try:
            for name, step in order:
                say(name, step())
        except Wrong as wrong:
            print(f"FAILED: {name}: {wrong}")
            return 1
        finally:
            bare.given_up()
    print("packages: passed")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except debian_tree.TreeError as error:
        sys.exit(f"packages: {error}")
