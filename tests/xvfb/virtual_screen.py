"""A screen that is a file: an Xvfb of its own, and beside it the reader that writes down what its framebuffer shows."""

import os
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

LIMIT_S = 30  # for what takes a moment; only there so that a failure ends


class Screen:
    """Leaves records of docs/glass.md in `glass`, where there is a reader. What it started ends with it."""

    def __init__(self, reader: Path | None, folder: Path, size: str = "1920x1080", preferred: bool = False) -> None:
        """`preferred`: the screen has real-time priority, as the hardware that it stands for would go on whatever the
        processor does. The reader always asks for it."""
        self.glass = folder / "glass"
        self._started: list[subprocess.Popen[bytes]] = []
        try:
            self._start_screen(folder, size)
            if preferred:
                os.sched_setscheduler(self._started[0].pid, os.SCHED_RR, os.sched_param(1))
            if reader:
                self._start_reader(reader, folder)
        except BaseException:
            self.close()
            raise

    def _start_screen(self, folder: Path, size: str) -> None:
        frames = folder / "framebuffer"
        self.framebuffer = frames / "Xvfb_screen0"
        frames.mkdir(parents=True)
        log = folder / "xvfb.log"
        ready, told = os.pipe()
        with log.open("wb") as output:
            self._started.append(subprocess.Popen(
                ["Xvfb", "-displayfd", str(told), "-screen", "0", f"{size}x24", "-fbdir", str(frames), "-nolisten", "tcp",
                 "-noreset", "-ac"], stdout=output, stderr=output, pass_fds=[told]))
        os.close(told)
        with os.fdopen(ready) as number:
            self.display = ":" + number.readline().strip()
        if self.display == ":":
            raise RuntimeError(f"Xvfb does not start: {log.read_text()[-300:]}")

    def _start_reader(self, reader: Path, folder: Path) -> None:
        self._said = folder / "reader.out"
        with self._said.open("wb") as output:
            self._reader = subprocess.Popen([str(reader), str(self.framebuffer), str(self.glass), self.display],
                                            stdout=output)
        self._started.append(self._reader)
        began = time.monotonic()
        while "watching" not in self._said.read_text():
            if self._reader.poll() is not None or time.monotonic() - began > LIMIT_S:
                raise RuntimeError("the reader of the framebuffer does not start")
            time.sleep(0.01)

    def stop_reading(self) -> list[tuple[int, str, int]]:
        """What the reader said: (us, "desktop", 0) or (us, "black", 0) of such a picture, (us, "away", us) of a pause."""
        self._reader.send_signal(signal.SIGTERM)
        if self._reader.wait(LIMIT_S) != 0:
            raise RuntimeError("the reader of the framebuffer failed")
        words = [line.split() for line in self._said.read_text().splitlines() if line[0].isdigit()]
        return [(int(at_us), what, int(figure)) for at_us, what, figure in words]

    def close(self) -> None:
        for process in reversed(self._started):
            if process.poll() is None:
                process.terminate()
                process.wait()

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
