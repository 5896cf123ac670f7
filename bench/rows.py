"""What was asked, what was measured, and whether that is met: the rows every benchmark ends with."""

from dataclasses import dataclass
from typing import Iterable


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


def print_rows(rows: Iterable[Row]) -> None:
    print(f"\n{'':44} {'asked':>22} {'measured':>36}")
    for row in rows:
        print(f"{row.what:44} {row.asked:>22} {row.measured:>36}  {'met' if row.met else 'MISSED'}")
