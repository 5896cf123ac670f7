"""Stands in for systemd: starts services, listens to what they say, restarts what dies or hangs, stops everything.

Each service runs in a session of its own, so a signal reaches whatever it started too. It gets NOTIFY_SOCKET and may say
READY=1, STATUS=... and WATCHDOG=1; once it has fed the watchdog it has to go on feeding it, or it is killed with SIGABRT
as systemd does. The kernel kills every service when this process dies, whatever the reason.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional, Sequence

RESTART_AFTER_S = 1.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def can_make_network_namespaces() -> bool:
    """Whether services can be cut off from the network: root, and a kernel that lets it."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--net", "true"], stderr=subprocess.DEVNULL).returncode == 0


@dataclass
class Service:
    name: str
    command: Sequence[str]
    notifies: bool = False  # says READY=1; otherwise it counts as ready once started
    watchdog_s: Optional[float] = None
    no_network: bool = False
    network: str = ""  # path of the network namespace to run in, for root
    environment: dict[str, str] = field(default_factory=dict)  # beyond the caller's own
    # From here on: what the supervisor knows of it.
    process: Optional[subprocess.Popen[bytes]] = None
    ready: bool = False
    status: str = ""
    fed_at: Optional[float] = None
    restart_at: Optional[float] = None
    wanted: bool = False
    restarts: int = 0
    ends: list[str] = field(default_factory=list)  # how it ended each time it was not asked to


class Supervisor:
    """One thread does everything to the services; the caller asks through start, stop, kill and looks at the fields."""

    def __init__(self, logs: Path) -> None:
        self.services: dict[str, Service] = {}
        self._logs = logs
        self._sockets = Path(tempfile.mkdtemp(prefix="vitrine-notify-"))  # short: a socket's path has 107 characters
        self._listeners: dict[str, socket.socket] = {}
        self._lock = threading.RLock()
        self._closing = threading.Event()
        # Children are started by this thread only: the kernel's parent-death signal follows the thread, not the process.
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    def start(self, service: Service) -> None:
        with self._lock:
            self.services[service.name] = service
            if service.notifies and service.name not in self._listeners:
                listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                listener.bind(str(self._sockets / service.name))
                listener.setblocking(False)
                self._listeners[service.name] = listener
            service.wanted = True
            service.restart_at = time.monotonic()

    def wait_ready(self, name: str, timeout_s: float) -> None:
        """RuntimeError with the end of its log when it is not ready in time or has died three times."""
        deadline = time.monotonic() + timeout_s
        service = self.services[name]
        while not service.ready:
            if time.monotonic() > deadline or len(service.ends) >= 3:
                why = f"ended with {service.ends[-1]}" if service.ends else f"not ready after {timeout_s:.0f} s"
                raise RuntimeError(f"{name}: {why}; end of its log:\n{self.log_tail(name)}")
            time.sleep(0.05)

    def kill(self, name: str) -> bool:
        """kill -9 as an accident would: the supervisor is not told. False when it was not running."""
        return self.send(name, signal.SIGKILL)

    def send(self, name: str, number: signal.Signals) -> bool:
        """Any signal, as an accident would send it. False when it was not running."""
        with self._lock:
            process = self.services[name].process
            if process is None or process.poll() is not None:
                return False
            os.kill(process.pid, number)
            return True

    def fell(self, name: str) -> None:
        """kill -9, and it stays down until it is started again."""
        with self._lock:
            service = self.services[name]
            service.wanted, service.restart_at = False, None
            if service.process is not None:
                self._kill_session(service.process)
                service.process.wait()
                service.ends.append("SIGKILL")
            service.process, service.ready, service.fed_at = None, False, None

    def stop(self, name: str, timeout_s: float = 10) -> bool:
        """SIGTERM, then SIGKILL for the whole session. True when it ended by itself with exit code 0."""
        with self._lock:
            service = self.services[name]
            service.wanted, service.restart_at = False, None
            process = service.process
            if process is None:
                return True
            process.terminate()
        deadline = time.monotonic() + timeout_s
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        in_time = process.poll() is not None
        self._kill_session(process)
        process.wait()
        with self._lock:
            service.process = None
        return in_time and process.returncode == 0

    def close(self) -> None:
        """Stops every service, last started first."""
        for name in reversed(list(self.services)):
            self.stop(name, 5)
        self._closing.set()
        self._thread.join()
        for listener in self._listeners.values():
            listener.close()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def log_path(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def log_tail(self, name: str, lines: int = 12) -> str:
        try:
            text = self.log_path(name).read_text(errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join("    " + line for line in text.splitlines()[-lines:])

    def _run(self) -> None:
        while not self._closing.wait(0.02):
            with self._lock:
                for service in list(self.services.values()):
                    self._step(service)

    def _step(self, service: Service) -> None:
        now = time.monotonic()
        self._listen(service, now)
        process = service.process
        if process is not None and process.poll() is not None and service.wanted:
            self._kill_session(process)  # what it may have left behind
            code = process.returncode
            service.ends.append(signal.Signals(-code).name if code < 0 else f"exit code {code}")
            service.process, service.ready, service.fed_at = None, False, None
            service.restart_at = now + RESTART_AFTER_S
        elif process is not None and service.watchdog_s and service.fed_at is not None:
            if now - service.fed_at > service.watchdog_s:
                self._log(service, f"watchdog: not fed for {service.watchdog_s:.0f} s, SIGABRT")
                service.fed_at = None
                os.kill(process.pid, signal.SIGABRT)
                os.kill(process.pid, signal.SIGCONT)  # or a stopped process would never get it
        if service.wanted and service.process is None and service.restart_at is not None and now >= service.restart_at:
            service.restart_at = None
            self._spawn(service)

    def _listen(self, service: Service, now: float) -> None:
        listener = self._listeners.get(service.name)
        while listener is not None:
            try:
                message = listener.recv(4096).decode(errors="replace")
            except BlockingIOError:
                return
            for line in message.splitlines():
                key, _, value = line.partition("=")
                if key == "READY":
                    service.ready = True
                elif key == "STATUS":
                    service.status = value
                elif key == "WATCHDOG":
                    service.fed_at = now

    def _spawn(self, service: Service) -> None:
        command = [*service.command]
        if service.no_network:
            command = ["unshare", "--net", "--", *command]
        elif service.network:
            command = ["nsenter", f"--net={service.network}", "--", *command]
        environment = os.environ | service.environment
        environment.pop("NOTIFY_SOCKET", None)
        if service.notifies:
            environment["NOTIFY_SOCKET"] = str(self._sockets / service.name)
        if service.ends:
            service.restarts += 1
            self._log(service, f"restarted after {service.ends[-1]}")
        with self.log_path(service.name).open("ab") as log:
            try:
                service.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                   env=environment, start_new_session=True, preexec_fn=_die_with_parent)
            except OSError as error:
                service.ends.append(str(error))
                service.restart_at = time.monotonic() + RESTART_AFTER_S
                return
        service.ready = not service.notifies

    def _log(self, service: Service, line: str) -> None:
        with self.log_path(service.name).open("a") as log:
            log.write(f"supervisor: {line}\n")

    @staticmethod
    def _kill_session(process: "subprocess.Popen[bytes]") -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # nobody left


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
