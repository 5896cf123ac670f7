"""What the programs are made of, as CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/): every Debian package that a
program loads at run time, and every one whose headers were compiled into it. Read from the binaries and from what the
compiler recorded, never from a list kept by hand.

    sbom.py BUILD_DIRECTORY PROGRAM... > sbom.json
    sbom.py --table BUILD_DIRECTORY PROGRAM...      the same for people
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any


def output(*command: object) -> str:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout


def loaded(program: Path) -> set[Path]:
    """Shared libraries, those of libraries included."""
    return {Path(found) for found in re.findall(r"(/\S+) \(0x", output("ldd", program))}


def compiled_in(build: Path) -> set[Path]:
    """System headers that the compiler read, for all that was built in there but tests and benchmarks."""
    headers: set[Path] = set()
    ours = False
    for line in output("ninja", "-C", build, "-t", "deps").splitlines():
        if line and not line.startswith(" "):
            ours = not line.startswith(("tests/", "bench/"))
        elif ours and line.startswith("    /usr/include/"):
            headers.add(Path(line.strip()))
    return headers


class Debian:
    """Which installed package a file is from. /lib and /usr/lib are one directory; dpkg may know either name."""

    def __init__(self) -> None:
        self._owner: dict[str, str] = {}
        for listing in Path("/var/lib/dpkg/info").glob("*.list"):
            package = listing.name.removesuffix(".list").split(":")[0]
            for line in listing.read_text().splitlines():
                self._owner[line] = package
        fields = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Homepage}\n"
        self.about = {line.split("\t")[0]: line.split("\t") for line in output("dpkg-query", "-W", "-f", fields).splitlines()}

    def owner(self, file: Path) -> str | None:
        for name in (str(file), str(file.resolve())):
            for spelling in (name, name.removeprefix("/usr"), "/usr" + name):
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
    debian = Debian()
    programs = {name: {debian.owner(file) for file in loaded(Path(build) / "bin" / name)} - {None} for name in names}
    headers = {debian.owner(file) for file in compiled_in(Path(build))} - {None}
    run_time: set[Any] = set().union(*programs.values())
    if table:
        for package in sorted(run_time | headers):
            users = [name.removeprefix("vitrine-") for name, needs in programs.items() if package in needs]
            print(f"{package:34} {debian.about[package][1]:30} {', '.join(users) or 'headers'}")
        return 0
    version = output(Path(build) / "bin" / names[0], "--version").strip()
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
