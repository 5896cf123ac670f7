"""Holds what the glass showed against what the play log claims, play by play in the order of time."""

from dataclasses import dataclass
from typing import Sequence

from glass_reader import Play

TOLERANCE_US = 100_000


@dataclass(frozen=True)
class LoggedPlay:
    """A row of the play log that says something was shown."""

    seq: int
    creative: int
    first_us: int
    last_us: int


def compare(glass: Sequence[Play], log: Sequence[LoggedPlay]) -> list[str]:
    """One line for every play that only one side knows. Nothing: creative by creative and time by time they agree."""
    shown = sorted(glass, key=lambda play: play.first_us)
    logged = sorted(log, key=lambda play: play.first_us)
    start = min([play.first_us for play in (*shown[:1], *logged[:1])], default=0)
    problems = []
    left = right = 0
    while left < len(shown) or right < len(logged):
        if left < len(shown) and right < len(logged):
            one, other = shown[left], logged[right]
            if one.creative == other.creative and abs(one.first_us - other.first_us) <= TOLERANCE_US:
                left, right = left + 1, right + 1
                continue
        # Whichever began earlier has no partner.
        if right == len(logged) or (left < len(shown) and shown[left].first_us <= logged[right].first_us):
            one = shown[left]
            problems.append(f"shown but not logged: creative {one.creative} at +{(one.first_us - start) / 1e6:.2f} s, "
                            f"{one.frames} frames on the glass")
            left += 1
        else:
            other = logged[right]
            problems.append(f"logged but not shown: creative {other.creative} at +{(other.first_us - start) / 1e6:.2f} s, "
                            f"row {other.seq}")
            right += 1
    return problems


def apart_us(glass: Sequence[Play], log: Sequence[LoggedPlay]) -> tuple[list[int], list[int]]:
    """How far the two are apart at the first and at the last picture of each play that both know. Of what stood still a
    witness of changes alone cannot tell the last flip; those are left out of the second list."""
    firsts, lasts = [], []
    for one in glass:
        partner = min((other for other in log if other.creative == one.creative),
                      key=lambda other: abs(other.first_us - one.first_us), default=None)
        if partner is None or abs(partner.first_us - one.first_us) > TOLERANCE_US:
            continue
        firsts.append(abs(partner.first_us - one.first_us))
        if abs(partner.last_us - one.last_us) <= TOLERANCE_US:
            lasts.append(abs(partner.last_us - one.last_us))
    return firsts, lasts
