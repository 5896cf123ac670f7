"""The daemons in a device, as whoever stands before it sees them: units, live figures, logs."""

import time
import tomllib
from typing import Any

from device import Device, DeviceError


class Wrong(Exception):
    """A step did not hold."""


def start_daemon(device: Device, daemon: str) -> None:
    started = device.run(f"systemctl start vitrine-{daemon}", 90)
    if started.code != 0:
        raise Wrong(f"vitrine-{daemon} does not start: {started.errors}\n{log_of(device, f'vitrine-{daemon}')}")


def start_transient(device: Device, unit: str, command: str) -> None:
    device.check(f"systemd-run --quiet --unit={unit} {command}")


def log_of(device: Device, unit: str) -> str:
    return device.run(f"journalctl --no-pager -o cat -u {unit} | tail -n 20").output.strip()


def live(device: Device, daemon: str) -> dict[str, Any]:
    """/run/vitrine/DAEMON/live, empty while it is not there."""
    return toml_file(device, f"/run/vitrine/{daemon}/live")


def toml_file(device: Device, path: str) -> dict[str, Any]:
    shown = device.run(f"cat {path}")
    return tomllib.loads(shown.output) if shown.code == 0 else {}


def panic(device: Device, within_s: float) -> float:
    """The kernel falls. Returns after how many seconds the watchdog has ended the machine."""
    device.wait(lambda: device.run("systemctl show -p WatchdogDevice").output.strip().endswith("watchdog0"),
                "systemd feeds the watchdog", 30)
    try:
        device.run("echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger", 3)
    except DeviceError:
        pass  # a panicked kernel answers nobody
    began = time.monotonic()
    events = device.wait_off(within_s)
    if "WATCHDOG" not in events:
        raise Wrong(f"after a kernel panic the machine ended, but not by its watchdog: {events}")
    return time.monotonic() - began


def uptime_us(device: Device) -> int:
    return round(float(device.check("cut -d' ' -f1 /proc/uptime")) * 1e6)


def wait_for_plays(device: Device, timeout_s: float = 60) -> dict[str, Any]:
    """Until the player says what it has on the glass; the figures it gives."""
    try:
        return device.wait(lambda: (now := live(device, "player")).get("creative") and now, "something on the glass", timeout_s)
    except DeviceError as error:
        raise Wrong(f"{error}\n{log_of(device, 'vitrine-player')}") from None
