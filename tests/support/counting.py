"""vitrine-audience on a clip that the test draws itself, in a directory of its own."""

import functools
import os
import shutil
import subprocess
import time
import tomllib
from pathlib import Path
from types import TracebackType
from typing import Callable, Optional, Sequence

WIDTH, HEIGHT, FPS = 320, 240, 10
LIMIT_S = 90  # only there so that a failure ends

SETTINGS = 'on = true\n[basis]\ntext = "drawn by the test"\nby = "the test"\ndate = "2026-01-01"\n'


def wait_for(what: str, holds: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > limit_s:
            raise RuntimeError(f"waited {limit_s:.0f} s in vain: {what}")
        time.sleep(0.02)


def draw_clip(path: Path, marker: bytes = b"", seconds: int = 8) -> None:
    """YUV4MPEG2, grey: a dark figure walks over tiles, without which the camera counts as covered; `marker` stands in every
    eighth row of each frame, uncompressed."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 Cmono\n".encode())
        for number in range(seconds * FPS):
            rows = []
            for y in range(HEIGHT):
                row = bytearray(_ground(y))
                left = 5 * number - 20
                if 140 <= y < 200 and left < WIDTH:
                    for x in range(max(0, left), min(WIDTH, left + 20)):
                        row[x] = 30
                if marker and y % 8 == 0:
                    row[40:40 + len(marker)] = marker
                rows.append(bytes(row))
            file.write(b"FRAME\n" + b"".join(rows))


@functools.cache
def _ground(y: int) -> bytes:
    return bytes(140 + (x // 40 + y // 40) % 2 * 24 + (x * 7 + y * 13) % 11 for x in range(WIDTH))


class Counting:
    """The program at work: `work` is its working directory and TMPDIR, `state` and `run` its own files."""

    def __init__(self, program: Path, folder: Path, clip: Path, wrapper: Sequence[str] = (), preexec: Optional[Callable[[], None]] = None,
                 environment: Optional[dict[str, str]] = None, owner: Optional[int] = None, options: Sequence[str] = ()) -> None:
        program, folder, clip = program.resolve(), folder.resolve(), clip.resolve()  # it gets a working directory of its own
        shutil.rmtree(folder, ignore_errors=True)
        self.state, self.run, self.work = folder / "state", folder / "run", folder / "work"
        for made in (self.state / "camera", self.run / "camera", self.state / "player", self.run / "player", self.work):
            made.mkdir(parents=True)
        (self.state / "camera" / "settings.toml").write_text(SETTINGS)
        if owner is not None:
            for made in (folder, *folder.rglob("*")):
                os.chown(made, owner, owner)
        self.log = folder / "log"
        command = [*wrapper, str(program), "--state", str(self.state), "--run", str(self.run), "--camera", str(clip), *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=self.work, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=preexec, env=os.environ | {"TMPDIR": str(self.work)} | (environment or {}))

    def live(self) -> dict[str, object]:
        try:
            return tomllib.loads((self.run / "audience" / "live").read_text())
        except OSError:
            return {}

    def wait_counted(self) -> None:
        """Somebody crossed the line: every part of the program has worked on frames."""
        def counted() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError(f"it ended with {self.process.returncode}: {self.log.read_text()[-500:]}")
            return self.live().get("camera") == "ok" and int(str(self.live().get("crossings", 0))) > 0
        wait_for("a crossing is counted", counted)

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(LIMIT_S)

    def __enter__(self) -> "Counting":
        return self

    def __exit__(self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
