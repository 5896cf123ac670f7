"""What the programs are made of, as CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/): every Debian package that a
program loads at run time, and every one whose headers were compiled into it. Read from the binaries and from what the
compiler recorded, never from a list kept by hand.

    sbom.py BUILD_DIRECTORY PROGRAM... > sbom.json
    sbom.py --table BUILD_DIRECTORY PROGRAM...      the same for people

Of a cross build the packages are those of its sysroot.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any


def output(*command: object) -> str:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout


def cached(build: Path, name: str) -> str:
    """A variable of CMake's; empty when it has none of that name."""
    found = re.search(rf"^{name}:\w+=(.*)$", (build / "CMakeCache.txt").read_text(), re.M)
    return found[1] if found else ""


def sysroot_of(build: Path) -> Path:
    """/ of a build for this machine."""
    toolchain = cached(build, "CMAKE_TOOLCHAIN_FILE")
    architecture = Path(toolchain).stem
    return (Path(toolchain).parent.parent / f"build/sysroot-{architecture}").resolve() if toolchain else Path("/")


def loaded(program: Path, sysroot: Path) -> set[Path]:
    """Shared libraries, those of libraries included."""
    if sysroot == Path("/"):
        return {Path(found) for found in re.findall(r"(/\S+) \(0x", output("ldd", program))}
    found: set[Path] = set()
    todo = [program]
    while todo:
        for name in re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-d", todo.pop())):
            # What the loader of libc brings is not looked for: it is libc's.
            library = next((path for path in sysroot.glob(f"usr/lib/*-linux-gnu*/{name}")), None)
            if library and library not in found:
                found.add(library)
                todo.append(library)
    return found


def compiled_in(build: Path, sysroot: Path) -> set[Path]:
    """System headers that the compiler read, for all that was built in there but tests and benchmarks."""
    headers: set[Path] = set()
    ours = False
    for line in output("ninja", "-C", build, "-t", "deps").splitlines():
        if line and not line.startswith(" "):
            ours = not line.startswith(("tests/", "bench/"))
        elif ours and line.startswith(f"    {sysroot / 'usr/include'}/"):
            headers.add(Path(line.strip()))
    return headers


class Debian:
    """Which installed package a file is from. /lib and /usr/lib are one directory; dpkg may know either name."""

    def __init__(self, sysroot: Path) -> None:
        database = sysroot / ("var/lib/dpkg" if sysroot == Path("/") else "dpkg")
        self._usr, self._owner = str(sysroot / "usr"), dict[str, str]()
        for listing in (database / "info").glob("*.list"):
            package = listing.name.removesuffix(".list").split(":")[0]
            for line in listing.read_text().splitlines():
                self._owner[line] = package
        fields = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Homepage}\n"
        self.about = {line.split("\t")[0]: line.split("\t") for line in output("dpkg-query", "--admindir", database, "-W", "-f", fields).splitlines()}

    def owner(self, file: Path) -> str | None:
        for name in (str(file), str(file.resolve())):
            for spelling in (name, name.replace(self._usr, self._usr.removesuffix("/usr"), 1), "/usr" + name):
                if spelling in self._owner:
                    return self._owner[spelling]
        return None


def component(debian: Debian, package: str) -> dict[str, Any]:
    _, version, architecture, source, homepage = debian.about[package]
    entry: dict[str, Any] = {
        "type": "library", "bom-ref": package, "name": package, "version": version,
        "purl": f"pkg:deb/debian/{package}@{version}?arch={architecture}&distro=debian-12",
        "properties": [{"name": "debian:source", "value": source}],
    }
    if homepage:
        entry["externalReferences"] = [{"type": "website", "url": homepage}]
    return entry


def main() -> int:
    arguments = sys.argv[1:]
    table = arguments[:1] == ["--table"]
    build, *names = arguments[table:]
    sysroot = sysroot_of(Path(build))
    debian = Debian(sysroot)
    programs = {name: {debian.owner(file) for file in loaded(Path(build) / "bin" / name, sysroot)} - {None} for name in names}
    headers = {debian.owner(file) for file in compiled_in(Path(build), sysroot)} - {None}
    run_time: set[Any] = set().union(*programs.values())
    if table:
        for package in sorted(run_time | headers):
            users = [name.removeprefix("vitrine-") for name, needs in programs.items() if package in needs]
            print(f"{package:34} {debian.about[package][1]:30} {', '.join(users) or 'headers'}")
        return 0
    version = cached(Path(build), "CMAKE_PROJECT_VERSION")
    json.dump({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "vitrine", "name": "vitrine", "version": version}},
        "components": [{"type": "application", "bom-ref": name, "name": name, "version": version} for name in names]
        + [component(debian, package) for package in sorted(run_time | headers)],
        "dependencies": [{"ref": "vitrine", "dependsOn": sorted(headers)}]
        + [{"ref": name, "dependsOn": sorted(needs)} for name, needs in programs.items()],
    }, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
