"""The demo's installation: where everything lies and how each program is called."""

import json
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Callable, Optional
from zoneinfo import ZoneInfo

import media
import pki
import servers
from supervisor import Service, Supervisor, wait_until

SCREEN, GROUP, OPERATOR, AREA, ZONE = "lobby-1", "demo", "operator", 7, "Europe/Berlin"
SIZE = (1280, 720)
PLAYER_WATCHDOG_S = 10


def today() -> date:
    """By the screen's own clocks."""
    return datetime.now(ZoneInfo(ZONE)).date()


@dataclass(frozen=True)
class Folders:
    out: Path

    @property
    def logs(self) -> Path:
        return self.out / "log"

    @property
    def glass(self) -> Path:
        return self.out / "glass"

    @property
    def origin(self) -> Path:
        return self.out / "origin"

    @property
    def keys(self) -> Path:
        return self.out / "keys"

    @property
    def state(self) -> Path:
        return self.keys / "screens" / SCREEN

    @property
    def run(self) -> Path:
        return self.out / "run"

    @property
    def backend(self) -> Path:
        return self.out / "backend"

    @property
    def store(self) -> Path:
        return self.backend / "store.db"

    def clear(self) -> None:
        """Takes away what the last run left; the media beside it stay."""
        for name in ("log", "glass", "origin", "keys", "run", "backend", "pki", "broker", "nginx", "push"):
            shutil.rmtree(self.out / name, ignore_errors=True)
        for made in (self.logs, self.glass, self.origin, self.run, self.backend, self.out / "push"):
            made.mkdir(parents=True)


@dataclass(frozen=True)
class Installation:
    folders: Folders
    programs: Path  # directory of the binaries
    player: Path  # another player binary for the tests that lie
    authority: pki.Authority
    mqtt_port: int
    origin_port: int
    enrol_port: int
    address: str = "127.0.0.1"  # where broker and origin listen
    size: tuple[int, int] = SIZE
    display: str = ""  # of an X server; none: a headless output, which keeps the record of the glass itself
    framebuffer: Optional[Path] = None  # the file in which an Xvfb has its screen, read for that record
    camera_basis: str = "no camera: drawn figures, or footage that was handed in"

    @property
    def origin_url(self) -> str:
        return f"https://{self.address}:{self.origin_port}"

    def keys_command(self) -> list[str]:
        return [str(self.programs / "vitrine"), "keys", "--out", str(self.folders.keys), "--screen", SCREEN,
                "--area", str(AREA), "--zone", ZONE, "--group", GROUP,
                "--mqtt-host", self.address, "--mqtt-port", str(self.mqtt_port)]

    def install_screen(self) -> None:
        """What packages (tmpfiles.d) do on a real screen: each daemon's directory. And what a technician does: the camera
        counts nothing unless somebody recorded what allows it."""
        for daemon in ("player", "audience", "telemetry", "vet", "camera"):
            (self.folders.state / daemon).mkdir(exist_ok=True)
            (self.folders.run / daemon).mkdir(exist_ok=True)
        (self.folders.state / "camera" / "settings.toml").write_text(camera_settings(self.camera_basis))

    def token_command(self, config: Path) -> list[str]:
        """What the backend's side types for a new screen."""
        return [str(self.programs / "vitrine"), "token", "--config", str(config), "--screen", SCREEN, "--area", str(AREA),
                "--zone", ZONE, "--group", GROUP]

    def enrol_command(self, token: str) -> list[str]:
        """What the technician types at the screen. Its keys are made there."""
        return [str(self.programs / "vitrine"), "enrol", "--state", str(self.folders.state), "--server", self.origin_url,
                "--ca", str(self.authority.certificate), "--token", token]

    def write_backend_config(self) -> Path:
        keys, backend = self.folders.keys, self.folders.backend
        ingest, desired = self.authority.issue("ingest"), self.authority.issue("desired")
        path = backend / "backend.toml"
        path.write_text(f"""registry = "{keys}/registry.json"
root_key = "{keys}/keys/root.pub"
trust = "{keys}/trust.jws"

[mqtt]
host = "{self.address}"
port = {self.mqtt_port}
ca = "{self.authority.certificate}"

[ingest]
certificate = "{ingest.certificate}"
key = "{ingest.key}"
sign_key = "{keys}/keys/ingest.key"
key_id = "ingest-1"
spool = "{backend}/spool"
store = "{self.folders.store}"

[desired]
certificate = "{desired.certificate}"
key = "{desired.key}"
archive = "{backend}/archive"
origin = "{self.folders.origin}"

[enrol]
url = "{self.origin_url}"
listen = "127.0.0.1:{self.enrol_port}"
ca_certificate = "{self.authority.certificate}"
ca_key = "{self.authority.key}"
tenant_key = "{keys}/keys/tenant.key"
book = "{backend}/enrol.db"
mqtt_host = "{self.address}"
mqtt_port = {self.mqtt_port}
operators = ["{OPERATOR}"]
acl_base = "{servers.SHIPPED_BROKER}/acl"
acl = "{self.folders.out}/broker/acl"
crl = "{self.folders.out}/broker/revoked.pem"
broker_pid = "{self.folders.out}/broker/mosquitto.pid"
""")
        return path

    def servers(self, config: Path) -> list[Service]:
        """Enrolment first: it writes what the broker reads at its start."""
        server = self.authority.issue("server", server=self.address)
        out = self.folders.out
        broker = servers.broker_command(out / "broker", self.address, self.mqtt_port, self.authority, server)
        return [
            Service("enrol", [str(self.programs / "vitrine-enrol"), "--config", str(config)], notifies=True),
            Service("broker", broker),
            Service("origin", servers.origin_command(out / "nginx", self.address, self.origin_port, self.folders.origin,
                                                     server, self.enrol_port)),
        ]

    def start_doors(self, supervisor: Supervisor, run: Callable[[list[str]], str]) -> Path:
        """Keys, enrolment, broker and origin; the backend's configuration. `run` runs a command and returns what it printed."""
        run(self.keys_command())
        config = self.write_backend_config()
        for service in self.servers(config):
            supervisor.start(service)
            if service.notifies:
                supervisor.wait_ready(service.name, 20)
        for name, port in (("broker", self.mqtt_port), ("origin", self.origin_port)):
            if not wait_until(lambda port=port: servers.accepts_connections(port, self.address), 20):  # type: ignore[misc]
                raise RuntimeError(f"{name} does not listen on port {port}; end of its log:\n{supervisor.log_tail(name)}")
        return config

    def start_backend(self, supervisor: Supervisor, run: Callable[[list[str]], str]) -> str:
        """The doors, a screen enrolled with a one-time token, ingest and desired; what enrolling said."""
        config = self.start_doors(supervisor, run)
        self.install_screen()
        token = run(self.token_command(config)).splitlines()[0].strip()
        said = run(self.enrol_command(token)).strip()
        for service in self.backend(config):
            supervisor.start(service)
        for name in ("ingest", "desired"):
            supervisor.wait_ready(name, 30)
        return said

    def backend(self, config: Path) -> list[Service]:
        return [Service(name, [str(self.programs / f"vitrine-{name}"), "--config", str(config)], notifies=True)
                for name in ("ingest", "desired")]

    def screen(self, camera: str, sealed: bool) -> list[Service]:
        """The daemons of one screen; `sealed`: player and audience get a network with nobody in it."""
        places = ["--state", str(self.folders.state), "--run", str(self.folders.run)]
        size = ["--size", f"{self.size[0]}x{self.size[1]}"]
        output = (["--output", "x11", "--display", self.display, *size] if self.display else
                  ["--output", "headless", *size, "--keep", str(self.folders.glass)])
        witness = [] if self.framebuffer is None else [
            Service("glass", [str(self.programs / "vitrine-xvfb-glass"), str(self.framebuffer), str(self.folders.glass),
                              self.display])]
        return [
            *witness,
            Service("telemetry", [str(self.programs / "vitrine-telemetry"), *places], notifies=True),
            Service("vet", [str(self.programs / "vitrine-vet"), "--watch", *places], notifies=True),
            Service("player", [str(self.player), *places, *output],
                    notifies=True, watchdog_s=PLAYER_WATCHDOG_S, no_network=sealed),
            Service("audience", [str(self.programs / "vitrine-audience"), *places, "--camera", camera],
                    notifies=True, no_network=sealed),
        ]

    def audit_command(self, day: date) -> list[str]:
        return [str(self.programs / "vitrine"), "audit", "--state", str(self.folders.state), "--day", day.isoformat()]

    def operator_options(self) -> list[str]:
        """Who the operator is to the broker."""
        pki_directory = self.authority.certificate.parent
        if not (pki_directory / f"{OPERATOR}.pem").exists():
            self.authority.issue(OPERATOR)
        return ["--operator", OPERATOR, "--broker", f"{self.address}:{self.mqtt_port}", "--ca", str(self.authority.certificate),
                "--certificate", str(pki_directory / f"{OPERATOR}.pem"), "--tls-key", str(pki_directory / f"{OPERATOR}.key")]

    def sample_command(self) -> list[str]:
        """Asks for a picture of what is on the glass, for the monitoring report."""
        return [str(self.programs / "vitrine"), "sample", "--config", str(self.folders.backend / "backend.toml"), "--screens", "1",
                "--key", str(self.folders.keys / "keys" / "operator.key"), "--key-id", "operator-1", *self.operator_options()]

    def push_command(self, kind: str, version: int, document: dict[str, Any], wait_s: int,
                     files: Path | None = None, signers: tuple[str, ...] = ("operator-1",)) -> list[str]:
        """What an operator types, or two. The document is written beside the other pushes."""
        path = self.folders.out / "push" / f"{kind}-{version}.json"
        path.write_text(json.dumps(document, indent=2) + "\n")
        command = [str(self.programs / "vitrine"), "push", str(path), "--kind", kind, "--to", f"group/{GROUP}",
                   "--version", str(version), *self.operator_options(), "--wait", str(wait_s)]
        for option, key_id in zip(("key", "countersign"), signers):
            command += [f"--{option}", str(self.folders.keys / "keys" / f"{key_id.removesuffix('-1')}.key"),
                        "--key-id" if option == "key" else "--countersign-id", key_id]
        if files is not None:
            command += ["--files", str(files), "--origin", str(self.folders.origin)]
        return command


def camera_settings(basis: str) -> str:
    """camera/settings.toml: switched on, and what allows it (docs/privacy.md)."""
    return (f"on = true\n\n[basis]\ntext = {json.dumps(basis)}\nby = \"who started this demonstration\"\n"
            f"date = \"{today().isoformat()}\"\n")


def settings_document(installation: Installation) -> dict[str, Any]:
    return {"origins": [installation.origin_url], "batch_period_s": 20, "confirm_s": 5, "live": True}


def takeover_document(until_utc: int) -> dict[str, Any]:
    """One of the schedule's videos, which every screen has, for as long as it says."""
    spec = next(spec for spec in media.CREATIVES if not spec.is_still)
    return {"creative": spec.id, "until_utc": until_utc,
            "creatives": [{"id": spec.id, "label": "takeover", "variants": [{"id": spec.id, "file": spec.name}]}]}


def schedule_document(later: int = 0) -> dict[str, Any]:
    """Three campaigns that may not return within 18 s, so that the house loop fills what they leave: each creative
    comes within the first half minute. And `later` campaigns of next month, which only make the document large."""
    today = datetime.now().date()
    days = {"first_day": str(today - timedelta(days=1)), "last_day": str(today + timedelta(days=7))}

    def campaign(number: int, label: str, category: str, weight: int, *creative_ids: int) -> dict[str, Any]:
        return {"id": number, "label": label, "advertiser": number, "category": category, "class": "share",
                "weight": weight, "bill_verdict": "full", "rules": {"separation_s": 18},
                "flights": [{"phase": "launch", **days,
                             "creatives": [{"creative": one, "weight": 1} for one in creative_ids]}]}

    next_month = {"first_day": str(today + timedelta(days=30)), "last_day": str(today + timedelta(days=60))}
    waiting = [campaign(1000 + i, f"campaign {i} of next month, " + "booked long before its days " * 5, "later", 1, 101)
               for i in range(later)]
    for one in waiting:
        one["flights"][0].update(next_month)
        one["dayparts"] = [{"from_minute": f"{hour:02}:00", "until_minute": f"{hour + 1:02}:30"} for hour in (7, 9, 12, 15, 18, 21)]
    entries = []
    for spec in media.CREATIVES:
        entry: dict[str, Any] = {"id": spec.id, "label": spec.name.rsplit(".", 1)[0],
                                 "variants": [{"id": spec.id, "file": spec.name}]}
        if spec.is_still:
            entry["length_ms"] = round(spec.seconds * 1000)
        entries.append(entry)
    return {
        "label": "demo week",
        "sov_basis": "plays",
        "campaigns": [campaign(11, "harbour", "food", 2, 101, 104), campaign(12, "railway", "travel", 1, 102),
                      campaign(13, "arcade", "retail", 1, 103), *waiting],
        "creatives": entries,
        "house": [media.HOUSE],
    }
