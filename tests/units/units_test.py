"""systemd's own word on the units: nothing to complain of, and little that a service could do beside its job.

    units_test.py --bin DIRECTORY
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

UNITS = Path(__file__).resolve().parents[2] / "systemd"
# The most exposure that `systemd-analyze security` may find, in tenths.
MOST = {"vitrine-audience": 10, "vitrine-player": 15, "vitrine-telemetry": 15, "vitrine-vet": 10, "vitrine-join": 25,
        "vitrine-ingest": 12, "vitrine-desired": 12, "vitrine-enrol": 17, "vitrine-online": 12, "vitrine-redirect": 12}
DAEMONS = tuple(name for name in MOST if name != "vitrine-join")
# What must be so whatever the sum says, and who it is said of.
PROMISES = {
    "PrivateNetwork=yes": ("vitrine-audience", "vitrine-player", "vitrine-vet"),
    "RestrictAddressFamilies=AF_UNIX": ("vitrine-audience", "vitrine-player", "vitrine-vet"),
    "LimitCORE=0": DAEMONS,
    "MemorySwapMax=0": ("vitrine-audience",),
    "FileDescriptorStoreMax=1": ("vitrine-player",),
    # A maintainer script of the package that is being exchanged must not end what exchanges it.
    "RefuseManualStop=yes": ("vitrine-update", "vitrine-update-resume", "vitrine-update-trial"),
    # What DeviceAllow= names has to be known to the kernel before the unit starts, also where the device comes later.
    "Wants=modprobe@drm.service modprobe@snd.service": ("vitrine-player",),
    "Wants=modprobe@videodev.service": ("vitrine-audience",),
    # Its decoding child loads a filter of its own; @system-service lacks the call.
    "SystemCallFilter=seccomp": ("vitrine-vet",),
    # Debian has the last but one only with systemd-resolved.
    "BindReadOnlyPaths=/run/systemd/notify /run/systemd/journal -/run/systemd/resolve /run/vitrine": ("vitrine-telemetry",),
    "StartLimitIntervalSec=0": DAEMONS,
    "NoNewPrivileges=yes": tuple(MOST),
}
# The devices of each, and no more.
DEVICES = {"vitrine-audience": ["char-video4linux rw"], "vitrine-player": ["char-drm rw", "char-alsa rw"]}


def unit_of(name: str) -> Path:
    return next(UNITS.rglob(f"{name}.service"))


def settings(unit: Path) -> list[str]:
    return [line for line in unit.read_text().splitlines() if line and not line.startswith("#")]


def analyze(*words: object) -> tuple[int, str]:
    done = subprocess.run(["systemd-analyze", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout.strip()


def complaints(programs: Path) -> str:
    """Of `verify`, which only warns of a word it does not know; so silence is what counts. ExecStart= leads to the built programs."""
    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for unit in sorted(found for kind in ("service", "path", "timer") for found in UNITS.rglob(f"*.{kind}")):
            copy = Path(folder, unit.name)
            copy.write_text(unit.read_text().replace("=/usr/bin/vitrine", f"={programs}/vitrine")
                            .replace("=/usr/sbin/vitrine-update", f"={UNITS.parent}/update/vitrine-update"))
            copies.append(copy)
        return analyze("verify", "--man=no", "--recursive-errors=no", *copies)[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    wrong = [f"verify: {line}" for line in complaints(parser.parse_args().bin.resolve()).splitlines()]
    for name, most in MOST.items():
        unit = unit_of(name)
        code, said = analyze("security", "--offline=true", "--no-pager", f"--threshold={most}", unit)
        print(f"{name}: {said.splitlines()[-1]}, at most {most / 10}")
        if code != 0:
            wrong.append(f"{name} is exposed by more than {most / 10}")
        said = settings(unit)
        devices = [line.split("=", 1)[1] for line in said if line.startswith("DeviceAllow=")]
        wanted = DEVICES.get(name, [])
        if devices != wanted or ("DevicePolicy=closed" if devices else "PrivateDevices=yes") not in said:
            wrong.append(f"{name} may touch {devices or 'no device it names'}, and {wanted} is what it should")
    for promise, of in PROMISES.items():
        wrong += [f"{name} lacks {promise}" for name in of if promise not in settings(unit_of(name))]
    for reason in wrong:
        print(f"FAILED: {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
