#!/usr/bin/python3
"""A root shell on an emulated device, on this terminal: to look at things by hand.

    shell.py ARCH --bin DIR      arm64 or amd64, and where the programs for it are (in the guest: /opt/vitrine/bin)

poweroff, or Ctrl-A X, ends it. Its disk is kept in build/device/ARCH/shell for the next time.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "cross-compile")]
import debian_tree  # noqa: E402
import image  # noqa: E402
from device import Device, DeviceError, Options  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("arch", choices=image.ARCHITECTURES)
    parser.add_argument("--bin", type=Path, required=True)
    arguments = parser.parse_args()
    folder = image.default_folder(arguments.arch) / "shell"
    try:
        with debian_tree.locked(folder.parent):
            made = image.make(arguments.arch, folder.parent)
            debian_tree.clear(folder / "opt")
            shutil.copytree(arguments.bin, folder / "opt" / "bin")
            programs = folder / "opt.ext4"
            image.make_programs_disk(folder / "opt", programs)
            with Device(made, folder, Options(programs=programs, console=True, reboots=True)) as device:
                print("Ctrl-A X ends the emulator", flush=True)
                device.switch_on()
                device.wait_off(None)
    except (DeviceError, debian_tree.TreeError, OSError, subprocess.CalledProcessError) as error:
        print(f"device {arguments.arch}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
