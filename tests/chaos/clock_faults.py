"""The screen's wall clock; the machine's is never touched."""

import random

from fault import Fault, World, set_number

HOUR_US = 3_600_000_000


class ClockJump(Fault):
    """The screen's wall clock is somewhere else for a while, and then right again: two jumps."""

    touches = frozenset({"clock"})

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.hours = chance.choice((-60, -7, -0.01, 0.01, 1, 26, 24 * 9))

    def words(self) -> str:
        return f"clock {self.hours:+g} h {self.hold_s:.1f} s"

    def come(self, world: World) -> None:
        set_number(world.clock_shift, round(self.hours * HOUR_US))

    def heal(self, world: World) -> None:
        set_number(world.clock_shift, 0)
