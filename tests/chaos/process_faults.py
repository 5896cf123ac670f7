"""Processes that die or hang, and a broker that forgets."""

import random
import signal
import subprocess
import time

import servers
from fault import SERVICES, Fault, World
from screen import GROUP


class Kill(Fault):
    """kill -9 of one to three services at once, up to three times in a row."""

    touches = frozenset({"processes"})

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.names = chance.sample(SERVICES, chance.choice((1, 1, 2, 3)))
        self.times = chance.choice((1, 1, 2, 3))
        self.gap_s = chance.uniform(1.0, 2.0)  # they come back after 1 s: some are hit while they start
        self.hold_s = 0

    def words(self) -> str:
        return f"kill -9 {'+'.join(self.names)}" + (f" x{self.times}" if self.times > 1 else "")

    def come(self, world: World) -> None:
        for turn in range(self.times):
            if turn:
                time.sleep(self.gap_s)
            for name in self.names:
                world.supervisor.kill(name)


class Hang(Fault):
    """SIGSTOP, and SIGCONT some seconds later; or never, for a player whose watchdog has to act."""

    touches = frozenset({"processes"})

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.name = chance.choice(("telemetry", "player", "audience", "ingest", "broker", "desired"))
        self.for_good = self.name == "player" and chance.random() < 0.5
        self.ends = 0

    def words(self) -> str:
        return f"hang {self.name}" + (" until its watchdog" if self.for_good else f" {self.hold_s:.1f} s")

    def come(self, world: World) -> None:
        self.ends = len(world.supervisor.services[self.name].ends)
        world.supervisor.send(self.name, signal.SIGSTOP)

    def heal(self, world: World) -> None:
        if not self.for_good:
            world.supervisor.send(self.name, signal.SIGCONT)
            return
        until = time.monotonic() + 30
        while len(world.supervisor.services[self.name].ends) == self.ends and time.monotonic() < until:
            time.sleep(0.05)

    def check(self, world: World) -> str:
        if self.for_good and "SIGABRT" not in world.supervisor.services[self.name].ends[self.ends:]:
            return f"the watchdog did not end {self.name}"
        return ""


class RetainedLost(Fault):
    """The broker dies and its file of retained messages with it; the backend has to put them back."""

    touches = frozenset({"processes"})

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.hold_s = 0.5

    def words(self) -> str:
        return "retained lost"

    def come(self, world: World) -> None:
        world.supervisor.fell("broker")
        (world.installation.folders.out / "broker" / "mosquitto.db").unlink(missing_ok=True)

    def heal(self, world: World) -> None:
        world.start("broker")

    def check(self, world: World) -> str:
        # As the screen itself, the only one that may read its group; its link is thrown out and comes back.
        tls = world.installation.folders.state / "telemetry" / "tls"
        for kind in ("schedule", "settings"):
            heard = subprocess.run(
                [servers.program("mosquitto_sub"), "-V", "5", "-h", world.installation.address, "-p", str(world.installation.mqtt_port),
                 "--cafile", str(tls / "ca.pem"), "--cert", str(tls / "cert.pem"), "--key", str(tls / "key.pem"), "-t", f"vt/v1/g/{GROUP}/desired/{kind}", "-C", "1", "-W", "20"],
                stdin=subprocess.DEVNULL, capture_output=True)
            if heard.returncode != 0 or not heard.stdout:
                return f"the retained {kind} did not come back within 20 s"
        return ""
