#!/usr/bin/python3
"""The first test of a whole device: it boots, shows, counts, and survives what happens to screens in the field.

    first_test.py ARCH --bin DIR [--folder DIR]      arm64 or amd64, and where the programs for it are

One line a step with the second it was reached; disk, logs and screen dumps stay in FOLDER/first-test (FOLDER is
build/device/ARCH). Exit code 0 when every step held.
"""

import argparse
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT / "demo"), str(ROOT / "cross-compile")]
import debian_tree  # noqa: E402
import dumps  # noqa: E402
import footage  # noqa: E402
import image  # noqa: E402
import media  # noqa: E402
import screen  # noqa: E402
from daemons import Wrong, live, log_of, panic, start_daemon, start_transient  # noqa: E402
from device import HOST, Device, DeviceError, Options  # noqa: E402

PROGRAMS = ("vitrine-player", "vitrine-audience", "vitrine-vet")
DAEMONS = ("player", "audience", "vet")
CLIP = media.CreativeSpec(201, "clip.mp4", 640, 360, 20, 5, "Device", "frame by frame", "\u2699", ("0x102040", "0x306090"))
CAMERA_SIZE = (320, 240)


class Steps:
    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {text}", flush=True)


def make_inputs(folder: Path, bin_directory: Path) -> None:
    """What goes to /opt/vitrine: the programs without their debug information, a coded clip, footage for the camera."""
    (folder / "bin").mkdir(parents=True)
    for name in PROGRAMS:
        shutil.copy(bin_directory / name, folder / "bin" / name)
    shutil.copytree(ROOT / "systemd", folder / "systemd")
    media.make_creative(CLIP, folder / CLIP.name)
    walkers = media.make(ROOT / "demo" / "out" / "media") / "camera.mp4"
    footage.make(walkers, 8, 10, CAMERA_SIZE, folder / "footage.yuyv")


def check_frame(device: Device, dump: Path) -> int:
    return dumps.check_frame(device, dump, CLIP.fps, CLIP.id).frame


def install(device: Device) -> None:
    """The units and what belongs to them, where a package would put them; only what the daemons are told differs."""
    own = {"player": f"--output kms --play /opt/vitrine/{CLIP.name}", "audience": "--camera /dev/video0"}
    device.check("cd /opt/vitrine && ln -s /opt/vitrine/bin/* /usr/bin/ && cp systemd/*.service systemd/*.path /usr/lib/systemd/system/ && "
                 "cp systemd/vitrine.sysusers /usr/lib/sysusers.d/vitrine.conf && "
                 "cp systemd/vitrine.tmpfiles /usr/lib/tmpfiles.d/vitrine.conf && "
                 "cp systemd/vitrine.rules /usr/lib/udev/rules.d/70-vitrine.rules && "
                 "systemd-sysusers && systemd-tmpfiles --create vitrine.conf && udevadm control --reload && udevadm trigger --settle")
    for daemon, arguments in own.items():
        folder = f"/etc/systemd/system/vitrine-{daemon}.service.d"
        device.check(f"mkdir -p {folder} && printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/vitrine-{daemon} {arguments}\\n' "
                     f"> {folder}/test.conf")
    device.check("systemctl daemon-reload")


def play(device: Device) -> None:
    start_daemon(device, "player")
    try:
        device.wait(lambda: live(device, "player"), "the player's live figures", 60)
    except DeviceError as error:
        raise Wrong(f"{error}\n{log_of(device, 'vitrine-player')}") from None


def test(arch: str, bin_directory: Path, base: Path) -> None:
    steps = Steps()
    folder = base / "first-test"
    made = image.make(arch, base)
    debian_tree.clear(folder)
    make_inputs(folder / "opt", bin_directory)
    image.make_programs_disk(folder / "opt", folder / "opt.ext4")
    steps.say("disk, kernel and programs are ready")

    with socket.create_server(("127.0.0.1", 0)) as server, \
            Device(made, folder, Options(folder / "opt.ext4", forward={1883: server.getsockname()[1]})) as device:
        took = device.boot()
        steps.say(f"a shell answers {took:.1f} s after power-on")
        system = device.wait(lambda: device.run("systemctl is-system-running").output.strip() in ("running", "degraded")
                             and device.run("systemctl is-system-running; systemctl --failed --plain --no-legend"),
                             "the end of the boot", 60)
        if not system.output.startswith("running"):
            raise Wrong(f"units failed: {system.output}")
        machine = device.check("uname -m; ls /dev/dri/card0 /dev/watchdog0; grep -c . /etc/os-release").split()
        steps.say(f"all units run; {', '.join(machine[:-1])}")

        exit_code = device.run("echo out; echo err >&2; exit 7")
        if exit_code != (7, "out\n", "err\n"):
            raise Wrong(f"a command that ends with 7 came back as {exit_code}")
        device.put(folder / "opt" / "bin" / "vitrine-player", "/var/tmp/there")
        device.get("/var/tmp/there", folder / "back")
        if (folder / "back").read_bytes() != (folder / "opt/bin/vitrine-player").read_bytes():
            raise Wrong("a file copied in and out came back different")
        steps.say("exit code, output and errors come back; a program copied in and out is the same")

        network(device, server)
        steps.say("the forwarded port leads to this machine, and no other does")

        device.screendump(folder / "before.png")
        if (code := dumps.read(folder / "before.png").code) is not None:
            raise Wrong(f"before anything was shown the display has {code}")
        install(device)
        play(device)
        start_daemon(device, "vet")
        shown = [check_frame(device, folder / f"screen-{number}.png") for number in (1, 2, 3)]
        if len(set(shown)) != len(shown):
            raise Wrong(f"the picture stands still: frames {shown}")
        steps.say(f"frames {shown} of the clip on the display, each where the player's clock has it")

        camera(device, steps)

        device.check("echo kept > /var/tmp/kept && sync")
        device.cut_power()
        steps.say("power cut with player, audience and camera running")
        took = device.boot()
        if device.check("cat /var/tmp/kept").strip() != "kept":
            raise Wrong("what was on the disk before the power cut is gone")
        steps.say(f"a shell answers {took:.1f} s after power came back; what was synced is there")
        play(device)
        steps.say(f"frame {check_frame(device, folder / 'screen-after-cut.png')} of the clip is on the display again")

        steps.say(f"kernel panic: the hardware watchdog reset the device after {panic(device, 60):.0f} s")
    steps.say(f"passed; screen dumps in {folder}")


def network(device: Device, server: socket.socket) -> None:
    """What the guest says to the forwarded port arrives, with an answer; the same server by its own port is out of reach."""
    server.settimeout(30)
    device.check(f"systemd-run --quiet --unit=talk -p StandardOutput=file:/var/tmp/heard bash -c "
                 f"'exec 3<>/dev/tcp/{HOST}/1883; echo ping >&3; cat <&3'")
    connection, _ = server.accept()
    with connection:
        connection.settimeout(30)
        if (heard := connection.recv(100)) != b"ping\n":
            raise Wrong(f"through the forwarded port came {heard!r}")
        connection.sendall(b"pong\n")
    device.wait(lambda: device.run("cat /var/tmp/heard").output == "pong\n", "the answer reaches the guest", 30)
    for address in (f"10.0.2.2/{server.getsockname()[1]}", f"{HOST}/{server.getsockname()[1]}", f"{HOST}/22"):
        if device.run(f"timeout 5 bash -c 'exec 3<>/dev/tcp/{address}'", 30).code == 0:
            raise Wrong(f"the guest can reach {address}, which nobody forwarded")


def camera(device: Device, steps: Steps) -> None:
    """Footage in the guest's camera, and what the audience makes of it."""
    width, height = CAMERA_SIZE
    start_transient(device, "camera", f"rig-camera /opt/vitrine/footage.yuyv {width} {height}")
    device.check("mkdir -p /var/lib/vitrine/camera && cat > /var/lib/vitrine/camera/settings.toml << 'end'\n"
                 + screen.camera_settings("drawn figures in an emulated camera") + "end")
    start_daemon(device, "audience")
    try:
        seen = device.wait(lambda: (figures := live(device, "audience")).get("camera") == "ok"
                           and figures["crossings"] > 0 and figures, "frames and a crossing from the camera", 90)
    except DeviceError as error:
        raise Wrong(f"{error}\n{log_of(device, 'camera')}\n{log_of(device, 'vitrine-audience')}") from None
    steps.say(f"camera frames reach the audience: {seen['fps_milli'] / 1000:.1f} a second, {seen['crossings']} crossings")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("arch", choices=image.ARCHITECTURES)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    base = (arguments.folder or image.default_folder(arguments.arch)).resolve()
    try:
        with debian_tree.locked(base):
            test(arguments.arch, arguments.bin, base)
    except (Wrong, DeviceError, debian_tree.TreeError, OSError, RuntimeError, subprocess.CalledProcessError) as error:
        print(f"device {arguments.arch}: FAILED: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
