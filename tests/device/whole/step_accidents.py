"""What happens to screens in the field. After each the screen plays, and no row of a play is missing."""

import daemons
from daemons import Wrong, toml_file
from stand import Stand

DAY_S = 86_400


def panic(stand: Stand) -> None:
    device = stand.device
    stand.settled()
    device.watch()
    stand.say(f"kernel panic: the watchdog reset the device after {daemons.panic(device, 90):.0f} s")
    back(stand, "after-panic")


def back(stand: Stand, name: str) -> None:
    """Power comes back: it plays without anybody's help, with its camera, and says what it played."""
    took = stand.boot()
    stand.plays(name)
    stand.camera()
    stand.goes_on(1)
    stand.say(f"{took:.0f} s after power came back it answers; it plays, and all {stand.settled(180)} rows are stored")


def network(stand: Stand) -> None:
    stand.device.plug_network(False)
    before = len(stand.backend.stored().plays)
    rows = stand.logged()
    stand.goes_on(4)
    stand.dump("unplugged")
    if len(stand.backend.stored().plays) > before + 4:
        raise Wrong("rows came without a network")
    missed = stand.logged() - rows
    stand.device.plug_network(True)
    stand.say(f"without a network it played on; {missed} rows waited, and after it came back all {stand.settled(240)} are stored")


def full_disk(stand: Stand) -> None:
    device = stand.device
    # The blocks kept for root are not the daemons' anyway.
    device.check("cd /var/lib/vitrine && fallocate -l $(df --output=avail -B1 . | tail -n 1) filler; sync -f .", 60)
    left = int(device.check("df --output=avail -B1 /var/lib/vitrine | tail -n 1"))
    try:
        named = _names_the_disk(stand)
        stand.goes_on(5)
        stand.witness("full")
        waiting = stand.player().get("rows_waiting", 0)
    finally:
        device.check("rm /var/lib/vitrine/filler && sync -f /var/lib/vitrine")
    _writes_again(stand)
    told = int(device.run("journalctl -q -b -o cat -u vitrine-telemetry | grep -c 'cannot freeze'").output)
    if told > 3:  # once for each kind of refusal; it tries again several times a second
        raise Wrong(f"telemetry said {told} times that it cannot freeze")
    stand.say(f"with {left} bytes free it played on, said \"{named}\" and kept {waiting} rows; all {stand.settled()} are stored")


def _names_the_disk(stand: Stand) -> str:
    return stand.device.wait(lambda: [one for one in stand.player().get("troubles", []) if one.startswith("disk")],
                             "the player says what is wrong with the disk", 120)[0]


def _writes_again(stand: Stand) -> None:
    stand.device.wait(lambda: stand.player().get("rows_waiting", 1) == 0, "the rows that waited are written", 60)


def read_only(stand: Stand) -> None:
    """Every file system, as the kernel does it when it has lost faith in a disk."""
    device = stand.device
    device.check("echo 1 > /proc/sys/kernel/sysrq; echo u > /proc/sysrq-trigger")
    device.wait(lambda: device.run("findmnt -n -o OPTIONS /var/lib/vitrine").output.startswith("ro"), "read-only", 30)
    try:
        named = _names_the_disk(stand)
        stand.goes_on(3)
        shown = stand.witness("read-only").code
        waiting = stand.player().get("rows_waiting", 0)
    finally:
        device.check("mount -o remount,rw / && mount -o remount,rw /var/lib/vitrine")
    _writes_again(stand)
    stand.say(f"read-only, it played on (creative {shown.creative}, frame {shown.frame}), said \"{named}\" and kept {waiting} rows; "
              f"all {stand.settled()} are stored")


def clock_of_1970(stand: Stand) -> None:
    device = stand.device
    stand.settled()
    device.cut_power()
    device.options.clock = "1970-01-01"
    stand.boot()
    stand.plays("1970")
    year = device.check("date +%Y").strip()
    stand.goes_on(2)
    clock = device.wait(lambda: toml_file(device, "/run/vitrine/telemetry/clock"), "what telemetry says of the time", 60)
    stand.say(f"with a clock of 1970 (Debian makes it {year}) it plays; telemetry says trust {clock['trust']}, source \"{clock['source']}\"")
    device.cut_power()
    device.options.clock = ""
    back(stand, "right-clock")


def week(stand: Stand) -> None:
    """Seven days by stepping both clocks, the device's and the backend's; the link is made anew each day."""
    device = stand.device
    for day in range(1, 8):
        device.check(f"date -s @$(($(date +%s) + {DAY_S}))")
        stand.backend.step_clock(DAY_S)
        device.plug_network(False)
        device.plug_network(True)
        stand.goes_on(2)
        seen = stand.dump(f"day-{day}")
        if seen.code is None:
            raise Wrong(f"on day {day} the display shows {seen.words()}")
    rows = stand.settled(240)
    device.check(f"date -s @$(($(date +%s) - {7 * DAY_S}))")
    stand.backend.step_clock(-7 * DAY_S)
    stand.say(f"a week in steps of a day: it played on each; all {rows} rows are stored, without gap or conflict")
