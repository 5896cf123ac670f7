"""What may happen to an installation: every kind of accident, how often each is drawn, and the drawing. Each comes and is
healed; it says in words what it does, what it lays hands on, and which figure of the books it is allowed to cost."""

import random
from typing import Callable

from clock_faults import ClockJump
from disk_faults import BackendDiskFull, ExposureTorn, OutboxTorn, PlaysTorn, ScreenDiskFull, SlowDisk
from fault import Fault
from line_faults import BadLine, Partition
from process_faults import Hang, Kill, RetainedLost

# How often each is drawn.
WEIGHTS: tuple[tuple[type[Fault], int], ...] = (
    (Kill, 8), (Hang, 3), (Partition, 4), (BadLine, 3), (ScreenDiskFull, 2), (BackendDiskFull, 2), (SlowDisk, 1),
    (ClockJump, 2), (RetainedLost, 2), (PlaysTorn, 2), (OutboxTorn, 2), (ExposureTorn, 1),
)


def draw(chance: random.Random, allowed: Callable[[type[Fault]], bool]) -> list[Fault]:
    """One or two that do not lay hands on the same thing. What is not allowed here is drawn all the same and left out, so
    that a seed means the same everywhere; a round may stay without."""
    kinds, weights = zip(*WEIGHTS)
    drawn: list[Fault] = []
    for _ in range(chance.choice((1, 2, 2))):
        kind = chance.choices(kinds, weights)[0]
        fault = kind(chance)
        if allowed(kind) and not any(fault.touches & other.touches for other in drawn):
            drawn.append(fault)
    return drawn
