"""One installation, one accident after the other, and the books closed after each.

    ./run chaos --rounds N --seed S [--from-round K]

A round draws one or two faults from (seed, number of the round), lets them come, heals them, and waits until every play
that began by then is stored and acknowledged. Produced is read from the code drawn in the pictures. A round passes when
produced = stored, nothing is there twice and nothing contradicts itself; only a fault that says so may cost something.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "support")]

import books  # noqa: E402
import faults  # noqa: E402
import line as lines  # noqa: E402
import media  # noqa: E402
import pki  # noqa: E402
import screen  # noqa: E402
import servers  # noqa: E402
import spots  # noqa: E402
from fault import SCREEN_SERVICES, SERVICES, Fault, World  # noqa: E402
from round_books import Account, RoundBooks  # noqa: E402
from supervisor import Supervisor  # noqa: E402

OWN_MOUNTS = "VITRINE_CHAOS_OWN_MOUNTS"
SCREEN_DISK_MB, BACKEND_DISK_MB = 48, 256  # the ingest gives no credit below 64 MB
WATCHDOG_S = 5
SETTLE_S = 90  # a limit, for machines that compile beside this
SETTINGS = {"batch_period_s": 2, "confirm_s": 2, "live": True}


class ChaosFailed(Exception):
    """The message is what a person needs."""


def say(line: str) -> None:
    print(line, flush=True)


def boottime_us() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run chaos")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from-round", type=int, default=1, metavar="K", help="the first round's number")
    parser.add_argument("--bin", type=Path, default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "chaos")
    return parser.parse_args()


class Chaos:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.programs = arguments.bin.resolve()
        self.folders = screen.Folders(arguments.out.resolve())
        self.folders.out.mkdir(parents=True, exist_ok=True)
        self.folders.clear()
        self.supervisor = Supervisor(self.folders.logs)
        self.line: lines.Line | None = None
        self.missing: set[str] = set()  # what the place does not offer, by Fault.needs
        self.began = 0  # of the round
        self.accounts: list[Account] = []

    def prepare(self, small_disks: bool) -> None:
        """Line, disks, the numbers the preloaded library reads."""
        if why := lines.why_not():
            say(f"SKIPPED: partitions and bad lines: {why}")
            self.missing.add("line")
        else:
            self.line = lines.Line(self.supervisor, self.programs / "vitrine-line", self.arguments.seed)
            self.line.start()
        disks: list[Path | None] = [None, None]
        if small_disks and os.environ.get(OWN_MOUNTS):
            disks = [self.folders.keys, self.folders.backend]
            for disk, size in zip(disks, (SCREEN_DISK_MB, BACKEND_DISK_MB)):
                assert disk
                disk.mkdir(exist_ok=True)
                subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "vitrine-chaos", str(disk)], check=True)
        elif small_disks:
            say("SKIPPED: full disks: a small disk takes root")
            self.missing.add("disks")
        numbers = [self.folders.run / name for name in ("clock-shift", "fsync-delay", "write-delay")]
        for number in numbers:
            number.write_bytes(bytes(8))
        self.installation = screen.Installation(
            self.folders, self.programs, self.programs / "vitrine-player", pki.Authority(self.folders.out / "pki"),
            servers.free_port(), servers.free_port(), servers.free_port(), self.line.near if self.line else "127.0.0.1", spots.SIZE)
        self.world = World(self.supervisor, self.installation, self.line, *disks, *numbers)
        self.books = RoundBooks(self.folders.glass, self.folders.state, self.folders.store)

    def start(self) -> None:
        media_folder = ROOT / "demo" / "out" / "media"
        creatives, camera = spots.make(media_folder), media.make(media_folder) / "camera.mp4"
        self.installation.start_backend(self.supervisor, self._run)
        sealed = self.line is not None
        environment = {"LD_PRELOAD": str(self.programs / "vitrine_faults.so"),
                       "VITRINE_TEST_CLOCK_SHIFT": str(self.world.clock_shift),
                       "VITRINE_TEST_FSYNC_DELAY": str(self.world.fsync_delay),
                       "VITRINE_TEST_WRITE_DELAY": str(self.world.write_delay)}
        for service in self.installation.screen(str(camera), sealed):
            service.environment = environment
            if service.name == "player":
                service.watchdog_s = WATCHDOG_S
            if service.name == "telemetry":
                service.command = [*service.command, "--backoff-cap", "1"]
                service.network = self.line.network() if self.line else ""
            self.supervisor.start(service)
        for name in ("ingest", "desired", *SCREEN_SERVICES):
            self.supervisor.wait_ready(name, 60)
        settings = SETTINGS | {"origins": [self.installation.origin_url]}
        self._run(self.installation.push_command("settings", 1, settings, 0))
        self._run(self.installation.push_command("schedule", 1, spots.schedule(), 180, creatives))
        self._wait(lambda: len(self.books.glass.update()) >= 2, 60, "the first plays")
        self.began = boottime_us()

    def round(self, number: int) -> None:
        chance = random.Random(f"{self.arguments.seed}/{number}")
        drawn = faults.draw(chance, lambda kind: kind.needs not in self.missing)
        began = time.monotonic()
        self._let_happen(drawn, chance)
        self._wait(self._all_run, 60, "every service")
        shown = len(self.books.glass.plays)
        self._wait(lambda: len(self.books.glass.update()) > shown, 60, "a play after the healing")
        healed = boottime_us()  # a play that is on now begins the next round, or ends this one
        account = self._settle(healed, any(fault.may_cost == "tail" for fault in drawn))
        words = "; ".join(fault.words() for fault in drawn) or "nothing"
        wrong = self._wrong(account, drawn)
        say(f"round {number:3d}  {account.line()}  {time.monotonic() - began:5.1f} s  {words}")
        if wrong:
            raise ChaosFailed("; ".join(wrong))
        self.accounts.append(account)
        self.books.close()
        self.began = healed

    def finish(self) -> None:
        """The audience's rows are no one's picture; at the end its log is held against the store."""
        demo_books = books.Books(self.folders.state, self.folders.store)
        self._wait(lambda: demo_books.exposure_unstored() == 0, 60, "every row of the audience's log in the store")
        # And every decision of the log that is left is made again from what the screen knew then.
        audit = subprocess.run(self.installation.audit_command(screen.today()), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        said = (audit.stdout + audit.stderr).strip()
        if audit.returncode != 0 and "is not on record" not in audit.stderr:
            raise ChaosFailed(f"decisions made again: {said}")
        say("   " + said.replace("\n", "\n   "))

    def _all_run(self) -> bool:
        services = [self.supervisor.services[name] for name in SERVICES]
        return all(one.ready and one.process is not None and one.process.poll() is None for one in services)

    def _let_happen(self, drawn: list[Fault], chance: random.Random) -> None:
        """Each comes at its own moment and is healed at another; they may overlap."""
        begun = time.monotonic()
        moments = []
        for fault in drawn:
            at = chance.uniform(0, 1.5)
            moments += [(at, fault.come), (at + fault.hold_s, fault.heal)]
        for at, act in sorted(moments, key=lambda moment: moment[0]):
            time.sleep(max(0.0, begun + at - time.monotonic()))
            act(self.world)

    def _settle(self, healed: int, may_lose_a_tail: bool) -> Account:
        """Until everything is stored and acknowledged, or nothing more comes that could be."""
        deadline = time.monotonic() + SETTLE_S
        while True:
            account = self.books.look(self.began, healed)
            if account.settled or time.monotonic() > deadline:
                return account
            # What a torn log held is gone for good; what was shown after it has to come all the same.
            if may_lose_a_tail and not account.unacknowledged and account.missing:
                last = max(play.first_us for play in account.missing)
                if any(play.first_us > last for play in self.books.glass.plays if play.first_us < healed) and \
                        self.books.look(last + 1, boottime_us() - 10_000_000).settled and boottime_us() - last > 15_000_000:
                    return account
            time.sleep(0.2)

    def _wrong(self, account: Account, drawn: list[Fault]) -> list[str]:
        costs = {fault.may_cost for fault in drawn}
        wrong = [complaint for fault in drawn if (complaint := fault.check(self.world))]
        if account.tail and "tail" not in costs:
            wrong.append("shown and not stored: " + ", ".join(
                f"creative {play.creative} at {play.first_us} us ({play.frames} frames)" for play in account.missing))
        if account.declared and "declared" not in costs:
            wrong.append(f"{account.declared} rows dropped without a cause")
        for count, what in ((account.duplicates, "rows there twice"), (account.conflicts, "conflicts"),
                            (account.unshown, "rows stored of what was not shown"),
                            (account.unacknowledged, "stored and not acknowledged")):
            if count:
                wrong.append(f"{count} {what}")
        return wrong

    def keep(self, number: int) -> Path:
        """The small disks vanish with this process, so what they hold is copied."""
        for name in reversed(list(self.supervisor.services)):
            self.supervisor.fell(name)
        kept = self.folders.out / f"failed-{self.arguments.seed}-{number}"
        shutil.rmtree(kept, ignore_errors=True)
        for folder in (self.folders.keys, self.folders.backend, self.folders.run, self.folders.logs, self.folders.glass):
            if folder.exists():
                shutil.copytree(folder, kept / folder.name, ignore=shutil.ignore_patterns("filler", "*.sock"))
        return kept

    def close(self) -> None:
        self.supervisor.close()
        if self.line:
            self.line.close()

    def _wait(self, condition, limit_s: float, what: str) -> None:  # type: ignore[no-untyped-def]
        deadline = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > deadline:
                raise ChaosFailed(f"waited {limit_s:.0f} s in vain for {what}")
            time.sleep(0.1)

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise ChaosFailed(f"{Path(command[0]).name} {command[1]} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout


def on_signal(number: int, _frame: object) -> None:
    raise ChaosFailed(f"interrupted by {signal.Signals(number).name}")


def main() -> int:
    arguments = parse_arguments()
    own_mounts = ["unshare", "--mount", "--propagation", "private", "--"]
    if OWN_MOUNTS not in os.environ and os.geteuid() == 0 and \
            subprocess.run([*own_mounts, "true"], stderr=subprocess.DEVNULL).returncode == 0:
        # Disks mounted from here on are nobody else's and go with this process, however it ends.
        os.execvpe("unshare", [*own_mounts, sys.executable, "-B", *sys.argv], os.environ | {OWN_MOUNTS: "1"})
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    began = time.monotonic()
    chaos = Chaos(arguments)
    at = arguments.from_round
    failed = ""
    try:
        chaos.prepare(small_disks=True)
        chaos.start()
        say(f"== {arguments.rounds} rounds, seed {arguments.seed}; ready after {time.monotonic() - began:.1f} s")
        for at in range(arguments.from_round, arguments.from_round + arguments.rounds):
            chaos.round(at)
        chaos.finish()
    except (ChaosFailed, RuntimeError, ValueError, OSError, subprocess.SubprocessError) as error:
        failed = str(error)
        say(f"chaos: FAILED in round {at}: {failed}")
        say(f"chaos: everything of it is kept in {chaos.keep(at)}")
        say(f"chaos: once more: ./run chaos --rounds 1 --seed {arguments.seed} --from-round {at}")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # nothing may interrupt the clearing up
        chaos.close()
    if failed:
        return 1
    total = sum(account.produced for account in chaos.accounts)
    say(f"chaos: passed: {len(chaos.accounts)} rounds, produced {total} = stored {sum(a.stored for a in chaos.accounts)}"
        f" + declared {sum(a.declared for a in chaos.accounts)} + tail {sum(a.tail for a in chaos.accounts)},"
        f" duplicates 0, conflicts 0; {time.monotonic() - began:.0f} s")
    shutil.rmtree(chaos.folders.glass, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
