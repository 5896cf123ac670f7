"""What the emulated line does to a ping and to a transfer, measured through it.

    line_test.py --bin DIR      prints each figure; fails when one is off. Without root: SKIPPED
"""

import argparse
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "support")]

import line as lines  # noqa: E402
from supervisor import Supervisor  # noqa: E402

# Connects to argv[1]:argv[2] from the far end and sends zeros for argv[3] seconds.
SENDER = """
import socket, sys, time
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)  # what it holds has to go through as well
    until = time.monotonic() + float(sys.argv[3])
    while time.monotonic() < until:
        s.sendall(bytes(4096))
"""


def behind(line: lines.Line, *command: str) -> list[str]:
    return ["nsenter", f"--net={line.network()}", "--", *command]


# Answers on argv[1]:argv[2] with whatever comes.
PING = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.5)
for n in range(int(sys.argv[3])):
    began = time.monotonic()
    s.sendto(str(n).encode(), (sys.argv[1], int(sys.argv[2])))
    try:
        while s.recv(100) != str(n).encode(): pass
        print((time.monotonic() - began) * 1000)
    except TimeoutError:
        print("lost")
"""


def round_trips(line: lines.Line, count: int) -> list[float]:
    """Milliseconds of the datagrams that came back, as ping tells them."""
    echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    echo.bind((line.near, 0))
    echo.settimeout(0.1)
    done = threading.Event()

    def answer() -> None:
        while not done.is_set():
            try:
                echo.sendto(*echo.recvfrom(100))
            except TimeoutError:
                pass

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        said = subprocess.run(behind(line, "/usr/bin/python3", "-c", PING, line.near, str(echo.getsockname()[1]), str(count)),
                              capture_output=True, text=True, check=True, timeout=60).stdout
    finally:
        done.set()
        thread.join()
        echo.close()
    return [float(word) for word in re.findall(r"[0-9.]+", said)]


def transfer(line: lines.Line, seconds: float) -> float:
    """Bits a second that arrived at the near end from the far one, between the first byte and the last."""
    with socket.create_server((line.near, 0)) as server:
        server.settimeout(10)
        sender = subprocess.Popen(behind(line, "/usr/bin/python3", "-c", SENDER, line.near, str(server.getsockname()[1]), str(seconds)))
        peer, _ = server.accept()
        with peer:
            peer.settimeout(10)
            total, began = 0, 0.0
            while data := peer.recv(65536):
                began = began or time.monotonic()
                total += len(data)
            taken = time.monotonic() - began
        if sender.wait(timeout=30) != 0:
            raise RuntimeError("the sender failed")
    return total * 8 / taken


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    arguments = parser.parse_args()
    if why := lines.why_not():
        print(f"SKIPPED: the emulated line: {why}")
        return 0
    wrong = []

    def expect(what: str, figure: float, least: float, most: float, unit: str) -> None:
        print(f"{what}: {figure:.1f} {unit}, wanted {least:g} to {most:g}")
        if not least <= figure <= most:
            wrong.append(what)

    with tempfile.TemporaryDirectory() as directory:
        supervisor = Supervisor(Path(directory))
        try:
            line = lines.Line(supervisor, arguments.bin / "vitrine-line", seed=3)
            line.start()
            expect("round trip as it is", sorted(round_trips(line, 20))[10], 0, 20, "ms")
            line.set(lines.Quality(rate=1_000_000, delay_ms=100))
            expect("round trip at 100 ms each way", sorted(round_trips(line, 5))[2], 200, 230, "ms")
            expect("transfer at 1 Mbit/s", transfer(line, 6) / 1e6, 0.8, 1.0, "Mbit/s")
            line.set(lines.Quality(loss_permille=200))
            expect("came back of 40 at 20 % loss each way (64 %)", len(round_trips(line, 40)), 14, 36, "")
            line.set(lines.Quality(cut=True), lines.Quality())
            expect("came back with one way cut", len(round_trips(line, 1)), 0, 0, "")
            line.set()
            expect("came back when healed", len(round_trips(line, 1)), 1, 1, "")
            line.close()
        finally:
            supervisor.close()
    for what in wrong:
        print(f"line_test: FAILED: {what}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
