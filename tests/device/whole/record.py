"""What a run says: a line for each thing that held, pictures, figures against their limits."""

import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Figure:
    name: str
    value: float
    unit: str
    most: float | None = None  # None: nobody asked for a limit
    guard: float | None = None  # above `most`: it is known to miss that, and fails above this

    @property
    def met(self) -> bool:
        return self.most is None or self.value <= self.most

    @property
    def holds(self) -> bool:
        return self.met or (self.guard is not None and self.value <= self.guard)

    def words(self) -> str:
        limit = "" if self.most is None else f" (at most {self.most:g})"
        return f"{self.name}: {self.value:.1f} {self.unit}{limit}{'' if self.met else '  MISSED' if self.holds else '  TOO MUCH'}"


@dataclass
class StepRecord:
    name: str
    asks: str
    lines: list[tuple[float, str]] = field(default_factory=list)
    pictures: list[tuple[Path, str]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    failed: str = ""
    seconds: float = 0


class Record:
    """Of one run. Everything is printed as it comes, with the second it was reached."""

    def __init__(self, arch: str) -> None:
        self.arch = arch
        self.steps: list[StepRecord] = []
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def begin(self, name: str, asks: str) -> StepRecord:
        self.steps.append(StepRecord(name, asks))
        print(f"{self.seconds:6.1f} s  == {name}: {asks}", flush=True)
        return self.steps[-1]

    def say(self, text: str) -> None:
        self.steps[-1].lines.append((self.seconds, text))
        print(f"{self.seconds:6.1f} s  {text}", flush=True)

    def picture(self, dump: Path, caption: str) -> None:
        self.steps[-1].pictures.append((dump, caption))

    def figure(self, name: str, value: float, unit: str, most: float | None = None, guard: float | None = None) -> None:
        one = Figure(name, value, unit, most, guard)
        self.steps[-1].figures.append(one)
        self.say(one.words())
