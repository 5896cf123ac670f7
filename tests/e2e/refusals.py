"""What must never reach the glass, tried on a running demo: a forged signature at the server and at the screen, an older
version, a file whose bytes are not what was signed, a file that cannot be played. Each has to give one clear line, reach
the backend as an event, and leave the screen with what it had; and at the end the demo's own books must agree.

    refusals.py --bin DIR --out DIR
"""

import argparse
import base64
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

DEMO = Path(__file__).resolve().parents[2] / "demo" / "demo.py"
sys.path.insert(0, str(DEMO.parent))
from media import fingerprint  # noqa: E402


class Screen:
    """The demo that runs in `out`, as its operator and as somebody who broke into its server."""

    def __init__(self, programs: Path, out: Path) -> None:
        self.programs = programs
        self.out = out
        config = (out / "backend" / "backend.toml").read_text()
        self.port = re.search(r"port = (\d+)", config)[1]  # type: ignore[index]
        self.schedule = json.loads((out / "push" / "schedule-1.json").read_text())

    def push(self, version: int, document: dict, files: Path, key: str = "operator") -> tuple[int, str]:
        path = self.out / "push" / f"refused-{version}-{key}.json"
        path.write_text(json.dumps(document))
        pki = self.out / "pki"
        done = subprocess.run(
            [self.programs / "vitrine", "push", path, "--kind", "schedule", "--to", "group/demo", "--version", str(version),
             "--key", self.out / "keys" / "keys" / f"{key}.key", "--key-id", "operator-1", "--operator", "operator",
             "--broker", f"127.0.0.1:{self.port}", "--ca", pki / "ca.pem", "--certificate", pki / "operator.pem",
             "--tls-key", pki / "operator.key", "--files", files, "--origin", files / "served"],
            capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def forge(self, version: int) -> None:
        """The archived schedule under another version, its signature left as it was, put where screens look."""
        archived = next(text for path in sorted((self.out / "backend" / "archive").rglob("*")) if path.is_file()
                        and (text := path.read_text()).count(".") == 2 and json.loads(decode(text.split(".")[0]))["typ"] == "schedule")
        header, payload, signature = archived.strip().split(".")
        fields = json.loads(decode(header)) | {"ver": version}
        forged = ".".join([encode(json.dumps(fields).encode()), payload, signature])
        pki = self.out / "pki"
        subprocess.run(
            ["mosquitto_pub", "-V", "5", "-q", "1", "-h", "127.0.0.1", "-p", self.port, "-i", "intruder",
             "--cafile", pki / "ca.pem", "--cert", pki / "desired.pem", "--key", pki / "desired.key",
             "-t", "vt/v1/g/demo/desired/schedule", "-m", forged],
            check=True, timeout=30)

    def log(self, name: str) -> str:
        return (self.out / "log" / f"{name}.log").read_text()

    def with_file(self, label: str, path: Path) -> dict:
        """Schedule 1 and one creative more, first in its house loop."""
        document = json.loads(json.dumps(self.schedule))
        document["label"] = label
        document["creatives"].append({"id": 900, "label": label, "variants": [{"id": 900, "file": path.name}]})
        document["house"].insert(0, 900)
        return document


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def wait_for(what: str, condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)


def expect(what: str, holds: bool, found: object = "") -> None:
    if not holds:
        raise AssertionError(f"{what}: {found}")
    print(f"held: {what}", flush=True)


def files_with(directory: Path, media: Path, name: str, body: bytes) -> Path:
    """What an operator's folder holds: the demo's creatives and one file more."""
    shutil.copytree(media, directory)
    (directory / "served").mkdir()
    (directory / name).write_bytes(body)
    return directory


def try_everything(screen: Screen) -> None:
    media = DEMO.parent / "out" / "media" / fingerprint() / "creatives"
    served = screen.out / "origin" / "content"
    plain = files_with(screen.out / "push" / "plain", media, "unused.txt", b"")

    code, said = screen.push(2, screen.schedule, plain, key="takeover")
    expect("a signature by another key is refused at the server", code == 1 and "signature" in said, said)
    code, said = screen.push(1, screen.schedule, plain)
    expect("an older version is refused at the server", code == 1 and "version" in said, said)

    screen.forge(7)
    wait_for("telemetry says no to the forged schedule 7", lambda: bool(re.search(r"schedule 7\b.*signature", screen.log("telemetry"))))
    expect("a forged schedule is refused at the screen", "generation 2" not in screen.log("player"))

    notes = b"these are the minutes of a meeting, not a film\n" * 40
    unplayable = files_with(screen.out / "push" / "unplayable", media, "minutes.mp4", notes)
    shutil.copytree(served, unplayable / "served" / "content", dirs_exist_ok=True)
    (served / hashlib.sha256(notes).hexdigest()).write_bytes(notes)
    code, said = screen.push(2, screen.with_file("minutes", Path("minutes.mp4")), unplayable)
    expect("schedule 2 with an unplayable file is accepted by the server", code == 0, said)
    wait_for("generation 2 goes on without it", lambda: "generation 2 is confirmed" in screen.log("player"))
    expect("telemetry names the rejected creative", bool(re.search(r"\(minutes\) of schedule 2 .*is not played", screen.log("telemetry"))),
           screen.log("telemetry")[-2000:])

    film = b"a file that somebody changes on its way" * 50
    altered = files_with(screen.out / "push" / "altered", media, "film.mp4", film)
    (served / hashlib.sha256(film).hexdigest()).write_bytes(film[::-1])
    code, said = screen.push(3, screen.with_file("altered", Path("film.mp4")), altered)
    expect("schedule 3 is accepted by the server", code == 0, said)
    wait_for("telemetry names the altered file", lambda: "sha256" in screen.log("telemetry").split("schedule 3 ")[-1]
             and hashlib.sha256(film).hexdigest()[:8] in screen.log("telemetry"))
    expect("the screen stays with generation 2", "generation 3" not in screen.log("player"))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    out = arguments.out
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    demo = subprocess.Popen([sys.executable, "-B", DEMO, "--bin", arguments.bin, "--out", out, "--keep-out", "--seconds", "60"],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert demo.stdout
    wrong = ""
    try:
        for line in demo.stdout:
            print(line, end="", flush=True)
            if "seconds on the air" in line:
                break
        try:
            wait_for("generation 1 is confirmed", lambda: "generation 1 is confirmed" in Screen(arguments.bin, out).log("player"))
            try_everything(Screen(arguments.bin, out))
        except AssertionError as failure:
            wrong = str(failure)
        for line in demo.stdout:
            print(line, end="", flush=True)
    finally:
        code = demo.wait()
    store = sqlite3.connect(f"file:{out}/backend/store.db?mode=ro", uri=True)
    told = [text for (text,) in store.execute("SELECT text FROM event WHERE kind = 'notice' ORDER BY seq")]
    for text in told:
        print(f"refusals: the backend was told: {text}")
    for part in ("schedule 7", "(minutes) of schedule 2", hashlib.sha256(b"a file that somebody changes on its way" * 50).hexdigest()[:8]):
        if not wrong and not any(part in text for text in told):
            wrong = f"no event in the store speaks of {part}"
    if wrong or code != 0:
        print(f"refusals: FAILED: {wrong or f'the demo ended with {code}'}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
