"""Finds what a cross build took from this machine instead of the sysroot: include paths, headers, start files, libraries.

    leaks.py --build DIR --source DIR --sysroot DIR --triple TRIPLE      one line a leak; exit code 1 when there is one
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Iterable, Iterator, NamedTuple

_MACHINES = {"aarch64-linux-gnu": "AArch64", "arm-linux-gnueabihf": "ARM"}
_INCLUDE = ("-I", "-isystem", "-iquote", "-idirafter")


class Places(NamedTuple):
    """Where things may come from. The cross compiler's own C and C++ library is not among them: the device's is another."""

    build: Path
    source: Path
    sysroot: Path
    triple: str

    def allow(self, path: Path) -> bool:
        return any(path.is_relative_to(place) for place in (self.build, self.source, self.sysroot))


def _resolved(path: str, directory: Path) -> Path:
    # Not resolve(): a link inside the sysroot may be followed only inside the sysroot, and the compiler does not.
    return Path(os.path.normpath(directory / path))


def include_paths(commands: Iterable[dict[str, str]], places: Places) -> Iterator[str]:
    for entry in commands:
        words = iter(shlex.split(entry["command"]))
        sysroot = ""
        for word in words:
            if word.startswith("--sysroot="):
                sysroot = word.removeprefix("--sysroot=")
            option = next((known for known in _INCLUDE if word.startswith(known)), None)
            if option is None:
                continue
            path = _resolved(word.removeprefix(option) or next(words), Path(entry["directory"]))
            if not places.allow(path):
                yield f"{entry['file']}: looks for headers in {path}"
        if sysroot != str(places.sysroot):
            yield f"{entry['file']}: compiled with sysroot '{sysroot}'"


def headers(dependencies: str, places: Places) -> Iterator[str]:
    """`dependencies`: what ninja -t deps prints, an object at the margin and its files indented below."""
    told = set()
    for line in dependencies.splitlines():
        if not line.startswith("    "):
            continue
        path = _resolved(line.strip(), places.build)
        if not places.allow(path) and path not in told:
            told.add(path)
            yield f"a header of this machine was read: {path}"


def linked(program: str, trace: str, places: Places) -> Iterator[str]:
    """`trace`: what the linker prints with --trace, a file a line, an archive's member as "lib.a(member.o)"."""
    for line in sorted(set(trace.splitlines())):
        path = _resolved(line.strip().strip("()").split("(")[0], places.build)
        if line.startswith(("/", ".")) and not places.allow(path) and not re.match("/tmp/cc[^/]*$", str(path)):  # the compiler's
            yield f"{program}: linked with {path}"


def trace_link(program: Path, places: Places) -> str:
    """Links a program once more, to nowhere, and returns what that read."""
    commands = subprocess.run(["ninja", "-C", str(places.build), "-t", "commands", f"bin/{program.name}"], check=True,
                              capture_output=True, text=True).stdout
    words = shlex.split(commands.splitlines()[-1])  # ": && COMMAND && :"
    words = [word for word in words if word not in (":", "&&")]
    words[words.index("-o") + 1] = "/dev/null"
    return subprocess.run([*words, "-Wl,--trace"], cwd=places.build, check=True, capture_output=True, text=True).stdout


def needs(program: str, dynamic: str, places: Places) -> Iterator[str]:
    """`dynamic`: what readelf -hd prints."""
    machine = re.search(r"Machine:\s+(\S+)", dynamic)
    if not machine or machine[1] != _MACHINES[places.triple]:
        yield f"{program}: built for {machine[1] if machine else 'nothing'}, not {_MACHINES[places.triple]}"
    for path in re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", dynamic):
        yield f"{program}: looks for libraries in {path}"
    folders = [places.sysroot / "usr/lib" / places.triple, places.sysroot / "lib" / places.triple]
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
        if not any((folder / name).exists() for folder in folders):
            yield f"{program}: needs {name}, which the sysroot does not have"


def find(places: Places) -> list[str]:
    found = list(include_paths(json.loads((places.build / "compile_commands.json").read_text()), places))
    listed = subprocess.run(["ninja", "-C", str(places.build), "-t", "deps"], check=True, capture_output=True, text=True)
    found += headers(listed.stdout, places)
    programs = sorted(path for path in (places.build / "bin").iterdir() if path.is_file())
    if not programs or "    " not in listed.stdout:
        found.append(f"nothing is built in {places.build}: nothing was looked at")
    for program in programs:
        read = subprocess.run(["readelf", "-hd", str(program)], check=True, capture_output=True, text=True)
        found += needs(program.name, read.stdout, places)
        found += linked(program.name, trace_link(program, places), places)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    for name in ("build", "source", "sysroot"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--triple", required=True)
    found = find(Places(**vars(parser.parse_args())))
    print("\n".join(found) if found else "no leaks")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
