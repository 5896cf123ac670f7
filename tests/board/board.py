"""A generic arm64 board with UEFI firmware, a display and a card, emulated. The card is an overlay: the image stays as it is.

The emulator dies with this process (debian_tree.leash); monitor and serial line are socket pairs, so nothing of them lies anywhere.
"""

import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Optional

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "device"), str(HERE.parent.parent / "cross-compile")]
import debian_tree  # noqa: E402
import picture  # noqa: E402
from channel import Channel  # noqa: E402

FIRMWARE = Path("/usr/share/AAVMF")
CARD = "8G"  # larger than the image, as a card is
_PROMPT = re.compile(rb"root@[^#\n]*# $")


class BoardError(Exception):
    """What did not happen, with the end of the serial line where that may say why."""


class Board:
    """`folder` is made anew: the card's changes, the firmware's variables and the serial log."""

    def __init__(self, image: Path, folder: Path) -> None:
        debian_tree.clear(folder)
        folder.mkdir(parents=True)
        self._folder = folder
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._heard = b""
        self._news = threading.Condition()  # for what is heard
        self._commands = 0
        for command in (["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(image.resolve()), str(folder / "card.qcow2"), CARD],
                        ["cp", "--sparse=always", str(FIRMWARE / "AAVMF_VARS.fd"), str(folder / "variables.fd")]):
            subprocess.run(command, check=True, preexec_fn=debian_tree.leash())

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._listener.join()  # the emulator's end of the line is closed
            self._monitor.close()
            self._serial.close()

    def switch_on(self) -> None:
        monitor, its_monitor = socket.socketpair()
        self._serial, its_serial = socket.socketpair()
        with (self._folder / "qemu.log").open("wb") as log:
            self._process = subprocess.Popen(self._command(its_monitor.fileno(), its_serial.fileno()), stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log, pass_fds=[its_monitor.fileno(), its_serial.fileno()],
                                             preexec_fn=debian_tree.leash())
        its_monitor.close()
        its_serial.close()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        self._monitor = Channel("QEMU's monitor", monitor)
        self._monitor.greet(time.monotonic() + 60)

    def dump(self) -> picture.Picture:
        """What is on the display now."""
        target = self._folder / "dump.ppm"
        self._monitor.call("screendump", time.monotonic() + 60, filename=str(target.resolve()))
        return picture.read(target)

    def shell(self, timeout_s: float) -> None:
        """Waits for root's prompt on the serial line, which an image made with --console has."""
        self._until(_PROMPT, "a root shell on the serial line (was the image made with --console?)", timeout_s)
        # A shell that neither edits lines nor echoes.
        self._serial.sendall(b"stty -echo; PS1= exec sh\n")
        self.check("true")

    def check(self, command: str, timeout_s: float = 120) -> str:
        """Output of a command that has to succeed."""
        self._commands += 1
        with self._news:
            self._heard = b""
        # In two halves, so that an echo of the command is not taken for its end.
        self._serial.sendall(f"{{ {command}; }} 2>&1; echo \"<$?=\"{self._commands}'>'\n".encode())
        found = self._until(re.compile(rb"<(\d+)=%d>" % self._commands), f"the end of '{command}'", timeout_s)
        output = self._heard[:found.start()].decode(errors="replace").replace("\r", "").strip()
        if found[1] != b"0":
            raise self.failure(f"'{command}' ended with {found[1].decode()}: {output}")
        return output

    def failure(self, why: str) -> BoardError:
        for name in ("serial.log", "qemu.log"):
            path = self._folder / name
            lines = path.read_text(errors="replace").splitlines()[-8:] if path.exists() else []
            if lines:
                why += f"\n  end of {path}:\n" + "\n".join("    " + line for line in lines)
        return BoardError(why)

    def _until(self, wanted: re.Pattern[bytes], what: str, timeout_s: float) -> re.Match[bytes]:
        with self._news:
            found = self._news.wait_for(lambda: wanted.search(self._heard), timeout_s)
        if not found:
            raise self.failure(f"{what}: not within {timeout_s:.0f} s")
        return found

    def _listen(self) -> None:
        """A thread of its own: the emulator stands still, its monitor too, while nobody takes what it says on the serial line."""
        while received := self._receive():
            with self._news:
                self._heard += received
                self._news.notify_all()

    def _receive(self) -> bytes:
        try:
            return self._serial.recv(1 << 16)
        except OSError:
            return b""

    def _command(self, monitor: int, serial: int) -> list[str]:
        def quoted(path: Path) -> str:
            return str(path.resolve()).replace(",", ",,")

        return ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-smp", "2", "-m", "1024", "-accel", "tcg,thread=multi",
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={quoted(FIRMWARE / 'AAVMF_CODE.fd')}",
                "-drive", f"if=pflash,unit=1,format=raw,file={quoted(self._folder / 'variables.fd')}",
                "-drive", f"if=none,id=card,format=qcow2,file={quoted(self._folder / 'card.qcow2')}",
                "-device", "virtio-blk-pci,drive=card,bootindex=0",
                "-device", f"virtio-gpu-pci,xres={picture.SCREEN[0]},yres={picture.SCREEN[1]}",
                "-device", "virtio-rng-pci", "-netdev", "user,id=net,restrict=on", "-device", "virtio-net-pci,netdev=net,romfile=",
                "-chardev", f"socket,id=serial,fd={serial},logfile={quoted(self._folder / 'serial.log')}", "-serial", "chardev:serial",
                "-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "chardev=monitor,mode=control"]
