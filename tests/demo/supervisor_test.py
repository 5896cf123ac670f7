"""The demo's supervisor with real processes. Everything is waited for by condition, never by a fixed time."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Callable

DEMO = Path(__file__).resolve().parents[2] / "demo"
sys.path.insert(0, str(DEMO))

from supervisor import Service, Supervisor  # noqa: E402

NOTIFY = """
import os, socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ["NOTIFY_SOCKET"])
"""


def python(code: str) -> list[str]:
    return ["/usr/bin/python3", "-c", code]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


class SupervisorTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        self.supervisor = Supervisor(self.directory)
        self.addCleanup(self.supervisor.close)

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"waited in vain for: {what}")
            time.sleep(0.02)

    def pid(self, name: str) -> int:
        process = self.supervisor.services[name].process
        return process.pid if process else 0

    def test_what_dies_is_started_again_and_the_death_is_named(self) -> None:
        self.supervisor.start(Service("one", ["sleep", "1000"]))
        self.wait(lambda: self.pid("one") != 0, "the first start")
        first = self.pid("one")
        self.assertTrue(self.supervisor.kill("one"))
        self.wait(lambda: self.pid("one") not in (0, first), "the second start")
        self.assertEqual(self.supervisor.services["one"].ends, ["SIGKILL"])

    def test_what_is_stopped_stays_stopped(self) -> None:
        self.supervisor.start(Service("one", ["sleep", "1000"]))
        self.wait(lambda: self.pid("one") != 0, "the start")
        pid = self.pid("one")
        self.supervisor.stop("one")
        self.assertFalse(is_alive(pid))
        self.assertEqual((self.pid("one"), self.supervisor.services["one"].ends), (0, []))

    def test_what_fell_stays_down_until_it_is_started_again(self) -> None:
        service = Service("one", ["sleep", "1000"])
        self.supervisor.start(service)
        self.wait(lambda: self.pid("one") != 0, "the start")
        pid = self.pid("one")
        self.supervisor.fell("one")
        self.assertFalse(is_alive(pid))
        self.assertEqual((self.pid("one"), service.ends), (0, ["SIGKILL"]))
        self.supervisor.start(service)
        self.wait(lambda: self.pid("one") != 0, "the second start")

    def test_a_stopped_process_does_not_escape_the_watchdog(self) -> None:
        self.supervisor.start(Service("one", python(NOTIFY + "s.send(b'WATCHDOG=1')\ntime.sleep(1000)"), notifies=True,
                                      watchdog_s=1))
        service = self.supervisor.services["one"]
        self.wait(lambda: service.fed_at is not None, "the watchdog to be fed")
        self.supervisor.send("one", signal.SIGSTOP)
        self.wait(lambda: service.ends == ["SIGABRT"], "the watchdog")

    def test_ready_and_status_are_heard(self) -> None:
        code = NOTIFY + "s.send(b'READY=1\\nSTATUS=three plays'); time.sleep(1000)"
        self.supervisor.start(Service("one", python(code), notifies=True))
        self.supervisor.wait_ready("one", 20)
        self.assertEqual(self.supervisor.services["one"].status, "three plays")

    def test_a_service_that_stops_feeding_its_watchdog_is_aborted(self) -> None:
        code = NOTIFY + "s.send(b'WATCHDOG=1'); time.sleep(1000)"
        self.supervisor.start(Service("one", python(code), notifies=True, watchdog_s=0.2))
        self.wait(lambda: self.supervisor.services["one"].ends[:1] == ["SIGABRT"], "SIGABRT")

    def test_a_service_that_never_fed_it_is_left_alone(self) -> None:
        code = NOTIFY + "s.send(b'READY=1'); time.sleep(1000)"
        self.supervisor.start(Service("one", python(code), notifies=True, watchdog_s=0.05))
        self.supervisor.wait_ready("one", 20)
        self.assertEqual(self.supervisor.services["one"].ends, [])

    def test_a_service_that_cannot_start_is_reported_with_its_log(self) -> None:
        self.supervisor.start(Service("one", python("raise SystemExit('no such clip')"), notifies=True))
        with self.assertRaisesRegex(RuntimeError, "(?s)one: ended with exit code 1.*no such clip"):
            self.supervisor.wait_ready("one", 20)

    def test_what_ignores_sigterm_is_killed_with_its_children(self) -> None:
        code = ("import os, signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                f"open({str(self.directory / 'child')!r}, 'w').write(str(subprocess.Popen(['sleep', '1000']).pid))\n"
                "time.sleep(1000)")
        self.supervisor.start(Service("one", python(code)))
        child = self.directory / "child"
        self.wait(lambda: child.exists() and child.read_text() != "", "the child")
        pid = self.pid("one")
        self.assertFalse(self.supervisor.stop("one", 0.2))
        self.wait(lambda: not is_alive(pid) and not is_alive(int(child.read_text())), "both to be gone")

    def test_nothing_outlives_a_killed_demo(self) -> None:
        code = (f"import sys, time; sys.path.insert(0, {str(DEMO)!r})\n"
                "from pathlib import Path\nfrom supervisor import Service, Supervisor\n"
                f"s = Supervisor(Path({str(self.directory)!r})); s.start(Service('one', ['sleep', '1000']))\n"
                "while s.services['one'].process is None: time.sleep(0.01)\n"
                "print(s.services['one'].process.pid, flush=True); time.sleep(1000)")
        demo = subprocess.Popen(["/usr/bin/python3", "-B", "-c", code], stdout=subprocess.PIPE, text=True,
                                env={**os.environ, "TMPDIR": str(self.directory)})
        assert demo.stdout
        with demo.stdout:
            pid = int(demo.stdout.readline())
        os.kill(demo.pid, signal.SIGKILL)
        demo.wait()
        self.wait(lambda: not is_alive(pid), "the service to die with the demo")


if __name__ == "__main__":
    unittest.main()
