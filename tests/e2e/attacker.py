"""Telemetry in an attacker's hands, on a running demo: it is killed, and a double of it (attacker/) with its files, its
certificate and a stolen key tries what docs/security.md says it cannot do. Then the true telemetry comes back, a new
schedule is pushed and has to arrive, and the demo's own books must close: glass = log = stored = acknowledged.

    attacker.py --bin DIR --out DIR
"""

import argparse
import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "demo"
sys.path.insert(0, str(DEMO))
import demo  # noqa: E402
import in_place  # noqa: E402
import media  # noqa: E402
import pki  # noqa: E402
import screen  # noqa: E402
import servers  # noqa: E402
from glass_reader import read_glass  # noqa: E402
from log_copy import copied  # noqa: E402
from refusals import decode, encode, expect, wait_for  # noqa: E402
from supervisor import Supervisor  # noqa: E402

# What each attempt must be answered with. What telemetry may do after all is in docs/security.md.
ANSWERS = [
    ("altered-payload", "wrong signature"),
    ("unknown-key", "wrong signature"),
    ("older", "older version"),
    ("another-screen", "meant for screen/lobby-2"),
    ("nested", "envelope"),
    ("revoked-key", "revoked"),
    ("revoked-key", "revoked"),
    ("path-as-content", "manifest names a creative '../../identity/root.pub'"),
    ("fifo", "schedule"),
    ("command", "no: "),
    ("command", "no: "),
    ("invented-log", "quarantined"),
    ("invented-rows", "quarantined"),
    ("altered-row", "quarantined"),
    ("gap", "quarantined"),
    ("shortened", "quarantined"),
    ("true-rows", "stored"),
    ("replayed", "stored"),
    ("another-screens-log", "quarantined"),
    ("another-screens-topic", "refused"),
    ("no-batch", "no answer"),
    ("empty", "quarantined"),
    ("false-drop-notice", "stored"),
    ("false-counts", "stored"),
    ("forged-ack", "refused"),
    ("forged-ack-elsewhere", "refused"),
    ("group-topic", "refused"),
    ("own-desired-topic", "refused"),
    ("oversized", "Packet larger"),
]


def sign_trust(trust: dict, version: int, root: Path, out: Path) -> None:
    """The root signs away from any network, here with openssl alone."""
    header = {"alg": "EdDSA", "aud": "group/demo", "exp": 0, "iat": int(time.time()), "kid": "root", "typ": "trust", "ver": version}
    text = ".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, trust))
    key, message = out.with_suffix(".der"), out.with_suffix(".txt")
    key.write_bytes(bytes.fromhex("302e020100300506032b657004220420") + decode(root.read_text().strip()))  # RFC 8410
    message.write_text(text)
    signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key, "-in", message],
                               check=True, capture_output=True, timeout=30).stdout
    key.unlink()
    message.unlink()
    out.write_text(f"{text}.{encode(signature)}")


class Attacked(demo.Demo):
    """The demo, with other things to do while it is on the air."""

    def log(self, name: str) -> str:
        return self.supervisor.log_path(name).read_text()

    def vitrine(self, *arguments: object) -> str:
        return self._run([str(self.installation.programs / "vitrine"), *map(str, arguments)])

    def sign(self, document: dict, kind: str, to: str, version: int, key: Path, key_id: str, out: Path) -> None:
        path = self.folders.out / "push" / f"signed-{kind}-{version}-{key_id}.json"
        path.write_text(json.dumps(document))
        self.vitrine("sign", path, "--kind", kind, "--to", to, "--version", version, "--key", key, "--key-id", key_id,
                     "--files", self.media / "creatives", "--out", out)

    def publish_trust(self, path: Path) -> None:
        """As vitrine-desired does: retained, where the screens of the group look."""
        out = self.folders.out / "pki"
        subprocess.run(["mosquitto_pub", "-V", "5", "-q", "1", "-r", "-h", "127.0.0.1", "-p", str(self.installation.mqtt_port),
                        "-i", "trust", "--cafile", out / "ca.pem", "--cert", out / "desired.pem", "--key", out / "desired.key",
                        "-t", "vt/v1/g/demo/desired/trust", "-f", path], check=True, timeout=30)

    def push_schedule(self, version: int) -> None:
        document = screen.schedule_document() | {"label": f"demo week {version}"}
        demo.say(self._run(self.installation.push_command("schedule", version, document, demo.PUSH_WAIT_S, self.media / "creatives")))

    def gather_loot(self) -> Path:
        """A key that the newest trust document revokes and the document before it; schedules of old and of elsewhere; a
        takeover that one person signed."""
        loot, keys = self.folders.out / "loot", self.folders.keys / "keys"
        shutil.rmtree(loot, ignore_errors=True)
        loot.mkdir()
        stranger = loot / "stranger"
        self.vitrine("keys", "--out", stranger, "--screen", "elsewhere", "--area", 1, "--zone", "Etc/UTC", "--group", "demo",
                     "--mqtt-host", "127.0.0.1")
        shutil.copy(stranger / "keys" / "operator.key", loot / "stolen.key")
        trust = json.loads(decode((self.folders.keys / "trust.jws").read_text().split(".")[1]))
        key = dict(next(entry for entry in trust["keys"] if entry["key_id"] == "operator-1"))
        key |= {"key_id": "stolen-1", "public_key": decode((stranger / "keys" / "operator.pub").read_text().strip()).hex()}
        trust["keys"].append(key)
        for version, revoked, path in ((2, [], loot / "trust.jws"), (3, ["stolen-1"], self.folders.out / "push" / "trust-3.jws")):
            sign_trust(trust | {"revoked": revoked}, version, keys / "root.key", path)
            self.publish_trust(path)
            wait_for(f"the player holds trust {version}", lambda v=version: f"trust {v} holds" in self.log("player"))

        first = self.folders.state / "telemetry" / "offered" / "1" / "schedule"
        (loot / "older.jws").write_text(first.read_text())
        document = json.loads((self.folders.out / "push" / "schedule-1.json").read_text())
        self.sign(document, "schedule", "screen/lobby-2", 40, keys / "operator.key", "operator-1", loot / "elsewhere.jws")
        one = document["creatives"][0]["variants"][0]["file"]
        takeover = {"creative": 1, "creatives": [{"id": 1, "label": "takeover", "variants": [{"id": 1, "file": one}]}]}
        self.sign(takeover, "takeover", "group/demo", 1, keys / "takeover.key", "takeover-1", loot / "takeover.jws")
        return loot

    def attack(self) -> None:
        folders = self.folders
        wait_for("generation is confirmed", lambda: "is confirmed (schedule 1)" in self.log("player"))
        loot = self.gather_loot()
        self.push_schedule(2)
        wait_for("schedule 2 is confirmed", lambda: "is confirmed (schedule 2)" in self.log("player"))
        # Rows that the ingest has, and rows that it has not.
        wait_for("four plays are acknowledged", lambda: self.books.figures().acknowledged >= 4, 120)

        print("attacker: telemetry is killed, its double takes its place", flush=True)
        self.supervisor.fell("telemetry")
        self.rewrite_in_play()
        shutil.copytree(folders.state / "telemetry" / "offered", loot / "offered")
        before = len(read_glass(folders.glass))
        done = subprocess.run([self.installation.programs / "vitrine-telemetry-double", "--state", folders.state, "--run", folders.run,
                               "--loot", loot], capture_output=True, text=True, timeout=240)
        print(done.stdout, flush=True)
        expect("the double came to its end", done.returncode == 0, done.stderr)
        self.check_answers(done.stdout)
        self.check_glass(before)

        print("attacker: the true telemetry comes back", flush=True)
        self.supervisor.start(self.supervisor.services["telemetry"])
        self.push_schedule(3)
        wait_for("schedule 3 reaches the glass", lambda: "is confirmed (schedule 3)" in self.log("player"))
        time.sleep(8)  # some plays of it

    def rewrite_in_play(self) -> None:
        spec = media.CREATIVES[0]
        name = hashlib.sha256((self.media / "creatives" / spec.name).read_bytes()).hexdigest()
        in_place.rewrite_in_play(self.folders, spec.id, self.folders.state / "telemetry" / "content" / name, lambda: self.log("player"))

    def give_back_documents(self) -> None:
        """Forged generations push true ones out of what telemetry keeps. Whoever audits such a screen takes them from the
        server's archive; here from a copy."""
        offered = self.folders.state / "telemetry" / "offered"
        for generation in ("1", "2"):
            shutil.copytree(self.folders.out / "loot" / "offered" / generation, offered / generation, dirs_exist_ok=True)

    def check_answers(self, said: str) -> None:
        answers = [line.removeprefix("attack ").split(": ", 1) for line in said.splitlines() if line.startswith("attack ")]
        answers = [(name, answer) for name, answer in answers if name not in ("takeovers", "content", "last-number", "clock")]
        expect("each attempt was made", [name for name, _ in answers] == [name for name, _ in ANSWERS], answers)
        for (name, answer), (_, wanted) in zip(answers, ANSWERS):
            expect(f"{name}: {answer}", wanted in answer, f"'{wanted}' was expected")
        log = self.log("player")
        for why in ("takeover 1 for group/demo signed by takeover-1: ", "takeover 2 for group/demo signed by takeover-1: "):
            expect("a takeover is refused: " + why, "cannot apply the takeover: " + why in log, log[-3000:])
        expect("no takeover was in force", "is in force as long" not in log)

    def check_glass(self, before: int) -> None:
        """Meanwhile the screen went on with what the operator pushed, and with nothing else."""
        plays = read_glass(self.folders.glass)
        pushed = {spec.id for spec in media.CREATIVES}
        expect(f"the screen went on: {len(plays) - before} plays", len(plays) > before)
        expect("only pushed creatives were on the glass", {play.creative for play in plays} <= pushed)

    def check_store(self) -> None:
        """Row by row the store has what the player wrote, or less of it."""
        columns = "log_id, seq, kind, creative, campaign, first_flip_us, last_flip_us, frames_shown"
        with copied(self.folders.state / "player" / "plays.db") as log:
            written = set(log.execute(f"SELECT {columns} FROM play"))
            chains = {(log_id, seq): chain.hex() for log_id, seq, chain in log.execute("SELECT log_id, seq, chain FROM play")}
        with closing(sqlite3.connect(f"file:{self.folders.store}?mode=ro", uri=True)) as store:
            stored = store.execute(f"SELECT {columns} FROM play").fetchall()
            expect(f"all {len(stored)} plays of the store were written by the player", set(stored) == written and len(stored) == len(written),
                   set(stored) ^ written)
            expect("with the player's own chain", all(chains[log_id, last] == chain for log_id, last, chain
                                                      in store.execute("SELECT log_id, last, chain_after FROM batch WHERE stream = 0")))
            expect("of this screen alone", store.execute("SELECT DISTINCT device FROM play").fetchall() == [(screen.SCREEN,)])
            expect("the false notice changes nothing of that", store.execute(
                "SELECT count(*) FROM event WHERE kind = 'drop'").fetchone()[0] == 1)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    folders = screen.Folders(options.out.resolve())
    shutil.rmtree(folders.out, ignore_errors=True)
    folders.out.mkdir(parents=True)
    arguments = argparse.Namespace(camera="", campaigns=0, ticker="", kill=[("telemetry", 0.0)], bin=options.bin)
    supervisor = None
    problems: list[str] = []
    try:
        folders.clear()
        supervisor = Supervisor(folders.logs)
        attacked = Attacked(arguments, supervisor, screen.Installation(
            folders, options.bin.resolve(), options.bin.resolve() / "vitrine-player", pki.Authority(folders.out / "pki"),
            servers.free_port(), servers.free_port(), servers.free_port()), media.make(DEMO / "out" / "media"))
        attacked.start_backend()
        attacked.start_screen()
        attacked.push()
        attacked.attack()
        attacked.wind_down()
        attacked.give_back_documents()
        problems = attacked.account()
        attacked.check_store()
    except (AssertionError, demo.DemoFailed, RuntimeError, ValueError, OSError, subprocess.SubprocessError) as error:
        problems.append(str(error))
    finally:
        if supervisor is not None:
            supervisor.close()
    for problem in problems:
        print(f"attacker: FAILED: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
