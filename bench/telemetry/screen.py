"""What a screen costs: memory and CPU of vitrine-telemetry at rest, and the flash that all four daemons write in a day.

    python3 bench/telemetry/screen.py                      both sections
    python3 bench/telemetry/screen.py --only idle          telemetry against a real broker and ingest, nothing playing
    python3 bench/telemetry/screen.py --only flash --minutes 5

The set-up is the demo's: broker (mTLS), origin, ingest, desired, and for `flash` player (headless), vet and audience too,
with the batches of a screen in the field (300 s) and its volatile files on tmpfs. For `flash` the screen's state lies alone
in an ext4 of its own with a journal, in a file (root; it ends with the run), and what is counted are the sectors written to
that device: the daemons' pages and whatever the file system adds. The kernel's count for each daemon stands beside it
(write_bytes of /proc/PID/io). What plays are stills of 15 s, so that a minute here is a minute of a day of 5760 plays. The
-wal files are made as long as they are after a screen's first hours, when SQLite begins to write them from the front again:
until then each commit also pays for their growth. With --trace another two minutes under strace say which file took how
much.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "demo"))

import books  # noqa: E402
import media  # noqa: E402
import pki  # noqa: E402
import screen  # noqa: E402
import servers  # noqa: E402
from demo import wait_until  # noqa: E402
from supervisor import Service, Supervisor  # noqa: E402

STILLS = tuple(spec.id for spec in media.CREATIVES if spec.is_still)
DAEMONS = ("telemetry", "player", "audience", "vet")
DATABASES = ("player/plays.db", "audience/exposure.db", "telemetry/outbox.db")
WAL_BYTES = 1000 * (1024 + 24)  # frames before a checkpoint (platform/sqlite.cpp), pages (state/log_file.cpp)
FLASH_BYTES = 2_000_000_000
GOAL_PSS_MB, GOAL_CPU_PERCENT, GOAL_FLASH_MB = 25.0, 0.3, 60.0


class Folders(screen.Folders):
    """All on tmpfs, but what a screen keeps on its flash."""

    @property
    def keys(self) -> Path:
        return Path(os.environ["VITRINE_BENCH_FLASH"]) / "keys"


class Site:
    """Backend and screen, started in the demo's order."""

    def __init__(self, out: Path, programs: Path) -> None:
        self.folders = Folders(out)
        self.folders.clear()
        self.supervisor = Supervisor(self.folders.logs)
        self.installation = screen.Installation(self.folders, programs, programs / "vitrine-player",
                                                pki.Authority(out / "pki"), servers.free_port(), servers.free_port(),
                                                servers.free_port())

    def run(self, command: list[str]) -> str:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True).stdout

    def start_backend(self) -> None:
        self.installation.start_backend(self.supervisor, self.run)

    def grow_wals(self) -> None:
        for name in DATABASES:
            wal = self.folders.state / f"{name}-wal"
            with wal.open("r+b", buffering=0) as file:
                file.seek(0, os.SEEK_END)
                file.write(bytes(max(0, WAL_BYTES - file.tell())))
                os.fsync(file.fileno())

    def daemons(self, camera: str) -> list[Service]:
        services = self.installation.screen(camera, sealed=False)
        for service in services:  # the demo keeps the pictures, a screen does not
            words = list(service.command)
            if "--keep" in words:
                at = words.index("--keep")
                service.command = words[:at] + words[at + 2:]
        return services

    def schedule(self) -> dict[str, Any]:
        """Two of the demo's stills, 15 s each, in turn."""
        document = screen.schedule_document()
        document["creatives"] = [one | {"length_ms": 15_000} for one in document["creatives"] if one["id"] in STILLS]
        campaign = document["campaigns"][0]
        campaign.pop("rules")
        campaign["flights"][0]["creatives"] = [{"creative": one, "weight": 1} for one in STILLS]
        document["campaigns"], document["house"] = [campaign], [STILLS[0]]
        return document

    def push(self, media_directory: Path) -> None:
        settings = screen.settings_document(self.installation) | {"batch_period_s": 300, "live": False}
        self.run(self.installation.push_command("settings", 1, settings, 0))
        self.run(self.installation.push_command("schedule", 1, self.schedule(), 180,
                                                media_directory / "creatives"))

    def pid(self, name: str) -> int:
        process = self.supervisor.services[name].process
        assert process is not None
        return process.pid


def pss_mb(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.M).group(1)) / 1024  # type: ignore[union-attr]


def cpu_s(pid: int) -> float:
    """All threads, to the nanosecond."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


def written(pid: int) -> int:
    io = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(io["write_bytes"]) - int(io["cancelled_write_bytes"])


def idle(site: Site, seconds: int) -> dict[str, float]:
    site.start_backend()
    telemetry = next(one for one in site.daemons("none") if one.name == "telemetry")
    site.supervisor.start(telemetry)
    site.supervisor.wait_ready("telemetry", 30)
    status = site.folders.run / "telemetry" / "status"
    if not wait_until(lambda: status.exists() and "link_up = 1" in status.read_text(), 30):
        raise RuntimeError("telemetry does not reach the broker")
    time.sleep(15)  # first rows, first batches
    pid = site.pid("telemetry")
    before, began = cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    return {"pss_mb": pss_mb(pid), "cpu_percent": 100 * (cpu_s(pid) - before) / (time.monotonic() - began),
            "seconds": seconds, "load": os.getloadavg()[0]}


def traced(site: Site, seconds: int) -> dict[str, int]:
    """Bytes that the daemons hand to write() and pwrite(), by file."""
    by_file: dict[str, int] = defaultdict(int)
    logs = {name: site.folders.out / f"strace.{name}" for name in DAEMONS}
    tracers = [subprocess.Popen(["strace", "-f", "-q", "-y", "-e", "trace=write,pwrite64,writev", "-s", "0", "-o", str(log),
                                 "-p", str(site.pid(name))], stderr=subprocess.DEVNULL) for name, log in logs.items()]
    time.sleep(seconds)
    for tracer in tracers:
        tracer.terminate()
        tracer.wait()
    for name, log in logs.items():
        for path, count in re.findall(r"(?:write|pwrite64|writev)\(\d+<([^>]*)>.* = (\d+)$", log.read_text(), re.M):
            if path.startswith(f"{site.folders.state}/"):
                by_file[f"{name} {path.removeprefix(f'{site.folders.state}/')}"] += int(count)
    return dict(by_file)


def mount_flash(at: Path, options: str) -> None:
    """A file system of its own for the screen, in this process's mount namespace."""
    image = at.with_suffix(".img")
    image.unlink(missing_ok=True)
    with image.open("wb") as file:
        file.truncate(FLASH_BYTES)
    # Tables written now, not by the kernel while we count.
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image)], check=True)
    subprocess.run(["mount", "-o", f"loop,{options}", str(image), str(at)], check=True)


def device_written(path: Path) -> int:
    """Bytes, of the whole file system, now that nothing waits any more."""
    os.sync()
    device = path.stat().st_dev
    sectors = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat").read_text().split()[6]
    return int(sectors) * 512


def flash(site: Site, minutes: float, trace: bool) -> dict[str, object]:
    media_directory = media.make(ROOT / "demo" / "out" / "media")
    site.start_backend()
    for service in site.daemons(str(media_directory / "camera.mp4")):
        site.supervisor.start(service)
    for name in DAEMONS:
        site.supervisor.wait_ready(name, 30)
    site.grow_wals()
    site.push(media_directory)
    live = books.Live(site.folders.run)
    if not wait_until(lambda: live.player().creative != 0, 60):
        raise RuntimeError("nothing was shown within 60 s of the push")
    time.sleep(30)  # the work of a new schedule is not a day's
    record = books.Books(site.folders.state, site.folders.store)
    pids = {name: site.pid(name) for name in DAEMONS}
    before, device_before = {name: written(pid) for name, pid in pids.items()}, device_written(site.folders.state)
    plays, began = record.figures().logged, time.monotonic()
    time.sleep(minutes * 60)
    plays = record.figures().logged - plays
    seconds = time.monotonic() - began
    spent = {name: written(pid) - before[name] for name, pid in pids.items()}
    device = device_written(site.folders.state) - device_before
    day = {name: count / seconds * 86_400 / 1e6 for name, count in spent.items()}
    result: dict[str, object] = {"minutes": round(seconds / 60, 1), "plays": plays, "plays_a_day": round(plays / seconds * 86_400),
                                 "mb_a_day_by_daemon": day, "mb_a_day": device / seconds * 86_400 / 1e6}
    if trace:
        count = record.figures().logged
        files = traced(site, 120)
        result["traced_plays"] = record.figures().logged - count
        result["bytes_by_file_in_120_s"] = files
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description="What a screen costs at rest and in flash.")
    parser.add_argument("--only", choices=("idle", "flash"))
    parser.add_argument("--seconds", type=int, default=60, help="of rest that are measured (60)")
    parser.add_argument("--minutes", type=float, default=10, help="of playing that are measured (10)")
    parser.add_argument("--trace", action="store_true", help="two minutes more under strace: which file took how much")
    parser.add_argument("--mount-options", default="noatime,lazytime,commit=300", help="of the screen's file system (docs/flash.md)")
    parser.add_argument("--bin", type=Path, default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench-screen")
    arguments = parser.parse_args()
    if arguments.only != "idle" and os.geteuid() != 0:
        print("the flash is measured on a file system of its own, which only root can mount; --only idle needs no root", file=sys.stderr)
        return 2
    if arguments.only != "idle" and "VITRINE_BENCH_MOUNTS" not in os.environ:
        os.environ["VITRINE_BENCH_MOUNTS"] = "own"  # a mount namespace that ends with us
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
    met = True
    with tempfile.TemporaryDirectory(prefix="vitrine-", dir="/dev/shm") as volatile:
        for section in ("idle", "flash"):
            if arguments.only not in (None, section):
                continue
            arguments.out.mkdir(parents=True, exist_ok=True)
            os.environ["VITRINE_BENCH_FLASH"] = str(arguments.out.resolve())
            if section == "flash":
                mount_flash(arguments.out, arguments.mount_options)
            site = Site(Path(volatile) / section, arguments.bin.resolve())
            try:
                result = idle(site, arguments.seconds) if section == "idle" else flash(
                    site, arguments.minutes, arguments.trace)
            finally:
                site.supervisor.close()
            print(json.dumps({section: result}, indent=2), flush=True)
            if section == "idle":
                met = met and result["pss_mb"] <= GOAL_PSS_MB and result["cpu_percent"] <= GOAL_CPU_PERCENT  # type: ignore[operator]
            else:
                met = met and result["mb_a_day"] <= GOAL_FLASH_MB  # type: ignore[operator]
    print("goals met" if met else f"goals missed: PSS {GOAL_PSS_MB} MB, CPU {GOAL_CPU_PERCENT} %, flash {GOAL_FLASH_MB} MB a day")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
