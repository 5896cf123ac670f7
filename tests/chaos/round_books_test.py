"""The books of a round against stores and outboxes made here."""

import random
import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "support")]

import faults  # noqa: E402
from glass_reader import Play  # noqa: E402
from round_books import RoundBooks  # noqa: E402

LOG = 77


class RoundBooksTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        root = Path(temporary.name)
        (root / "telemetry").mkdir()
        self.store = sqlite3.connect(root / "store.db", isolation_level=None)
        self.outbox = sqlite3.connect(root / "telemetry" / "outbox.db", isolation_level=None)
        self.addCleanup(self.store.close)
        self.addCleanup(self.outbox.close)
        self.store.executescript(
            "CREATE TABLE play(log_id, seq, creative, first_flip_us); CREATE TABLE conflict(seq);"
            "CREATE TABLE event(kind, code, about_stream, first, last)")
        self.outbox.executescript("CREATE TABLE batch(id INTEGER PRIMARY KEY, stream, log_id, first, last, state)")
        self.books = RoundBooks(root / "glass", root, root / "store.db")

    def show(self, creative: int, at_us: int) -> None:
        self.books.glass.plays.append(Play(creative, at_us, at_us + 1_000_000, 25, 0, 24))

    def keep(self, seq: int, creative: int, at_us: int | None, acknowledged: bool = True) -> None:
        self.store.execute("INSERT INTO play VALUES(?, ?, ?, ?)", (LOG, seq, creative, at_us))
        self.outbox.execute("INSERT INTO batch(stream, log_id, first, last, state) VALUES(0, ?, ?, ?, ?)",
                            (LOG, seq, seq, int(acknowledged)))

    def test_what_was_shown_stored_and_acknowledged_is_settled(self) -> None:
        for number in range(3):
            self.show(201 + number, 10_000_000 + number * 1_500_000)
            self.keep(number + 1, 201 + number, 10_000_000 + number * 1_500_000 + 20_000)
        self.keep(4, 205, None)  # a miss is no production
        account = self.books.look(10_000_000, 20_000_000)
        self.assertEqual((account.produced, account.stored, account.tail, account.duplicates, account.unshown), (3, 3, 0, 0, 0))
        self.assertTrue(account.settled)

    def test_only_the_plays_of_the_round_count(self) -> None:
        for seq, at_us in ((1, 9_800_000), (2, 10_000_000), (3, 19_800_000), (4, 20_000_000)):
            self.show(201, at_us)
            self.keep(seq, 201, at_us)
        account = self.books.look(10_000_000, 20_000_000)
        self.assertEqual((account.produced, account.stored, account.duplicates, account.unshown), (2, 2, 0, 0))

    def test_a_play_without_a_row_is_the_tail(self) -> None:
        self.show(201, 10_000_000)
        self.show(202, 12_000_000)
        self.keep(1, 201, 10_000_000)
        account = self.books.look(10_000_000, 20_000_000)
        self.assertEqual((account.produced, account.stored, account.tail), (2, 1, 1))
        self.assertFalse(account.settled)

    def test_a_row_of_another_creative_or_another_time_does_not_stand_for_a_play(self) -> None:
        self.show(201, 10_000_000)
        self.keep(1, 202, 10_000_000)
        self.keep(2, 201, 10_200_000)
        account = self.books.look(10_000_000, 20_000_000)
        self.assertEqual((account.stored, account.tail, account.unshown), (0, 1, 2))

    def test_two_rows_for_one_play_are_a_duplicate(self) -> None:
        self.show(201, 10_000_000)
        self.keep(1, 201, 10_000_000)
        self.keep(2, 201, 10_000_000)
        self.assertEqual(self.books.look(10_000_000, 20_000_000).duplicates, 1)

    def test_a_stored_row_that_nobody_acknowledged_does_not_settle_the_round(self) -> None:
        self.show(201, 10_000_000)
        self.keep(1, 201, 10_000_000, acknowledged=False)
        self.assertFalse(self.books.look(10_000_000, 20_000_000).settled)
        self.outbox.execute("UPDATE batch SET state = 1")
        self.assertTrue(self.books.look(10_000_000, 20_000_000).settled)
        self.outbox.execute("DELETE FROM batch")  # an outbox that was lost afterwards
        self.assertTrue(self.books.look(10_000_000, 20_000_000).settled)

    def test_conflicts_and_drops_are_those_of_the_round(self) -> None:
        self.store.execute("INSERT INTO conflict VALUES(1)")
        self.books.close()
        self.assertEqual(self.books.look(0, 1).conflicts, 0)
        self.store.execute("INSERT INTO conflict VALUES(2)")
        self.store.execute("INSERT INTO event VALUES('notice', 'batch-quarantined', NULL, NULL, NULL)")
        self.store.execute("INSERT INTO event VALUES('drop', NULL, 0, 5, 7)")
        account = self.books.look(0, 1)
        self.assertEqual((account.conflicts, account.declared), (2, 3))


class DrawTest(unittest.TestCase):
    def words(self, seed: str, allowed: bool = True) -> list[str]:
        return [fault.words() for fault in faults.draw(random.Random(seed), lambda kind: allowed or not kind.needs)]

    def test_a_seed_means_the_same_accidents_again(self) -> None:
        for number in range(50):
            self.assertEqual(self.words(f"1/{number}"), self.words(f"1/{number}"))
        self.assertGreater(len({tuple(self.words(f"1/{number}")) for number in range(50)}), 40)

    def test_no_two_accidents_of_a_round_lay_hands_on_the_same(self) -> None:
        for number in range(300):
            drawn = faults.draw(random.Random(number), lambda _: True)
            self.assertEqual(len(frozenset().union(*(one.touches for one in drawn))), sum(len(one.touches) for one in drawn))

    def test_what_a_place_cannot_do_is_left_out_and_changes_nothing_else(self) -> None:
        for number in range(50):
            self.assertLessEqual(len(self.words(f"1/{number}", False)), 2)
            if not any("line" in one or "partition" in one or "full" in one for one in self.words(f"1/{number}")):
                self.assertEqual(self.words(f"1/{number}"), self.words(f"1/{number}", False)[: len(self.words(f"1/{number}"))])


if __name__ == "__main__":
    unittest.main()
