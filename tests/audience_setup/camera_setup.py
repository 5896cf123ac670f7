"""vitrine-camera-setup beside a vitrine-audience that has the camera: who it lets look, what it shows, what it leaves behind.

    camera_setup.py --bin DIRECTORY --out DIRECTORY
"""

import argparse
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from counting import SETTINGS, Counting, draw_clip, wait_for  # noqa: E402

FIGURES = re.compile(r"([0-9.]+) pictures a second, coverage (\d+) % \((good|poor|blind)\), (\d+) in view, (\d+) in, (\d+) out")
LIMIT_S = 90


class Wrong(Exception):
    pass


def expect(what: str, holds: object, shown: object = "") -> None:
    if not holds:
        raise Wrong(f"{what}: not so. {shown}")
    print(f"camera_setup: {what}", flush=True)


class Technician:
    def __init__(self, programs: Path, counting: Counting, clip: Path) -> None:
        self.counting = counting
        self.command = [str(programs / "vitrine-camera-setup"), "--state", str(counting.state), "--run", str(counting.run),
                        "--camera", str(clip), "--by", "T. Echnician"]

    def run(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self.command, *arguments], input=typed, capture_output=True, text=True, timeout=LIMIT_S)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen([*self.command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def settings(self) -> dict[str, Any]:
        return tomllib.loads((self.counting.state / "camera" / "settings.toml").read_text())

    def notes(self) -> list[dict[str, Any]]:
        folder = self.counting.state / "camera" / "notes"
        if not folder.exists():
            return []
        return [tomllib.loads((folder / name).read_text()) for name in sorted((path.name for path in folder.iterdir()), key=int)]


def look(technician: Technician, out: Path) -> None:
    """Half a minute in words: the daemon gives the camera up meanwhile, and takes it back afterwards."""
    counting, picture = technician.counting, out / "view.png"
    before = len(technician.notes())
    with technician.start("--seconds", "60", "--png", str(picture)) as at_work:
        assert at_work.stdin and at_work.stdout
        try:
            wait_for("the daemon gives the camera up", lambda: counting.live().get("camera") == "set-up")
            lines = []
            while not (lines and (found := FIGURES.search(lines[-1])) and int(found[5]) > 0 and found[3] == "good"):
                lines.append(at_work.stdout.readline())
                if not lines[-1]:
                    raise Wrong("it ended: " + "".join(lines))
            expect("it counts live and grades the coverage", True)
            shown = [line for line in lines if line.startswith("picture: ")]
            expect("one picture went where it says", shown == [f"picture: {picture}\n"] and picture.read_bytes()[:4] == b"\x89PNG", shown)
            expect("which is for the technician alone", picture.stat().st_mode & 0o777 == 0o600)
            expect("a second technician is told so", "somebody else" in technician.run("--seconds", "1").stderr)
            at_work.stdin.write("line 400,1000,400,0\nzone 0,0,1000,0,1000,1000,0,1000\nsave\nline nonsense\nquit\n")
            at_work.stdin.flush()
            said = at_work.stdout.read()
            expect("it ends when told to, and gives the camera back", at_work.wait(LIMIT_S) == 0 and "given back" in said, said)
        finally:
            if at_work.poll() is None:
                at_work.kill()
    settings = technician.settings()
    expect("line and zone are in the daemon's settings",
           (settings["line"], settings["zone"]) == ("400,1000,400,0", "0,0,1000,0,1000,1000,0,1000"), settings)
    expect("with the basis that was there", settings["on"] and settings["basis"]["text"] == "drawn by the test", settings)
    notes = [note["text"] for note in technician.notes()[before:]]
    expect("notes tell who looked, for how long, where the picture went, and what was changed",
           len(notes) == 3 and all("T. Echnician" in note for note in notes) and str(picture) in notes[1]
           and "saved line 400,1000,400,0" in notes[2], notes)
    wait_for("the daemon counts again", lambda: counting.live().get("camera") == "ok")
    expect("the daemon counts again", True)


def on_a_terminal(technician: Technician) -> None:
    ours, theirs = pty.openpty()
    at_work = subprocess.Popen([*technician.command, "--seconds", "60"], stdin=theirs, stdout=theirs, stderr=theirs,
                               env=os.environ | {"COLORTERM": "truecolor"})
    os.close(theirs)
    said = b""
    try:
        began = time.monotonic()
        while said.count("\u2580".encode()) < 4000 and time.monotonic() - began < LIMIT_S:
            if select.select([ours], [], [], 1)[0]:
                said += os.read(ours, 1 << 16)
        expect("on a terminal the picture is drawn in half blocks", said.count("\u2580".encode()) >= 4000, said[-300:])
        at_work.send_signal(signal.SIGINT)
        while True:  # what it still says has to be taken, or it waits
            try:
                if not os.read(ours, 1 << 16):
                    break
            except OSError:
                break
        expect("and Ctrl-C ends it properly", at_work.wait(LIMIT_S) == 0)
    finally:
        if at_work.poll() is None:
            at_work.kill()
            at_work.wait()
        os.close(ours)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.bin, arguments.out = arguments.bin.resolve(), arguments.out.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)
    clip = arguments.out / "clip.y4m"
    draw_clip(clip)
    try:
        with Counting(arguments.bin / "vitrine-audience", arguments.out / "screen", clip) as counting:
            technician = Technician(arguments.bin, counting, clip)
            settings = counting.state / "camera" / "settings.toml"
            settings.unlink()
            wait_for("the daemon is off", lambda: counting.live().get("camera") == "off")
            expect("without a recorded basis the daemon's camera is off, and its log says what to do",
                   "vitrine-camera-setup" in counting.log.read_text(), counting.log.read_text())
            refused = technician.run("--seconds", "1")
            expect("nor does a technician see anything", refused.returncode == 1 and "--basis" in refused.stderr
                   and not technician.notes() and "pictures a second" not in refused.stdout, refused)
            allowed = technician.run("--seconds", "2", "--basis", "agreed with the house, file 12")
            recorded = technician.settings()
            expect("with a basis it records whose it is, and when", allowed.returncode == 0 and recorded["on"]
                   and recorded["basis"]["by"] == "T. Echnician" and re.fullmatch(r"\d{4}-\d\d-\d\d", recorded["basis"]["date"]), recorded)
            expect("as an event, too", any("file 12" in note["text"] for note in technician.notes()), technician.notes())
            wait_for("the daemon counts", lambda: counting.live().get("camera") == "ok")
            settings.write_text(SETTINGS)
            look(technician, arguments.out)
            on_a_terminal(technician)
            expect("it can be switched off", technician.run("--off").returncode == 0)
            wait_for("the daemon is off", lambda: counting.live().get("camera") == "off")
            expect("which leaves a note", technician.notes()[-1]["code"] == "camera-off", technician.notes())
    except (Wrong, RuntimeError) as error:
        print(f"FAILED: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
