"""The emulated line of tests/line as a service of the demo's supervisor: what stands behind it sees the near end alone."""

import os
import random
import shutil
import socket
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor import Service, Supervisor, can_make_network_namespaces


@dataclass(frozen=True)
class Quality:
    """One direction. Nothing given: as fast as the machine, without delay or loss."""

    rate: int = 0  # bits a second, 0 = no limit
    delay_ms: int = 0
    loss_permille: int = 0
    cut: bool = False

    def words(self) -> str:
        return (f"--rate {self.rate} --delay-ms {self.delay_ms} --loss-permille {self.loss_permille}"
                + (" --cut" if self.cut else ""))


def why_not() -> str:
    """Why no line can be made here; empty when one can."""
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun"
    if not can_make_network_namespaces():
        return "network namespaces take root"
    return ""


class Line:
    """`near` and `far` are the two addresses, out of a net set apart for measurements (RFC 2544). Both lie on one /30 that
    this process draws, so that several lines stand side by side."""

    def __init__(self, supervisor: Supervisor, program: Path, seed: int = 1) -> None:
        net = random.SystemRandom().randrange(2**15) * 4
        self.near, self.far = (f"198.{18 + (net >> 16)}.{net >> 8 & 255}.{(net & 255) + end}" for end in (1, 2))
        self._supervisor = supervisor
        self._directory = Path(tempfile.mkdtemp(prefix="vitrine-line-"))  # short: a socket's path has 107 characters
        self._orders = self._directory / "orders"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._directory / "answers"))
        self._socket.settimeout(5)
        self.service = Service("line", [str(program), "--near", self.near, "--far", self.far,
                                        "--control", str(self._orders), "--seed", str(seed)], notifies=True)

    def start(self) -> None:
        self._supervisor.start(self.service)
        self._supervisor.wait_ready("line", 10)

    def network(self) -> str:
        """For Service.network."""
        assert self.service.process is not None
        return f"/proc/{self.service.process.pid}/ns/net"

    def set(self, up: Quality = Quality(), down: Quality | None = None) -> dict[str, Any]:
        """Both directions alike unless told; back come the figures so far."""
        self._order(f"--up {up.words()}")
        return self._order(f"--down {(up if down is None else down).words()}")

    def figures(self) -> dict[str, Any]:
        return self._order("")

    def close(self) -> None:
        self._socket.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _order(self, words: str) -> dict[str, Any]:
        self._socket.sendto(words.encode(), os.fspath(self._orders))
        answer = tomllib.loads(self._socket.recv(4096).decode())
        if "error" in answer:
            raise RuntimeError(f"line: '{words}': {answer['error']}")
        return answer
