"""What a board is asked for, measured on the emulated one: how soon it shows, how soon it is up, what it keeps in memory."""

import re

import clips
from daemons import Wrong, live
from stand import Stand

FIRST_PICTURE_S, BOOT_S, PSS_MB = 3, 15, 170
BOOT_GUARD_S = 60  # Debian alone takes 13 s of the emulated processor before /var/lib/vitrine is there


def starts(stand: Stand) -> None:
    """From card and state to the first creative, in a boot that nobody helps, or disturbs with questions."""
    device = stand.device
    stand.settled()
    device.cut_power()
    stand.boot()
    up = device.wait(lambda: int(device.check("systemctl show -P FinishTimestampMonotonic")), "the end of the boot", 120, every_s=10) / 1e6
    stand.plays("first")
    card = _seconds(device.check("journalctl -q -k -o short-monotonic --grep 'Initialized virtio_gpu' -n 1"), "the display's driver")
    state = int(device.check("systemctl show -P ActiveEnterTimestampMonotonic var-lib-vitrine.mount")) / 1e6
    unit = int(device.check("systemctl show -P ExecMainStartTimestampMonotonic vitrine-player")) / 1e6
    shown = stand.first_flip_us() / 1e6
    stand.say(f"guest seconds: display {card:.1f}, state {state:.1f}, player started {unit:.1f}, first creative {shown:.1f}")
    stand.record.figure("card and state to the first creative", shown - max(card, state), "s of the guest", FIRST_PICTURE_S)
    stand.record.figure("whole boot", up, "s of the guest", BOOT_S, BOOT_GUARD_S)


def _seconds(line: str, what: str) -> float:
    found = re.search(r"\[\s*([0-9.]+)\]", line)
    if not found:
        raise Wrong(f"the journal does not have {what}: {line!r}")
    return float(found[1])


def memory(stand: Stand) -> None:
    """While a clip of 720p plays and people are counted."""
    device = stand.device
    if live(device, "audience").get("camera") != "ok":
        stand.camera()
        device.wait(lambda: live(device, "audience").get("camera") == "ok", "the camera", 90)
    stand.backend.push("schedule", clips.schedule((clips.LARGE, clips.CLIPS[-1]), "large"), stand.clips, 300)
    device.wait(lambda: stand.player().get("creative") == clips.LARGE.id and stand.player().get("position_ms", 0) > 1000,
                "the clip of 720p", 90)
    stand.dump("720p")
    total = 0.0
    for daemon in ("player", "audience", "telemetry"):
        pid = device.check(f"systemctl show -P MainPID vitrine-{daemon}").strip()
        kilobytes = int(device.check(f"awk '/^Pss:/ {{ print $2 }}' /proc/{pid}/smaps_rollup"))
        stand.record.figure(f"PSS of vitrine-{daemon}", kilobytes / 1024, "MB")
        total += kilobytes / 1024
    stand.record.figure("PSS of the three daemons, 720p and mog2", total, "MB", PSS_MB)
    stand.backend.push("schedule", clips.schedule(), stand.clips, 300)


def run(stand: Stand) -> None:
    starts(stand)
    memory(stand)
    if late := [one.words() for one in stand.record.steps[-1].figures if not one.holds]:
        raise Wrong("; ".join(late))
