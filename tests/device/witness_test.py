"""A screen dump contradicts a play log that says something else was on the glass, and no other."""

import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "whole"), str(HERE.parent.parent / "demo")]
import strip  # noqa: E402
from witness import Logged, Witness, contradiction  # noqa: E402

SECOND = 1_000_000
PLAYS = [Logged(1, 10 * SECOND, 0), Logged(2, 13 * SECOND, 0), Logged(1, 17 * SECOND, 4), Logged(2, 20 * SECOND, 0)]


def against(creative: int, frame: int, second: float, plays: list[Logged] = PLAYS) -> str:
    moment = round(second * SECOND)
    return contradiction(Witness("dump", strip.Code(creative, frame), moment, moment + 50_000), plays, 10)


class DumpAgainstLog(unittest.TestCase):
    def test_the_frame_that_is_due_fits(self) -> None:
        self.assertEqual(against(1, 5, 10.5), "")
        self.assertEqual(against(2, 39, 16.95), "")

    def test_another_creative_does_not(self) -> None:
        self.assertIn("not on the glass", against(2, 5, 10.5))
        self.assertIn("not on the glass", against(3, 5, 10.5))

    def test_a_frame_that_is_not_due_yet_does_not(self) -> None:
        self.assertIn("due at", against(1, 9, 10.5))
        self.assertIn("due at", against(1, 29, 17.5))

    def test_a_frame_that_is_over_does_not(self) -> None:
        self.assertIn("due at", against(1, 2, 10.5))

    def test_a_frame_that_is_over_fits_where_the_log_owns_up_to_dropped_ones(self) -> None:
        self.assertEqual(against(1, 2, 17.5), "")

    def test_a_play_that_the_log_lacks_is_missed(self) -> None:
        self.assertIn("not on the glass", against(2, 5, 13.5, [PLAYS[0], PLAYS[2], PLAYS[3]]))


if __name__ == "__main__":
    unittest.main()
