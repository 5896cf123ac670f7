"""The last rung of the player's ladder: a file of its own makes systemd reboot the machine."""

from daemons import Wrong
from stand import Stand
from step_accidents import back


def run(stand: Stand) -> None:
    device = stand.device
    before = device.check("cat /proc/sys/kernel/random/boot_id")
    # As the player does it: as its user, in its directory.
    try_it = "runuser -u vitrine-player -- touch /run/vitrine/player/reboot-wanted"
    device.check(f"systemd-run --quiet --on-active=1 sh -c '{try_it}'")
    events = device.wait_off(120)
    if "SHUTDOWN" not in events or "WATCHDOG" in events:
        raise Wrong(f"the machine was not rebooted by itself: {events}")
    back(stand, "after-reboot")
    if device.check("cat /proc/sys/kernel/random/boot_id") == before:
        raise Wrong("it is the same boot as before")
    stand.say("vitrine-reboot.path rebooted the machine when the player's file was there")
