"""The way between screen and backend."""

import random

from fault import Fault, World
from line import Quality


class Partition(Fault):
    """Nothing passes between screen and backend, in both directions or in one."""

    touches = frozenset({"line"})
    needs = "line"

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.way = chance.choice(("both", "up", "down"))

    def words(self) -> str:
        return f"partition {self.way} {self.hold_s:.1f} s"

    def come(self, world: World) -> None:
        assert world.line
        world.line.set(Quality(cut=self.way != "down"), Quality(cut=self.way != "up"))

    def heal(self, world: World) -> None:
        assert world.line
        world.line.set()


class BadLine(Fault):
    """Loss, delay and a narrow line, together."""

    touches = frozenset({"line"})
    needs = "line"

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.hold_s = chance.uniform(2.0, 5.0)
        self.quality = Quality(chance.choice((64_000, 256_000, 1_000_000)), chance.choice((20, 100, 400)), chance.choice((20, 100, 300)))

    def words(self) -> str:
        q = self.quality
        return f"line of {q.rate // 1000} kbit/s, {q.delay_ms} ms, {q.loss_permille / 10:.0f} % lost, {self.hold_s:.1f} s"

    def come(self, world: World) -> None:
        assert world.line
        world.line.set(self.quality)

    def heal(self, world: World) -> None:
        assert world.line
        world.line.set()
