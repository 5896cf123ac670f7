"""A fleet against a whole backend on this machine: real mosquitto with mTLS and ACL, real vitrine-ingest, and the
telemetry code of many screens. Prints a line a second and what each process costs.

    fleet.py --bin build/release/bin --screens 5000 --seconds 20 --speedup 300

Everything after the driver's own options goes to `vitrine-fleet run` (--help says which). The folder is kept with --out;
the spool is checked at the end: every play that was acknowledged is in it exactly once."""

import argparse
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Iterator

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "demo"))
from pki import Identity  # noqa: E402
from servers import accepts_connections, broker_command, free_port  # noqa: E402


class Prepared:
    """What `vitrine-fleet prepare` made, in the shape of the demo's authority."""

    def __init__(self, directory: Path) -> None:
        self.tls = directory / "tls"
        self.certificate = self.tls / "ca.pem"

    def identity(self, name: str) -> Identity:
        return Identity(self.tls / f"{name}.pem", self.tls / f"{name}.key")


def backend_config(directory: Path, prepared: Prepared, port: int) -> Path:
    ingest = prepared.identity("ingest")
    path = directory / "backend.toml"
    path.write_text(f"""registry = "{directory}/fleet/registry.json"
[mqtt]
port = {port}
ca = "{prepared.certificate}"
[ingest]
certificate = "{ingest.certificate}"
key = "{ingest.key}"
sign_key = "{directory}/fleet/ingest.key"
key_id = "ingest-1"
spool = "{directory}/spool"
store = "{directory}/store.db"
""")
    return path


@contextlib.contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(what: str, holds: "object", process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while not holds():  # type: ignore[operator]
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not ready; the end of {log}:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def measure(options: argparse.Namespace, directory: Path, rest: list[str]) -> int:
    fleet = options.bin / "vitrine-fleet"
    began = time.monotonic()
    subprocess.run([fleet, "prepare", "--out", directory / "fleet", "--screens", str(options.screens)], check=True)
    print(f"made keys and certificates of {options.screens} screens in {time.monotonic() - began:.1f} s", flush=True)
    prepared = Prepared(directory / "fleet")
    port = free_port()
    broker_log, ingest_log = directory / "broker.log", directory / "ingest.log"
    command = broker_command(directory / "broker", "127.0.0.1", port, prepared, prepared.identity("broker"), enrolment=False)
    with running(command, broker_log) as broker:
        wait_for("broker", lambda: accepts_connections(port), broker, broker_log)
        ingest_command = [*options.wrap, options.bin / "vitrine-ingest", "--config", backend_config(directory, prepared, port)]
        with running([str(word) for word in ingest_command], ingest_log) as ingest:
            wait_for("ingest", lambda: "connected to the broker" in ingest_log.read_text(), ingest, ingest_log)
            summary = directory / "summary.json"
            run = [fleet, "run", "--in", directory / "fleet", "--port", str(port), "--screens", str(options.screens),
                   "--watch", f"broker={broker.pid}", "--watch", f"ingest={ingest.pid}",
                   "--watch", f"store={ingest.pid}/store-loader", "--json", summary, *rest]
            done = subprocess.run([str(word) for word in run])
    print("spool: ", end="", flush=True)
    checked = subprocess.run([fleet, "check", "--spool", directory / "spool"], capture_output=True, text=True)
    print(checked.stdout, checked.stderr, sep="", end="")
    if done.returncode != 0 or checked.returncode != 0:
        for log in (broker_log, ingest_log):
            print(f"-- the end of {log.name}\n{log.read_text()[-1500:]}")
        return 1
    plays = json.loads(summary.read_text())["plays"]
    if f" {plays} plays" not in checked.stdout:
        print(f"{plays} plays were played, another number is in the spool")
        return 1
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=Path("build/release/bin"), help="where the programs are")
    parser.add_argument("--screens", type=int, default=5000)
    parser.add_argument("--out", type=Path, help="a new folder for everything; kept")
    parser.add_argument("--wrap", default="", help="a command to run the ingest under, e.g. 'perf record -g -o p.data'")
    options, rest = parser.parse_known_args()
    options.wrap = options.wrap.split()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a descriptor a screen, here and in the broker
    if options.out:
        options.out.mkdir(parents=True)
        return measure(options, options.out.resolve(), rest)
    with tempfile.TemporaryDirectory(prefix="vitrine-fleet-", dir=os.environ.get("TMPDIR")) as directory:
        return measure(options, Path(directory), rest)


if __name__ == "__main__":
    sys.exit(main())
