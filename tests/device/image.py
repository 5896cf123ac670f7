"""The emulated device's disk, kernel and first file system, in build/device/ARCH. Only root can make them.

    image.py ARCH      arm64 or amd64; nothing to do when those there were made from the same lists and files

The disk is a Debian as a screen has it, with the packages under [guest] in packages.txt and the files of guest/ on top. The
kernel is Debian's, taken out of its package rather than installed, and the first file system is our own: busybox and the
modules that reach the disk. Debian's would take minutes to make and more to boot, under emulation.
"""

import gzip
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "cross-compile"))
import debian_tree  # noqa: E402

ARCHITECTURES = ("arm64", "amd64")
_DISK_SIZE = "3G"  # sparse: only what is written takes room
_NOT_ON_DISK = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
# What the first file system loads, dependencies apart: the way to the disk, and the watchdog, which is /dev/watchdog0 only
# for the first driver that comes and which systemd opens when it starts.
_FIRST_MODULES = ("virtio_pci", "virtio_mmio", "virtio_blk", "ext4", "crc32c_generic", "i6300esb")
# Drivers for hardware that QEMU's machines do not have: two thirds of the modules.
_NOT_IN_THIS_MACHINE = (
    "drivers/net/ethernet", "drivers/net/wireless", "drivers/gpu/drm/amd", "drivers/gpu/drm/nouveau",
    "drivers/gpu/drm/radeon", "drivers/media/usb", "drivers/media/pci", "drivers/media/dvb-frontends",
    "drivers/media/tuners", "drivers/scsi", "drivers/iio", "drivers/infiniband", "drivers/staging", "drivers/hwmon",
    "drivers/target", "drivers/ata", "drivers/mtd", "drivers/nvme", "sound")
# Nothing on this disk may wait for a network that is not there, or wake up at night.
_MASKED = ("systemd-networkd-wait-online.service", "apt-daily.timer", "apt-daily-upgrade.timer", "fstrim.timer",
           "e2scrub_all.timer", "e2scrub_reap.service", "systemd-firstboot.service")
_INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /disk
/bin/busybox mount -t devtmpfs dev /dev
for module in {modules}; do /bin/busybox insmod /modules/$module; done
while [ ! -b /dev/vda ] || [ ! -b "${{programs:-/dev/vda}}" ]; do /bin/busybox sleep 0.05; done
/bin/busybox mount -t ext4 /dev/vda /disk
# The kernel hands over what it does not know of its command line.
[ -z "$programs" ] || /bin/busybox mount -t ext4 -o ro "$programs" /disk/opt/vitrine
/bin/busybox mount -o move /dev /disk/dev
exec /bin/busybox switch_root /disk /sbin/init
"""


class Image(NamedTuple):
    arch: str
    kernel: Path
    initrd: Path
    disk: Path  # raw; never written: a device writes to an overlay


def default_folder(arch: str) -> Path:
    return debian_tree.ROOT / "build" / "device" / arch


def make(arch: str, folder: Path) -> Image:
    """The caller holds debian_tree.locked(folder) as long as it uses the image."""
    image = Image(arch, folder / "vmlinuz", folder / "initrd.gz", folder / "disk.ext4")
    names = debian_tree.packages("guest")
    files = [f"{path.relative_to(HERE)} {path.stat().st_mode:o} {path.read_text()}"
             for path in sorted((HERE / "guest").rglob("*")) if path.is_file()]
    wanted = debian_tree.stamp(Path(__file__).read_text(), *names, *files)
    made_from = folder / "made-from"
    if not made_from.exists() or made_from.read_text() != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        made_from.unlink(missing_ok=True)
        for overlay in folder.glob("*/disk.qcow2"):  # it holds the difference to a disk that will be gone
            overlay.unlink()
        whole = _make_anew(image, folder, names)
        made_from.write_text(wanted if whole else wanted + " without security updates: again next time")
    return image


def _make_anew(image: Image, folder: Path, names: list[str]) -> bool:
    arch = image.arch
    began = time.monotonic()
    boot, root = folder / "boot", folder / "root"
    _say(arch, f"a Debian of {len(names)} packages and what they need, by mmdebstrap (one to two minutes)")
    # Without the hook, the package usrmerge and all of Perl would be set up under emulation: a minute.
    whole = debian_tree.build(root, arch, ["--variant=minbase", "--dpkgopt=force-unsafe-io",
                                           "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
                                           *(f"--dpkgopt=path-exclude={path}" for path in _NOT_ON_DISK)],
                              names, scripts=True)
    _say(arch, f"{time.monotonic() - began:.0f} s; kernel and busybox")
    debian_tree.build(boot, arch, ["--variant=extract"], [f"linux-image-{arch}", "busybox-static"], scripts=False)
    version = next((boot / "lib/modules").iterdir()).name
    _install_modules(boot, root, version)
    _dress(root)
    _make_initrd(boot, version, image.initrd)
    shutil.copyfile(boot / f"boot/vmlinuz-{version}", image.kernel)
    _say(arch, f"{time.monotonic() - began:.0f} s; disk")
    _make_disk(root, image.disk, _DISK_SIZE, "vitrine-root")
    for tree in (boot, root):
        debian_tree.clear(tree)
    _say(arch, f"made in {time.monotonic() - began:.0f} s")
    return whole


def make_programs_disk(folder: Path, disk: Path) -> None:
    """A second disk with whatever lies in `folder`, which the guest mounts at /opt/vitrine."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    _make_disk(folder, disk, f"{size * 5 // 4 // 2**20 + 16}M", "vitrine-opt")


def _make_disk(tree: Path, disk: Path, size: str, label: str) -> None:
    disk.unlink(missing_ok=True)
    _run("mke2fs", "-q", "-F", "-t", "ext4", "-L", label, "-d", str(tree), str(disk), size)


def _install_modules(boot: Path, root: Path, version: str) -> None:
    source = boot / "lib/modules" / version
    for path in _NOT_IN_THIS_MACHINE:
        shutil.rmtree(source / "kernel" / path, ignore_errors=True)
    for tree in (boot, root):
        target = tree / "lib/modules" / version
        if tree is root:
            shutil.copytree(source, target)
        _run("depmod", "-b", str(tree), version)


def _dress(root: Path) -> None:
    """The files of guest/, owned by root as a package's would be."""
    for path in sorted((HERE / "guest").rglob("*")):
        target = root / path.relative_to(HERE / "guest")
        if path.is_dir():
            target.mkdir(exist_ok=True)
            continue
        shutil.copyfile(path, target)
        target.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
    (root / "opt/vitrine").mkdir()
    units = root / "etc/systemd/system"
    wanted = units / "multi-user.target.wants/systemd-networkd.service"
    wanted.unlink(missing_ok=True)
    wanted.symlink_to("/lib/systemd/system/systemd-networkd.service")
    for unit in _MASKED:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")


def _make_initrd(boot: Path, version: str, initrd: Path) -> None:
    tree = boot / "initrd"
    for folder in ("bin", "modules"):
        (tree / folder).mkdir(parents=True)
    shutil.copy(boot / "bin/busybox", tree / "bin/busybox")
    modules: list[str] = []
    for name in _FIRST_MODULES:
        shown = subprocess.run(["modprobe", "-d", str(boot), "-S", version, "--show-depends", name], check=True,
                               capture_output=True, text=True).stdout
        # "insmod PATH" in the order of loading, or "builtin NAME"
        for path in (Path(line.split()[1]) for line in shown.splitlines() if line.startswith("insmod")):
            if path.name not in modules:
                modules.append(path.name)
                shutil.copy(path, tree / "modules")
    (tree / "init").write_text(_INIT.format(modules=" ".join(modules)))
    (tree / "init").chmod(0o755)
    listing = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    archive = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=tree, input=listing.encode(), check=True,
                             capture_output=True).stdout
    initrd.write_bytes(gzip.compress(archive, 6))


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          preexec_fn=debian_tree.leash())
    if done.returncode != 0:
        raise debian_tree.TreeError(f"{command[0]}: {done.stdout.strip()}")


def _say(arch: str, text: str) -> None:
    print(f"device {arch}: {text}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ARCHITECTURES:
        sys.exit(__doc__)
    try:
        with debian_tree.locked(default_folder(sys.argv[1])):
            make(sys.argv[1], default_folder(sys.argv[1]))
    except (debian_tree.TreeError, OSError, subprocess.CalledProcessError) as failure:
        sys.exit(f"device {sys.argv[1]}: {failure}")
