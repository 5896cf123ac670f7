#!/usr/bin/python3
"""A whole device with its backend: installed, enrolled, paid for, and through what happens to screens in the field.

    whole_test.py ARCH --bin DIR --host-bin DIR [--only STEP ...] [--cuts N] [--flushes N]     arm64 or amd64; programs for it, and of this machine

Each run begins with a fresh disk and the first plays; --only names what comes after. Screen dumps, logs and report.html stay in
FOLDER/whole (FOLDER is build/device/ARCH). Exit code 0 when every step held.
"""

import argparse
import functools
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE / "whole"), str(ROOT / "demo"), str(ROOT / "cross-compile")]
import clips  # noqa: E402
import debian_tree  # noqa: E402
import image  # noqa: E402
import install  # noqa: E402
import media  # noqa: E402
import own_network  # noqa: E402
import page  # noqa: E402
import step_accidents  # noqa: E402
import step_first_plays  # noqa: E402
import step_flushes  # noqa: E402
import step_numbers  # noqa: E402
import step_player_killed  # noqa: E402
import step_power  # noqa: E402
import step_reboot  # noqa: E402
import step_sandbox  # noqa: E402
import step_update  # noqa: E402
from backend import Backend  # noqa: E402
from daemons import Wrong  # noqa: E402
from device import HOST, Device, DeviceError, Options  # noqa: E402
from record import Record  # noqa: E402
from stand import Stand  # noqa: E402

STRIP = {"arm64": "aarch64-linux-gnu-strip", "amd64": "strip"}
EXPECTED = (Wrong, DeviceError, debian_tree.TreeError, OSError, RuntimeError, ValueError, subprocess.CalledProcessError)


class Step(NamedTuple):
    name: str
    asks: str
    run: Callable[[Stand], None]


UPDATE = "update"  # where there are packages
STEPS = (
    Step("killed", "The player is killed: the last picture stays until it is back", step_player_killed.run),
    Step("sandbox", "Each daemon touches its own devices and nobody else's", step_sandbox.run),
    Step("network", "The cable is pulled: it plays on, and the rows come when it is back", step_accidents.network),
    Step("full", "The disk is full", step_accidents.full_disk),
    Step("read-only", "The disk takes nothing any more", step_accidents.read_only),
    Step("week", "A week of days, in steps", step_accidents.week),
    Step("panic", "The kernel falls: the watchdog brings it back", step_accidents.panic),
    Step("1970", "The clock stands at 1970", step_accidents.clock_of_1970),
    Step("reboot", "The player asks for a reboot and gets one", step_reboot.run),
    Step("numbers", "How soon it shows, how soon it is up, what it keeps in memory", step_numbers.run),
)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("arch", choices=image.ARCHITECTURES)
    parser.add_argument("--bin", type=Path, required=True, help="programs for the device")
    parser.add_argument("--host-bin", type=Path, default=ROOT / "build" / "release" / "bin", help="programs of this machine")
    parser.add_argument("--packages", type=Path, help="folder of .deb to install; else the programs are put in place from --bin")
    parser.add_argument("--folder", type=Path, help="where the device's disk is made")
    parser.add_argument("--only", action="append", default=[], choices=("first", *(step.name for step in STEPS), UPDATE), metavar="STEP",
                        help="after the first plays these alone: " + ", ".join((*(step.name for step in STEPS), UPDATE)))
    parser.add_argument("--cuts", type=int, default=0, metavar="N", help="pull the plug N times at random moments")
    parser.add_argument("--flushes", type=int, default=0, metavar="N", help="check what the device remembers after N flushes of its disk")
    parser.add_argument("--seed", type=int, default=1, help="of those moments")
    return parser.parse_args()


def steps_of(arguments: argparse.Namespace, base: Path) -> list[Step]:
    """What comes after the first plays."""
    chosen = [step for step in STEPS if not arguments.only or step.name in arguments.only]
    if arguments.packages and (not arguments.only or UPDATE in arguments.only):
        chosen.append(Step(UPDATE, "Two other versions: one plays and stays, one does not and goes back", functools.partial(
            step_update.run, packages=arguments.packages.resolve())))
    if arguments.cuts:
        chosen.append(Step("power", f"The plug is pulled {arguments.cuts} times", functools.partial(
            step_power.run, cuts=arguments.cuts, tally_path=base / "power-cuts.json", seed=arguments.seed)))
    if arguments.flushes:
        chosen.append(Step("flushes", f"What it remembers is whole after each of {arguments.flushes} flushes", functools.partial(
            step_flushes.run, points=arguments.flushes, programs=arguments.host_bin.resolve())))
    return chosen


def perform(record: Record, step: Step, stand: Stand | None) -> bool:
    entry = record.begin(step.name, step.asks)
    began = time.monotonic()
    try:
        step.run(stand)  # type: ignore[arg-type]
    except EXPECTED as error:
        entry.failed = str(error)
        print(f"device {record.arch}: FAILED: {step.name}: {error}", file=sys.stderr, flush=True)
        if stand and stand.device.pid():
            try:
                stand.dump("failed")
            except EXPECTED:
                pass  # nobody is there to be pictured
    entry.seconds = time.monotonic() - began
    return not entry.failed


def test(arguments: argparse.Namespace, base: Path) -> bool:
    record = Record(arguments.arch)
    folder = base / "whole"
    made = image.make(arguments.arch, base)
    debian_tree.clear(folder)
    folder.mkdir(parents=True)
    cache = ROOT / "demo" / "out" / "media"
    creatives, walkers = clips.make(cache), media.make(cache) / "camera.mp4"
    install.make_programs(folder / "opt", STRIP[arguments.arch], arguments.bin, walkers, arguments.packages)
    image.make_programs_disk(folder / "opt", folder / "opt.ext4")
    install.make_state_disk(folder / "state.ext4")
    own_network.enter(HOST)
    backend = Backend(folder / "backend", arguments.host_bin.resolve())
    try:
        options = Options(folder / "opt.ext4", forward={port: port for port in backend.ports}, forward_to=HOST,
                          state=folder / "state.ext4", watchdog=False)
        with Device(made, folder, options) as device:
            stand = Stand(arguments.arch, folder, device, backend, creatives, record)

            def begin(stand: Stand) -> None:
                backend.start()
                stand.say(f"the backend runs; a shell answers {stand.boot():.0f} s after power-on")
                device.wait(lambda: device.run("systemctl is-system-running").output.strip() in ("running", "degraded"),
                            "the end of the boot", 120)
                install.mount_state(device)
                stand.say(f"installed from {install.install(device)}, with its state on a disk of its own")
                step_first_plays.run(stand)

            held = perform(record, Step("first", "From an installed device to plays that are paid for", begin), stand)
            if held:
                # One after the other, also where one failed: they say different things. Not where nobody answers any more.
                held = all([perform(record, step, stand) for step in steps_of(arguments, base)])
    finally:
        backend.close()
        page.write(record, folder / "report.html")
    limit = "" if held else "; the device's logs: " + str(folder)
    print(f"device {arguments.arch}: {'passed' if held else 'FAILED'} in {record.seconds:.0f} s; {folder / 'report.html'}{limit}")
    for bulky in ("opt", "fresh"):
        shutil.rmtree(folder / bulky, ignore_errors=True)
    return held


def main() -> int:
    arguments = parse_arguments()
    base = (arguments.folder or image.default_folder(arguments.arch)).resolve()
    try:
        with debian_tree.locked(base):
            return 0 if test(arguments, base) else 1
    except EXPECTED as error:
        print(f"device {arguments.arch}: FAILED: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
