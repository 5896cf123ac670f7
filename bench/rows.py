"""What was asked, what was measured, and whether that is met: the rows every benchmark ends with."""

import os
from dataclasses import dataclass
from typing import Callable, Iterable, Mapping, TypeVar

Bench = TypeVar("Bench")


class NoFigures(Exception):
    """Why a section has none."""


@dataclass(frozen=True)
class Row:
    what: str
    asked: str
    measured: str
    met: bool


def at_most(what: str, figure: float | None, limit: float, unit: str) -> Row:
    measured = "never" if figure is None else f"{figure:.3g} {unit}" if figure < 1 else f"{figure:.1f} {unit}"
    return Row(what, f"<= {limit:g} {unit}", measured, figure is not None and figure <= limit)


def run_sections(bench: Bench, names: Iterable[str], sections: Mapping[str, Callable[[Bench], list[Row]]]) -> int:
    """Each in its turn, then all their rows; what the program ends with. One without figures does not stop the others."""
    rows: list[Row] = []
    left_out = False
    for name in names:
        print(f"-- {name}; load {os.getloadavg()[0]:.1f}", flush=True)
        try:
            rows += sections[name](bench)
        except NoFigures as why:
            left_out = True
            print(f"   no figures for {name}: {why}", flush=True)
    _print_rows(rows)
    return 1 if left_out or not all(row.met for row in rows) else 0


def _print_rows(rows: Iterable[Row]) -> None:
    print(f"\n{'':44} {'asked':>22} {'measured':>36}")
    for row in rows:
        print(f"{row.what:44} {row.asked:>22} {row.measured:>36}  {'met' if row.met else 'MISSED'}")
