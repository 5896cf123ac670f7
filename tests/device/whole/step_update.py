"""Two other versions of the software, from a signed repository and by the operator's signed settings: the first plays and stays,
the second has a player that shows nothing, and goes back. Under the device's own systemd, with the packages of a screen.

The repository lies on the device: how it is fetched is apt's business, and tests/update has what may go wrong with it."""

import hashlib
import itertools
import os
import shutil
import subprocess
from pathlib import Path
from typing import Iterator

import books
import screen
from daemons import Wrong, toml_file
from device import DeviceError
from install import PACKAGES, ROOT
from stand import Stand

_KEY = "owner"
_TRIAL_S = 120  # in place of a quarter of an hour
_INSTALLED_S = 300  # a limit: dpkg and the maintainer scripts are emulated
_SOON = 65_536 * 10 // 900  # of the quarter of an hour over which screens ask, the first ten seconds
_NO_PLAYER = "#!/bin/sh\nexit 1\n"


def run(stand: Stand, packages: Path) -> None:
    device = stand.device
    good, bad = itertools.islice(_versions_asked_for_soon(), 2)
    _publish(stand, packages, good, bad)
    before = device.check("dpkg-query -W -f '${Version}' vitrine-player").strip()

    _want(stand, good)
    _becomes(stand, "update-done", good)
    stand.plays("new-version")
    stand.goes_on(1)
    stand.say(f"{good} was asked for by the player, came out of the signed repository in place of {before}, played, and stays")

    _want(stand, bad)
    _becomes(stand, "update-trial", bad)
    if (seen := stand.dump("on-trial")).code is None:
        raise Wrong(f"while {bad} is on trial the display shows {seen.words()}, not the last picture of {good}")
    _becomes(stand, "update-back", good)
    stand.plays("back")
    stand.goes_on(1)
    installed = device.check("dpkg-query -W -f '${Version}\\n' vitrine-player vitrine-telemetry vitrine-cli | sort -u").strip()
    if installed != good:
        raise Wrong(f"after the way back there is {installed}, not {good}")
    rows = stand.settled(180)
    told = device.wait(lambda: (codes := _events(stand)) if {"update-trial", "update-done", "update-back"} <= set(codes := _events(stand)) else None,
                       "the events upstream", 120)
    stand.say(f"{bad} has a player that shows nothing: after its trial {good} is back; upstream there are "
              f"{', '.join(code for code in told if code.startswith('update-'))}; all {rows} rows are stored")


def _versions_asked_for_soon() -> Iterator[str]:
    """Screens ask at a moment that depends on their name and the version (player/control/update_watch.cpp): ours early."""
    def late(version: str) -> bool:
        first = hashlib.sha256(f"{screen.SCREEN} {version}".encode()).digest()
        return (first[0] << 8 | first[1]) > _SOON
    return itertools.filterfalse(late, (f"9.{number}" for number in itertools.count(1)))


def _publish(stand: Stand, packages: Path, good: str, bad: str) -> None:
    """All three versions, for whoever updates wants his own there, too. Not below /var/tmp, which vitrine-update has to itself."""
    work = stand.folder / "update"
    shutil.rmtree(work, ignore_errors=True)
    site = work / "site"
    (work / "gpg").mkdir(parents=True, mode=0o700)
    gpg = os.environ | {"GNUPGHOME": str(work / "gpg")}
    _call("gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", _KEY, "ed25519", "sign", "0", environment=gpg)
    _call("gpg", "--batch", "--quiet", "--output", str(work / "owner.gpg"), "--export", _KEY, environment=gpg)
    now = [next(packages.glob(f"{name}_*.deb")) for name in PACKAGES]
    made = [_another(one, good, work, "") for one in now] + [_another(one, bad, work, _NO_PLAYER) for one in now]
    _call(str(ROOT / "update/vitrine-repository"), str(site), _KEY, *map(str, (*now, *made)), environment=gpg)
    _call("gpgconf", "--kill", "all", environment=gpg)
    _call("tar", "-C", str(work), "-cf", str(work / "site.tar"), "site", "owner.gpg")
    device = stand.device
    device.put(work / "site.tar", "/srv/site.tar")
    device.check(
        "tar -C /srv -xf /srv/site.tar && rm /srv/site.tar && rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*\n"
        "cat > /etc/apt/sources.list.d/vitrine.sources << 'end'\n"
        "Types: deb\nURIs: file:///srv/site\nSuites: stable\nComponents: main\nSigned-By: /srv/owner.gpg\nend\n"
        "mkdir -p /etc/systemd/system/vitrine-update-trial.timer.d\n"
        f"printf '[Timer]\\nOnActiveSec=\\nOnActiveSec={_TRIAL_S}s\\n' > /etc/systemd/system/vitrine-update-trial.timer.d/short.conf\n"
        "systemctl daemon-reload", 60)
    shutil.rmtree(work)


def _another(package: Path, version: str, work: Path, player: str) -> Path:
    """The same package under another version; with `player` in the place of the player's program."""
    tree = work / "tree"
    _call("dpkg-deb", "-R", str(package), str(tree))
    control = tree / "DEBIAN/control"
    was = next(line.split()[1] for line in control.read_text().splitlines() if line.startswith("Version:"))
    control.write_text(control.read_text().replace(f"Version: {was}", f"Version: {version}").replace(f"(= {was})", f"(= {version})"))
    program = tree / "usr/bin/vitrine-player"
    if player and program.exists():
        program.write_text(player)
    made = work / package.name.replace(was, version)
    _call("dpkg-deb", "--root-owner-group", "-Zgzip", "-b", str(tree), str(made))
    shutil.rmtree(tree)
    return made


def _want(stand: Stand, version: str) -> None:
    stand.backend.push_settings({"software": {"version": version}})


def _becomes(stand: Stand, code: str, installed: str) -> None:
    """As telemetry and `vitrine status` read it, too."""
    state = {}

    def there() -> bool:
        nonlocal state
        state = toml_file(stand.device, "/var/lib/vitrine/update/state")
        return state.get("code") == code and state.get("installed") == installed

    try:
        stand.device.wait(there, f"{code} of {installed}", _INSTALLED_S, every_s=3)
    except DeviceError as error:
        said = stand.device.run("journalctl -q -b -o cat -u 'vitrine-update*' | tail -n 30").output
        raise Wrong(f"{error}\nthe state is {state}; vitrine-update:\n{said}") from None


def _events(stand: Stand) -> list[str]:
    return [code for (code,) in books.query(stand.backend.store, "SELECT code FROM event WHERE code IS NOT NULL ORDER BY seq")]


def _call(*command: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    if done.returncode != 0:
        raise Wrong(f"{command[0]}: {done.stdout.strip()}")
