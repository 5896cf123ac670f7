"""A whole emulated screen: boots, takes commands, shows its picture, loses its power.

    base = image.default_folder("arm64")
    with debian_tree.locked(base), Device(image.make("arm64", base), folder) as device:
        device.boot()
        print(device.run("uname -m").output)
        device.screendump(folder / "screen.png")

QEMU in software emulation, with a virtio display of 1280x720, a watchdog (i6300ESB) and a network on which everything is
refused but the forwarded ports. The emulator is a child of this process and dies with it, kill -9 included; the driver's
lines to it are socket pairs, so nothing of them lies anywhere.
"""

import base64
import dataclasses
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Mapping, NamedTuple, Optional, TypeVar

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "cross-compile"))
import debian_tree  # noqa: E402
from channel import Channel, ChannelError  # noqa: E402
from image import Image  # noqa: E402

T = TypeVar("T")
SCREEN = (1280, 720)
STATE_LABEL = "vitrine-state"
HOST = "10.0.2.100"  # as the guest sees the machine that the forwarded ports lead to
_CHUNK = 1 << 20
_COMMAND_S = 120  # a limit, for machines that compile beside this
_MACHINES = {
    # No firmware: the kernel is started directly. The processors are old enough to be emulated without AVX or SVE.
    "arm64": ("qemu-system-aarch64", ["-M", "virt,gic-version=3", "-cpu", "cortex-a72"], "ttyAMA0"),
    "amd64": ("qemu-system-x86_64", ["-M", "q35", "-cpu", "Nehalem"], "ttyS0"),
}


class DeviceError(Exception):
    """What did not happen, with the end of the serial log where that may say why."""


class Result(NamedTuple):
    code: int
    output: str
    errors: str


@dataclasses.dataclass
class Options:
    programs: Optional[Path] = None  # a disk for /opt/vitrine (image.make_programs_disk)
    forward: Mapping[int, int] = dataclasses.field(default_factory=dict)  # port of HOST -> port of `forward_to`
    forward_to: str = "127.0.0.1"
    state: Optional[Path] = None  # a raw disk for /var/lib/vitrine, with the label STATE_LABEL; written to
    state_log: Optional[Path] = None  # where every write to that disk is kept in order (log_writes.py), begun anew at each start
    watchdog: bool = True  # it resets the machine; otherwise it barks in vain until watch(), for a busy machine starves guests
    clock: str = ""  # what the machine's own clock says when it is switched on, as 1970-01-01; else this machine's time
    memory_mb: int = 1024
    console: bool = False  # the serial line is this terminal (Ctrl-A X ends the emulator) instead of a log
    reboots: bool = False  # a reset starts the machine again; otherwise it ends the emulator, which a test can wait for


class Device:
    """Used by one thread, which must live as long as the device. `folder` keeps the disk's changes, the serial log and what
    the caller puts there; a second Device on the same folder goes on with the same disk."""

    def __init__(self, image: Image, folder: Path, options: Optional[Options] = None) -> None:
        self._image = image
        self._folder = folder
        self.options = options or Options()  # what is changed counts from the next start on
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._monitor: Optional[Channel] = None
        self._agent: Optional[Channel] = None
        folder.mkdir(parents=True, exist_ok=True)
        self._disk = folder / "disk.qcow2"
        if not self._disk.exists():
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(image.disk.resolve()),
                            str(self._disk)], check=True, preexec_fn=debian_tree.leash())

    def __enter__(self) -> "Device":
        return self

    def __exit__(self, *_: object) -> None:
        self.cut_power()

    # --- power ---

    def switch_on(self) -> None:
        """Starts the emulator; returns at once."""
        if self._process is not None:
            raise DeviceError("the device is on already")
        monitor, its_monitor = socket.socketpair()
        agent, its_agent = socket.socketpair()
        ends = (its_monitor, its_agent)
        with open(self._folder / "qemu.log", "ab") as log:
            self._process = subprocess.Popen(
                self._command(its_monitor.fileno(), its_agent.fileno()), pass_fds=[end.fileno() for end in ends],
                stdin=None if self.options.console else subprocess.DEVNULL,
                stdout=None if self.options.console else log, stderr=log, preexec_fn=debian_tree.leash())
        for end in ends:
            end.close()
        self._monitor, self._agent = Channel("QEMU's monitor", monitor), Channel("guest agent", agent)

    def boot(self, timeout_s: float = 180) -> float:
        """Switches it on and waits until it takes commands; seconds that took."""
        began = time.monotonic()
        self.switch_on()
        deadline = began + timeout_s
        self._asking("not up", lambda: self._open(self._monitor).greet(deadline))
        self._asking("not up", lambda: self._open(self._agent).synchronise(deadline))
        return time.monotonic() - began

    def cut_power(self) -> None:
        """As pulling the plug: the guest gets no chance to write anything. Nothing to do when it is off."""
        if self._process is None:
            return
        self._process.kill()
        self._forget()

    def wait_off(self, timeout_s: Optional[float]) -> list[str]:
        """Waits until the guest itself has ended the machine: poweroff, or a reset by its watchdog. None: for ever. Returns
        the names of QEMU's events on the way, such as WATCHDOG and SHUTDOWN."""
        if self._process is None:
            return []
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise self._failure(f"still on after {timeout_s:.0f} s") from None
        if self._process.returncode != 0:
            raise self._failure("the machine did not end by itself")
        events = self._open(self._monitor).last_events()
        self._forget()
        return events

    def pid(self) -> Optional[int]:
        return self._process.pid if self._process else None

    # --- inside ---

    def run(self, command: str, timeout_s: float = _COMMAND_S) -> Result:
        """A shell command as root. Its end is waited for; after `timeout_s` it is killed with all it started, and DeviceError
        raised."""
        deadline = time.monotonic() + timeout_s
        # A session of its own, so that all of it can be killed.
        started = self._ask("guest-exec", deadline, path="/usr/bin/setsid", arg=["sh", "-c", command],
                            **{"capture-output": True})
        pause = 0.02
        while True:
            status = self._ask("guest-exec-status", deadline + 10, pid=started["pid"])
            if status["exited"]:
                code = status["exitcode"] if "exitcode" in status else 128 + status["signal"]
                return Result(code, _text(status, "out-data"), _text(status, "err-data"))
            if time.monotonic() > deadline:
                self._ask("guest-exec", deadline + 10, path="/bin/sh", arg=["-c", f"kill -9 -- -{started['pid']}"])
                raise self._failure(f"'{command}' did not end within {timeout_s:.0f} s")
            time.sleep(pause)
            pause = min(2 * pause, 0.3)

    def check(self, command: str, timeout_s: float = _COMMAND_S) -> str:
        """As run(), for commands that have to succeed: their output."""
        result = self.run(command, timeout_s)
        if result.code != 0:
            raise self._failure(f"'{command}' ended with {result.code}: {(result.errors or result.output).strip()}")
        return result.output

    def put(self, source: Path, target: str, timeout_s: float = 60) -> None:
        """Copies a file in; on the guest's disk when this returns."""
        deadline = time.monotonic() + timeout_s
        handle = self._ask("guest-file-open", deadline, path=target, mode="w")
        try:
            with source.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    while chunk:
                        wrote = self._ask("guest-file-write", deadline, handle=handle,
                                          **{"buf-b64": base64.b64encode(chunk).decode()})
                        chunk = chunk[wrote["count"]:]
        finally:
            self._ask("guest-file-close", deadline, handle=handle)
        self.check(f"sync -f '{target}'", timeout_s)

    def get(self, source: str, target: Path, timeout_s: float = 60) -> None:
        """Copies a file out."""
        deadline = time.monotonic() + timeout_s
        handle = self._ask("guest-file-open", deadline, path=source, mode="r")
        try:
            with target.open("wb") as file:
                while True:
                    read = self._ask("guest-file-read", deadline, handle=handle, count=_CHUNK)
                    file.write(base64.b64decode(read["buf-b64"]))
                    if read["eof"]:
                        return
        finally:
            self._ask("guest-file-close", deadline, handle=handle)

    def wait(self, condition: Callable[[], T], what: str, timeout_s: float, every_s: float = 0.2) -> T:
        """Asks again and again until the answer is truthy, and returns it. Each question costs the guest a third of a second of
        a processor."""
        deadline = time.monotonic() + timeout_s
        while True:
            answer = condition()
            if answer:
                return answer
            if time.monotonic() > deadline:
                raise self._failure(f"{what}: not within {timeout_s:.0f} s, last answer {answer!r}")
            time.sleep(every_s)

    # --- outside ---

    def screendump(self, target: Path, timeout_s: float = 30) -> None:
        """What is on the display, as PNG."""
        deadline = time.monotonic() + timeout_s
        self._asking("no picture", lambda: self._open(self._monitor).call(
            "screendump", deadline, filename=str(target.resolve()), format="png"))

    def plug_network(self, there: bool) -> None:
        """The cable in its socket, or out of it; there again at the next start."""
        self._asking("network cable", lambda: self._open(self._monitor).call(
            "set_link", time.monotonic() + 30, name="net", up=there))

    def watch(self) -> None:
        """From now on the watchdog resets the machine, until it is switched on the next time."""
        self._asking("watchdog", lambda: self._open(self._monitor).call("set-action", time.monotonic() + 30, watchdog="reset"))

    # --- below ---

    def _command(self, monitor: int, agent: int) -> list[str]:
        emulator, machine, console = _MACHINES[self._image.arch]
        options = self.options
        network = "user,id=net,restrict=on"
        for port, loopback in options.forward.items():
            network += f",guestfwd=tcp:{HOST}:{port}-cmd:/usr/bin/socat - tcp:{options.forward_to}:{loopback}"
        serial = ["-serial", "mon:stdio"] if options.console else [
            "-chardev", f"file,id=serial,path={_quoted(self._folder / 'serial.log')},append=on", "-serial", "chardev:serial"]
        disks = ["-drive", f"file={_quoted(self._disk)},if=none,id=root,format=qcow2", "-device", "virtio-blk-pci,drive=root"]
        programs = ""
        if options.programs:
            programs = " programs=/dev/vdb"
            disks += ["-drive", f"file={_quoted(options.programs)},if=none,id=opt,format=raw,read-only=on",
                      "-device", "virtio-blk-pci,drive=opt"]
        if options.state:
            disks += ["-blockdev", f"driver=file,node-name=state-file,filename={_quoted(options.state)}",
                      "-blockdev", "driver=raw,node-name=state-raw,file=state-file"]
            if options.state_log:
                options.state_log.write_bytes(b"")
                disks += ["-blockdev", f"driver=file,node-name=log-file,filename={_quoted(options.state_log)}",
                          "-blockdev", "driver=blklogwrites,node-name=state-logged,file=state-raw,log=log-file"]
            disks += ["-device", f"virtio-blk-pci,drive={'state-logged' if options.state_log else 'state-raw'}"]
        return [emulator, *machine, "-accel", "tcg,thread=multi", "-smp", "2", "-m", str(options.memory_mb),
                "-nodefaults", "-no-user-config", "-display", "none", *([] if options.reboots else ["-no-reboot"]),
                *(["-rtc", f"base={options.clock}"] if options.clock else []),
                "-kernel", str(self._image.kernel), "-initrd", str(self._image.initrd),
                "-append", f"root=/dev/vda rw console={console} systemd.show_status=0 loglevel=4{programs}",
                *disks, *serial,
                "-device", f"virtio-gpu-pci,xres={SCREEN[0]},yres={SCREEN[1]}",
                "-device", "i6300esb", "-action", f"watchdog={'reset' if options.watchdog else 'none'}",
                "-device", "virtio-rng-pci",
                "-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile=",
                "-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "chardev=monitor,mode=control",
                "-device", "virtio-serial-pci", "-chardev", f"socket,id=agent,fd={agent}",
                "-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"]

    def _ask(self, command: str, deadline: float, **arguments: Any) -> Any:
        return self._asking(command, lambda: self._open(self._agent).call(command, deadline, **arguments))

    def _asking(self, what: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except ChannelError as error:
            raise self._failure(f"{what}: {error}") from error

    def _open(self, channel: Optional[Channel]) -> Channel:
        if channel is None:
            raise DeviceError("the device is off")
        return channel

    def _forget(self) -> None:
        assert self._process
        self._process.wait()
        for channel in (self._monitor, self._agent):
            if channel:
                channel.close()
        self._process = self._monitor = self._agent = None

    def _failure(self, why: str) -> DeviceError:
        ended = self._process.poll() if self._process else None
        if ended is not None:
            how = signal.Signals(-ended).name if ended < 0 else f"exit code {ended}"
            why += f"; the emulator ended with {how}"
        for name in ("serial.log", "qemu.log"):
            path = self._folder / name
            lines = path.read_text(errors="replace").splitlines()[-8:] if path.exists() else []
            if lines:
                why += f"\n  end of {path}:\n" + "\n".join("    " + line for line in lines)
        return DeviceError(f"{self._image.arch}: {why}")


def _quoted(path: Path) -> str:
    """For QEMU's options, where a comma ends a value."""
    return str(path).replace(",", ",,")


def _text(status: Mapping[str, Any], key: str) -> str:
    return base64.b64decode(status.get(key, "")).decode(errors="replace")
