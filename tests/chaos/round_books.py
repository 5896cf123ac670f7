"""The books of one round: what the glass showed against what the backend stored and acknowledged.

    produced = stored + declared + unknown tail        duplicates 0        conflicts 0

*Produced* comes from the pictures alone (glass_reader.py); the play log is not asked.
"""

from dataclasses import dataclass, field
from pathlib import Path

import books
from glass_reader import Glass, Play

TOLERANCE_US = 100_000  # between a flip in the picture's record and in the row


@dataclass
class Account:
    """Of the plays that began within one round."""

    produced: int = 0
    stored: int = 0  # of those, with exactly one row in the store
    missing: list[Play] = field(default_factory=list)
    duplicates: int = 0  # rows beyond one a play
    conflicts: int = 0
    declared: int = 0  # rows that a drop notice names
    unacknowledged: int = 0
    unshown: int = 0  # rows that say something was shown when nothing was

    @property
    def tail(self) -> int:
        return len(self.missing) - self.declared

    @property
    def settled(self) -> bool:
        return not self.missing and not self.unacknowledged

    def line(self) -> str:
        return (f"produced {self.produced:2d} = stored {self.stored:2d} + declared {self.declared} + tail {self.tail}, "
                f"duplicates {self.duplicates}, conflicts {self.conflicts}")


class RoundBooks:
    """Looks again and again while rounds go by. Sums that only grow (conflicts, drops) are told as what a round added."""

    def __init__(self, glass: Path, state: Path, store: Path) -> None:
        self.glass = Glass(glass)
        self._outbox = state / "telemetry" / "outbox.db"
        self._plays = state / "player" / "plays.db"
        self._store = store
        self._acknowledged: set[books.Key] = set()  # ever seen; an outbox that was lost forgets
        self._conflicts = 0
        self._declared = 0

    def look(self, since_us: int, until_us: int) -> Account:
        """The plays that began in [since, until), as the books say now."""
        self._note_acknowledged()
        self.glass.update()
        shown = [play for play in self.glass.plays if since_us <= play.first_us < until_us]
        rows = [(key, creative, first_us) for *key, creative, first_us in books.query(
            self._store, "SELECT log_id, seq, creative, first_flip_us FROM play"
            f" WHERE first_flip_us >= {since_us - TOLERANCE_US} AND first_flip_us < {until_us + TOLERANCE_US}")]
        account = Account(produced=len(shown))
        account.conflicts = self._conflicts_ever() - self._conflicts
        account.declared = self._declared_ever() - self._declared
        for play in shown:
            mine = [row for row in rows if row[1] == play.creative and abs(row[2] - play.first_us) <= TOLERANCE_US]
            if not mine:
                account.missing.append(play)
                continue
            account.stored += 1
            account.duplicates += len(mine) - 1
            account.unacknowledged += not any(tuple(row[0]) in self._acknowledged for row in mine)
            rows = [row for row in rows if row not in mine]
        # What is left over has no picture; at the edges it belongs to the rounds beside this one.
        account.unshown = sum(since_us <= first_us < until_us and not any(
            creative == play.creative and abs(first_us - play.first_us) <= TOLERANCE_US for play in self.glass.plays[-200:])
            for _, creative, first_us in rows)
        return account

    def close(self) -> None:
        """The next round begins to count."""
        self._conflicts, self._declared = self._conflicts_ever(), self._declared_ever()

    def _note_acknowledged(self) -> None:
        """By signed receipts: telemetry marks a batch (state 1) on nothing else."""
        for log_id, first, last in books.query_log(
                self._outbox, "SELECT log_id, first, last FROM batch WHERE stream = 0 AND state = 1 ORDER BY id DESC LIMIT 200"):
            self._acknowledged |= {(log_id, seq) for seq in range(first, last + 1)}

    def _conflicts_ever(self) -> int:
        """Rows that contradict a stored one, and batches that the backend set aside."""
        return (books.query(self._store, "SELECT COUNT(*) FROM conflict") or [(0,)])[0][0] + (books.query(
            self._store, "SELECT COUNT(*) FROM event WHERE kind = 'notice' AND code = 'batch-quarantined'") or [(0,)])[0][0]

    def _declared_ever(self) -> int:
        return (books.query(self._store, "SELECT COALESCE(SUM(last - first + 1), 0) FROM event"
                            " WHERE kind = 'drop' AND about_stream = 0") or [(0,)])[0][0]
