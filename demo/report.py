"""What a run amounts to, and whether it may count as a success."""

from collections import Counter
from dataclasses import dataclass
from typing import Callable, Mapping, Optional, Sequence

from books import QUALITIES, Ledger
from compare import LoggedPlay, apart_us, compare
from glass_reader import Play

LEAST_PLAYS = 3
LEAST_EXPOSURE_PERMILLE = 900


@dataclass(frozen=True)
class Outcome:
    glass: Optional[Sequence[Play]]  # None: nobody kept a record of it
    ledger: Ledger
    pushed: Sequence[int]  # creatives

    def columns(self) -> list[tuple[str, Counter[int]]]:
        """The figures by creative, counted where each of them lives."""
        shown = {play.key: play.creative for play in self.ledger.plays if play.was_shown}
        glass = [] if self.glass is None else [("on the glass", Counter(play.creative for play in self.glass))]
        return [
            *glass,
            ("in the log", Counter(shown.values())),
            ("stored", Counter(self.ledger.stored[key] for key in self.ledger.stored if self.ledger.stored[key])),
            ("acknowledged", Counter(creative for key, creative in shown.items() if key in self.ledger.acknowledged)),
        ]


def logged(ledger: Ledger) -> list[LoggedPlay]:
    return [LoggedPlay(play.seq, play.creative, play.first_us, play.first_us + play.length_us)
            for play in ledger.plays if play.first_us is not None]


def problems_of(outcome: Outcome) -> list[str]:
    """One line for each reason why the run does not pass; the first is the most telling."""
    ledger = outcome.ledger
    shown = [play for play in ledger.plays if play.was_shown]
    problems = [] if outcome.glass is None else compare(outcome.glass, logged(ledger))
    columns = outcome.columns()
    totals = [sum(counts.values()) for _, counts in columns]
    if len(set(totals)) != 1:
        problems.append("the figures differ: " + ", ".join(f"{name} {total}" for (name, _), total
                                                                 in zip(columns, totals)))
    for creative in sorted(set().union(*(counts for _, counts in columns))):
        figures = [counts[creative] for _, counts in columns]
        if len(set(figures)) != 1:
            problems.append(f"creative {creative}: " + ", ".join(f"{name} {counts[creative]}" for name, counts in columns))
    for name, keys in (("stored", set(ledger.stored)), ("acknowledged", ledger.acknowledged)):
        missing = [play.seq for play in ledger.plays if play.key not in keys]
        if missing:
            problems.append(f"{len(missing)} rows of the play log are not {name}: {_some(missing)}")
    if totals[0] < LEAST_PLAYS:
        problems.append(f"only {totals[0]} plays {columns[0][0]}; at least {LEAST_PLAYS} make a demo")
    never = [one for one in outcome.pushed if one not in columns[0][1]]
    if never:
        problems.append(f"pushed but never {columns[0][0]}: creative {', '.join(map(str, never))}")
    joined = sum(play.key in ledger.stored_exposure for play in shown)
    if joined * 1000 < len(shown) * LEAST_EXPOSURE_PERMILLE or not joined:
        problems.append(f"only {joined} of {len(shown)} plays have an exposure row in the store")
    return problems


def show(outcome: Outcome, names: Mapping[int, str], say: Callable[[str], None]) -> None:
    ledger = outcome.ledger
    columns = outcome.columns()
    say("== plays by creative")
    say(f"   {'creative':28}" + "".join(f"{name:>14}" for name, _ in columns) + "   kinds in the log")
    for creative in sorted({*outcome.pushed, *(one for _, counts in columns for one in counts)}):
        kinds = Counter(play.kind_name for play in ledger.plays if play.creative == creative)
        say(f"   {creative:<5}{names.get(creative, '?'):23}" + "".join(f"{counts[creative]:14d}" for _, counts in columns)
            + "   " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    say(f"   {'all':28}" + "".join(f"{sum(counts.values()):14d}" for _, counts in columns))
    cuts = Counter(play.cut_name for play in ledger.plays if play.cut_name)
    if cuts:
        say("   cut short: " + ", ".join(f"{count} {cause}" for cause, count in sorted(cuts.items())))
    frames = sum(play.frames_due for play in ledger.plays)
    say(f"   frames due {frames}, dropped {sum(play.frames_dropped for play in ledger.plays)}, repeated "
        f"{sum(play.frames_repeated for play in ledger.plays)}; longest gap "
        f"{max((play.gap_us for play in ledger.plays), default=0) / 1000:.0f} ms")
    if outcome.glass is not None:
        firsts, lasts = apart_us(outcome.glass, logged(ledger))
        say(f"   glass and log apart: {max(firsts, default=0) / 1000:.1f} ms at most at a play's first picture, "
            f"{max(lasts, default=0) / 1000:.1f} ms at its last")

    say("== audience, as stored")
    rows = [(play, ledger.stored_exposure[play.key]) for play in ledger.plays
            if play.was_shown and play.key in ledger.stored_exposure]
    for quality, name in enumerate(QUALITIES):
        of_quality = [(play, row) for play, row in rows if row.quality == quality]
        if not of_quality:
            continue
        if quality == 0:
            say(f"   quality {name}: {len(of_quality)} plays, nothing measured")
            continue
        play_ms = sum(play.length_us for play, _ in of_quality) / 1000
        person_ms = sum(row.person_ms for _, row in of_quality)
        coverage = sum(row.coverage_permille * play.length_us for play, row in of_quality) / max(1, play_ms * 1000) / 10
        say(f"   quality {name}: {len(of_quality)} plays, average audience {person_ms / max(1, play_ms):.2f}, "
            f"{person_ms / 1000:.1f} person-seconds, coverage {coverage:.0f} %, "
            f"crossings {sum(row.crossings or 0 for _, row in of_quality)}")
    if not rows:
        say("   none")

    say("== bytes on the wire")
    for stream, batches in sorted(ledger.batches.items()):
        count, size = sum(batch.rows for batch in batches), sum(batch.size for batch in batches)
        say(f"   {stream}: {len(batches)} batches, {count} rows, {size} bytes"
            + (f" = {size / count:.1f} bytes a row" if count else ""))

    totals = [sum(counts.values()) for _, counts in columns]
    say("== " + " = ".join(f"{name} {total}" for (name, _), total in zip(columns, totals)) if len(set(totals)) == 1
        else "== " + ", ".join(f"{name} {total}" for (name, _), total in zip(columns, totals)))


def _some(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:5])) + (", ..." if len(numbers) > 5 else "")
