"""What each daemon may touch, asked of the kernel: a probe in the place of the daemon, under the very settings of its unit.

Each refusal has two controls: the same probe as the same user and groups without the unit's settings succeeds, and within
them the daemon's own devices can be had. The groups of all devices are given to every probe, so that a refusal is the
sandbox's and not that of a file's mode."""

import os

from daemons import Wrong
from device import HOST
from stand import Stand

# What every daemon may: else a unit that cannot start a probe at all would pass for one that refuses.
_RUNS = "a process of its own"
PROBES = {
    _RUNS: "perl -e 1",
    "an IPv4 socket": "perl -MSocket -e 'socket(my $s, PF_INET, SOCK_STREAM, 0) or die \"$!\\n\"; "
                      "connect($s, pack_sockaddr_in({port}, inet_aton(\"{host}\"))) or die \"$!\\n\"'",
    "an IPv6 socket": "perl -MSocket -e 'socket(my $s, PF_INET6, SOCK_DGRAM, 0) or die \"$!\\n\"'",
    "the camera": "perl -e 'open(my $f, \"+<\", \"/dev/video0\") or die \"$!\\n\"'",
    "the display": "perl -e 'open(my $f, \"+<\", \"/dev/dri/card0\") or die \"$!\\n\"'",
    "the key that signs plays": "perl -e 'open(my $f, \"<\", \"/var/lib/vitrine/identity/player/proof.key\") or die \"$!\\n\"'",
    "the key of the link": "perl -e 'open(my $f, \"<\", \"/var/lib/vitrine/telemetry/tls/key.pem\") or die \"$!\\n\"'",
}
_NETWORK, _DEVICES = ("an IPv4 socket", "an IPv6 socket"), ("the camera", "the display")
MAY = {"player": ("the display", "the key that signs plays"), "audience": ("the camera",), "vet": (),
       "telemetry": (*_NETWORK, "the key of the link")}
# Of files their owner decides, not the sandbox: there the control is that the owner reads it.
_BY_SANDBOX = (*_NETWORK, *_DEVICES)
_OF_THE_DAEMON = ("Type=", "ExecStart=", "Restart=", "RestartSec=", "WatchdogSec=", "Timeout", "FileDescriptorStoreMax=",
                  "Conflicts=", "After=", "Condition", "StartLimit", "Documentation=", "Description=")


def probe_unit(unit: str, script: str, sandbox: bool) -> str:
    """The daemon's unit with the probe in its place; without `sandbox` nothing of it but who runs it."""
    kept = []
    for line in unit.splitlines():
        if line.startswith("[Install]"):
            break
        if line.startswith(("#", *_OF_THE_DAEMON)):
            continue
        if sandbox or line.startswith(("[", "User=")):
            kept.append(line)
    return "\n".join([*kept, "Type=oneshot", "SupplementaryGroups=vitrine-camera vitrine-display vitrine-codec",
                      f"ExecStart=/bin/sh /usr/local/lib/{script}"]) + "\n"


def run(stand: Stand) -> None:
    device = stand.device
    port = stand.backend.installation.mqtt_port
    scripts = {what: f"probe-{number}" for number, what in enumerate(PROBES)}
    for what, script in scripts.items():
        device.check(f"cat > /usr/local/lib/{script} << 'end'\n{PROBES[what].format(port=port, host=HOST)}\nend")
    device.check("udevadm settle")
    units = {}
    for daemon in MAY:
        unit = device.check(f"cat /usr/lib/systemd/system/vitrine-{daemon}.service")
        for what, script in scripts.items():
            units[f"{daemon}-{script}"] = probe_unit(unit, script, True)
            if what in _BY_SANDBOX:
                units[f"{daemon}-{script}-control"] = probe_unit(unit, script, False)
    answers = _answers(stand, units)
    for daemon, may in MAY.items():
        refused = []
        for what, script in scripts.items():
            why = answers[f"{daemon}-{script}"]
            if (why is None) != (what in (_RUNS, *may)):
                raise Wrong(f"vitrine-{daemon} can{'' if why is None else 'not'} have {what}{': ' + why if why else ''}")
            if why is None:
                continue
            if what in _BY_SANDBOX and (control := answers[f"{daemon}-{script}-control"]):
                raise Wrong(f"vitrine-{daemon}: the control cannot have {what} either: {control}")
            refused.append(f"{what} ({why})")
        stand.say(f"vitrine-{daemon} has {', '.join(may) or 'nothing of these'}; refused: {', '.join(refused)}")
    _nodes(stand)


def _answers(stand: Stand, units: dict[str, str]) -> dict[str, str | None]:
    """Each unit started once: None where its probe got what it asked for, else the reason. Perl dies with the errno."""
    device = stand.device
    device.check("\n".join(f"cat > /run/systemd/system/{name}.service << 'end'\n{text}end" for name, text in units.items())
                 + "\nsystemctl daemon-reload")
    names = " ".join(f"{name}.service" for name in units)
    device.run(f"systemctl start {names}", 300)
    answers: dict[str, str | None] = {}
    for shown in device.check(f"systemctl show -p Id -p Result -p ExecMainStatus {names}").strip().split("\n\n"):
        values = dict(line.split("=", 1) for line in shown.splitlines())
        status = int(values["ExecMainStatus"])
        answers[values["Id"].removesuffix(".service")] = (
            None if values["Result"] == "success" else
            os.strerror(status) if values["Result"] == "exit-code" else f"{values['Result']} {status}")
    return answers


def _nodes(stand: Stand) -> None:
    """The udev rule: a camera is the audience's, a decoder the player's and vet's, whatever number it got."""
    device = stand.device
    device.run("modprobe vim2m && udevadm settle")
    owners: dict[str, set[str]] = {}
    for name in device.check("cd /sys/class/video4linux && ls").split():
        told = device.check(f"udevadm info -q property -n /dev/{name}; stat -c 'GROUP=%G' /dev/{name}")
        values = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        capabilities = values.get("ID_V4L_CAPABILITIES", "")
        owners.setdefault(values["GROUP"], set()).add(f"{values.get('ID_V4L_PRODUCT', name)} {capabilities}")
        wanted = "vitrine-camera" if ":capture:" in capabilities and ":video_output:" not in capabilities else "vitrine-codec"
        if values["GROUP"] != wanted:
            raise Wrong(f"/dev/{name} ({capabilities}) belongs to {values['GROUP']}, not {wanted}")
    if set(owners) != {"vitrine-camera", "vitrine-codec"}:
        raise Wrong(f"a camera and a decoder were wanted, there are {owners}")
    stand.say("nodes: " + "; ".join(f"{group}: {', '.join(sorted(names))}" for group, names in sorted(owners.items())))
