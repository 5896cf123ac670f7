"""How Vitrine comes onto the device."""

import shutil
import subprocess
from pathlib import Path

import footage
from daemons import start_daemon
from device import STATE_LABEL, Device
from stand import CAMERA_SIZE

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = ("vitrine", "vitrine-player", "vitrine-vet", "vitrine-audience", "vitrine-telemetry")
PACKAGES = ("vitrine-common", "vitrine-player", "vitrine-audience", "vitrine-telemetry", "vitrine-cli", "vitrine-screen")
UNITS = ("vitrine-player.service", "vitrine-vet.service", "vitrine-audience.service", "vitrine-telemetry.service", "vitrine-reboot.path")
STATE_MB = 512


def make_programs(folder: Path, strip: str, bin_directory: Path, walkers: Path, packages: Path | None) -> None:
    """What goes to /opt/vitrine: footage for the camera, and the packages of a screen, or where there are none the programs
    without their debug information and the units."""
    folder.mkdir(parents=True)
    footage.make(walkers, 8, 10, CAMERA_SIZE, folder / "footage.yuyv")
    if packages:
        (folder / "packages").mkdir()
        for name in PACKAGES:
            (found,) = packages.glob(f"{name}_*.deb")
            shutil.copy(found, folder / "packages")
        return
    (folder / "bin").mkdir()
    for name in PROGRAMS:
        subprocess.run([strip, "-o", str(folder / "bin" / name), str(bin_directory / name)], check=True)
    shutil.copytree(ROOT / "systemd", folder / "systemd")


def make_state_disk(disk: Path) -> None:
    """Empty, for /var/lib/vitrine: what a screen remembers lies apart from its system."""
    disk.unlink(missing_ok=True)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", STATE_LABEL, str(disk), f"{STATE_MB}M"], check=True)


def mount_state(device: Device) -> None:
    device.check("mkdir -p /var/lib/vitrine && "
                 f"echo 'LABEL={STATE_LABEL} /var/lib/vitrine ext4 noatime,lazytime 0 2' >> /etc/fstab && "
                 "systemctl daemon-reload && mount /var/lib/vitrine")


def install(device: Device) -> str:
    """By whichever of the two is there; says which."""
    if device.run("test -d /opt/vitrine/packages").code == 0:
        # What they depend on is on the disk; a screen on site would let apt fetch it.
        device.check("dpkg --install /opt/vitrine/packages/*.deb", 600)
        return "its packages"
    from_build(device)
    return "the build"


def from_build(device: Device) -> None:
    """The files of the packages, from the build: programs, units and what belongs to them."""
    device.check("cd /opt/vitrine && ln -s /opt/vitrine/bin/* /usr/bin/ && cp systemd/*.service systemd/*.path /usr/lib/systemd/system/ && "
                 "cp systemd/vitrine.sysusers /usr/lib/sysusers.d/vitrine.conf && "
                 "cp systemd/vitrine.tmpfiles /usr/lib/tmpfiles.d/vitrine.conf && "
                 "cp systemd/vitrine.rules /usr/lib/udev/rules.d/70-vitrine.rules && "
                 "systemd-sysusers && systemd-tmpfiles --create vitrine.conf && udevadm control --reload && udevadm trigger --settle")
    device.check("systemctl daemon-reload && systemctl enable --quiet " + " ".join(UNITS) + " && systemctl start vitrine-reboot.path")
    for daemon in ("player", "vet", "audience"):  # telemetry starts once there is an identity
        start_daemon(device, daemon)
