"""kill -9 of the player: its last picture stays on the glass until it is back (the display's descriptor rests in systemd)."""

import time

import dumps
from daemons import Wrong
from stand import Stand

_EVERY_S = 0.1
_LOOK_S = 12.0


def run(stand: Stand) -> None:
    device = stand.device
    stand.plays("before")
    rows = stand.logged()
    pid = _pid(stand)
    device.check("systemd-run --quiet --collect --on-active=2 --timer-property=AccuracySec=10ms systemctl kill -s KILL vitrine-player")
    taken = []
    began = time.monotonic()
    while time.monotonic() - began < _LOOK_S:
        path = stand.folder / f"killed-{len(taken):03}.png"
        device.screendump(path)
        taken.append((time.monotonic() - began, path))
        time.sleep(max(0.0, began + len(taken) * _EVERY_S - time.monotonic()))
    device.wait(lambda: _pid(stand) not in (0, pid), "another player", 60)
    seen = [(second, path, dumps.read(path)) for second, path in taken]
    for second, path, one in seen:
        stand.record.picture(path, f"{second:.1f} s: {one.words()}")
    if wrong := [f"{path.name} at {second:.1f} s: {one.words()}" for second, path, one in seen if one.code is None]:
        raise Wrong("not a creative's picture: " + "; ".join(wrong))
    held, frame = _longest(seen)
    if frame == seen[-1][2]:
        stand.goes_on(1)
    stand.say(f"{len(seen)} dumps in {_LOOK_S:.0f} s, {len(seen) / _LOOK_S:.1f} a second: never black, never text; "
              f"held for {held:.1f} s: {frame.words()}")
    stand.goes_on(2)
    stand.plays("after")
    if stand.logged() <= rows:
        raise Wrong("no row came after the kill")
    stand.settled()
    stand.say("the killed play and those after it are stored")


def _pid(stand: Stand) -> int:
    return int(stand.device.check("systemctl show -P MainPID vitrine-player"))


def _longest(seen: list[tuple[float, object, dumps.Seen]]) -> tuple[float, dumps.Seen]:
    """For how long one picture stood, and which."""
    longest, began = (0.0, seen[0][2]), 0
    for index in range(1, len(seen)):
        if seen[index][2].code != seen[began][2].code:
            began = index
        longest = max(longest, (seen[index][0] - seen[began][0], seen[began][2]), key=lambda one: one[0])
    return longest
