"""Adds the drivers to the initrds of a tree made for another processor.

    initrd.py TREE

initramfs-tools asks modinfo and a dozen other programs about each module. Under emulation that is half an hour for MODULES=most, so there
it makes an initrd without drivers (root.py), and they are put behind it here: the kernel unpacks one archive after the other. On a board,
which needs no emulation, initramfs-tools does all of it.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

# Below kernel/: what is between a processor and a disk. As MODULES=most has it, without network, keyboards and network disks: root is
# on the card.
_FOLDERS = ("fs/ext4", "drivers/usb/host", "drivers/usb/c67x00", "drivers/usb/chipidea", "drivers/usb/dwc2", "drivers/usb/dwc3",
            "drivers/usb/isp1760", "drivers/usb/musb", "drivers/usb/renesas_usbhs", "drivers/usb/typec", "drivers/usb/phy",
            "drivers/usb/storage", "drivers/bus", "drivers/clk", "drivers/gpio", "drivers/i2c/busses", "drivers/i2c/muxes", "drivers/mfd",
            "drivers/pci/controller", "drivers/phy", "drivers/pinctrl", "drivers/regulator", "drivers/reset", "drivers/spi", "drivers/rtc",
            "drivers/mmc", "drivers/scsi", "drivers/ufs", "drivers/ata", "drivers/block", "drivers/nvme", "drivers/virtio")
_NAMES = ("crc32c_generic", "crc32c_ce", "extcon-usb-gpio", "extcon-usbc-cros-ec", "axp20x_usb_power", "onboard_usb_hub")
_LISTS = ("modules.builtin", "modules.builtin.bin", "modules.builtin.modinfo", "modules.order")


def wanted(modules: Path) -> set[str]:
    """Paths below /lib/modules/VERSION, with what they need."""
    needs: dict[str, list[str]] = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        path, _, others = line.partition(":")
        needs[path] = others.split()
    by_name = {_plain(Path(path).name.split(".")[0]): path for path in needs}
    # "softdep NAME pre: A B post: C": no symbol says so, but without them it does not work.
    for line in (modules / "modules.softdep").read_text().splitlines():
        words = line.split()
        if words[:1] == ["softdep"] and (path := by_name.get(_plain(words[1]))):
            needs[path] = needs[path] + [by_name[_plain(word)] for word in words[2:] if _plain(word) in by_name]
    found: set[str] = set()
    left = [path for path in needs if path.startswith(tuple(f"kernel/{folder}/" for folder in _FOLDERS))]
    left += [by_name[_plain(name)] for name in _NAMES if _plain(name) in by_name]
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += needs[path]
    return found


def archive(modules: Path) -> bytes:
    version = modules.name
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "usr/lib/modules" / version
        paths = sorted(wanted(modules))
        for path in (*paths, *_LISTS):
            (inside / path).parent.mkdir(parents=True, exist_ok=True)
            (inside / path).write_bytes((modules / path).read_bytes())
        (Path(folder) / "lib").symlink_to("usr/lib")  # for depmod
        subprocess.run(["depmod", "-b", folder, version], check=True)
        (Path(folder) / "lib").unlink()
        listing = "\n".join(str(path.relative_to(folder)) for path in sorted(Path(folder).rglob("*")))
        packed = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=folder, input=listing.encode(), check=True,
                                capture_output=True).stdout
    print(f"{version}: {len(paths)} drivers for its initrd", flush=True)
    return subprocess.run(["zstd", "-q", "-3"], input=packed, check=True, capture_output=True).stdout


def main() -> int:
    tree = Path(sys.argv[1])
    for modules in sorted((tree / "usr/lib/modules").iterdir()):
        with (tree / f"boot/initrd.img-{modules.name}").open("r+b") as initrd:
            initrd.seek(0, 2)
            initrd.write(archive(modules))
    return 0


def _plain(name: str) -> str:
    return name.replace("-", "_")


if __name__ == "__main__":
    sys.exit(main())
