"""The glass reader against records made here, byte by byte as docs/glass.md says."""

import hashlib
import struct
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from typing import Optional

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "demo"))

import strip  # noqa: E402
from compare import LoggedPlay, apart_us, compare  # noqa: E402
from glass_reader import Glass, Play, read_flips, read_glass  # noqa: E402

WIDTH, HEIGHT, STEP = 640, 360, 20
ROWS = -(-HEIGHT // STEP)


def picture(code: Optional[strip.Code], left: int = 0, right: int = WIDTH, top: int = 0, white: int = 235,
            black: int = 16) -> bytes:
    """The kept rows: the strip over the first two rows of a picture that begins at row `top`, grey below, black bars."""
    bar = bytes([16]) * WIDTH
    if code is None:
        return bytes([90]) * WIDTH * ROWS
    cells, width = strip.encode(code), right - left
    line = bytes(white if cells[x * strip.CELLS // width] else black for x in range(width))
    coded = bytes([16]) * left + line + bytes([16]) * (WIDTH - right)
    grey = bytes([16]) * left + bytes([120]) * width + bytes([16]) * (WIDTH - right)
    return bar * top + coded * 2 + grey * (ROWS - 2 - top)


class Record:
    def __init__(self, directory: Path, start_us: int) -> None:
        self.path = directory / f"glass-{start_us}.rec"
        self._at, self._vblank, self._before = start_us, 0, b""
        self.path.write_bytes(struct.pack("<8sIIII", b"VTGLASS1", WIDTH, HEIGHT, STEP, ROWS))

    def flip(self, luma: bytes, step_us: int = 33_000) -> int:
        self._at, self._vblank = self._at + step_us, self._vblank + 2
        if luma == self._before:
            body, kind = hashlib.sha256(luma).digest()[:8], 1
        else:
            body, kind = luma, 0
        self._before = luma
        with self.path.open("ab") as file:
            file.write(struct.pack("<qQII", self._at, self._vblank, kind, len(body)) + body)
        return self._at

    def video(self, creative: int, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.flip(picture(strip.Code(creative, number)))


class StripTest(unittest.TestCase):
    def test_every_bit_of_id_and_frame_comes_back(self) -> None:
        for bit in range(16):
            code = strip.Code(1 << bit, 0xFFFF ^ 1 << bit)
            self.assertEqual(strip.decode_row(picture(code)[:WIDTH]), code)

    def test_a_picture_between_black_bars_is_read(self) -> None:
        code = strip.Code(103, 77)
        self.assertEqual(strip.decode_row(picture(code, left=218, right=421)[:WIDTH]), code)

    def test_faded_black_and_white_are_read(self) -> None:
        code = strip.Code(103, 77)
        self.assertEqual(strip.decode_row(picture(code, white=200, black=45)[:WIDTH]), code)

    def test_a_blend_of_two_frames_is_no_code(self) -> None:
        one, other = picture(strip.Code(5, 0x0F0F))[:WIDTH], picture(strip.Code(5, 0xF0F0))[:WIDTH]
        self.assertIsNone(strip.decode_row(bytes((a + b) // 2 for a, b in zip(one, other))))

    def test_a_flipped_cell_is_no_code(self) -> None:
        cells = strip.encode(strip.Code(101, 3))
        for at in range(2, strip.CELLS - 2):
            wrong = [cell ^ (index == at) for index, cell in enumerate(cells)]
            self.assertIsNone(strip.decode_row(bytes(235 if cell else 16 for cell in wrong for _ in range(8))))

    def test_black_white_and_grey_rows_are_no_code(self) -> None:
        for value in (0, 16, 90, 128, 235, 255):
            self.assertIsNone(strip.decode_row(bytes([value]) * WIDTH))


class GlassTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)

    def plays(self) -> list[tuple[int, int, int, int]]:
        return [(play.creative, play.first_frame, play.last_frame, play.frames) for play in read_glass(self.directory)]

    def test_another_creative_begins_another_play(self) -> None:
        record = Record(self.directory, 1000)
        record.video(7, 0, 9)
        record.video(8, 0, 4)
        self.assertEqual(self.plays(), [(7, 0, 9, 10), (8, 0, 4, 5)])

    def test_a_frame_number_that_goes_back_begins_another_play(self) -> None:
        record = Record(self.directory, 1000)
        record.video(7, 0, 9)
        record.video(7, 0, 9)
        self.assertEqual(self.plays(), [(7, 0, 9, 10)] * 2)

    def test_a_held_frame_and_a_dropped_one_stay_one_play(self) -> None:
        record = Record(self.directory, 1000)
        record.video(7, 0, 3)
        for _ in range(5):
            record.flip(picture(strip.Code(7, 3)))
        record.video(7, 6, 9)
        self.assertEqual(self.plays(), [(7, 0, 9, 8)])

    def test_a_still_shown_for_seconds_is_one_play(self) -> None:
        record = Record(self.directory, 1000)
        ats = [record.flip(picture(strip.Code(104, 0)), 1_000_000) for _ in range(4)]
        (play,) = read_glass(self.directory)
        self.assertEqual((play.first_us, play.last_us, play.frames), (ats[0], ats[-1], 1))

    def test_a_new_file_begins_another_play(self) -> None:
        Record(self.directory, 1000).video(7, 0, 4)
        Record(self.directory, 900_000).video(7, 5, 9)
        self.assertEqual(self.plays(), [(7, 0, 4, 5), (7, 5, 9, 5)])

    def test_files_are_read_in_the_order_of_time_not_of_text(self) -> None:
        Record(self.directory, 10_000_000).video(8, 0, 1)
        Record(self.directory, 9_000_000).video(7, 0, 1)
        self.assertEqual([play[0] for play in self.plays()], [7, 8])

    def test_status_pictures_are_no_plays_and_part_two_showings_of_a_still(self) -> None:
        record = Record(self.directory, 1000)
        record.flip(picture(None))
        record.flip(picture(strip.Code(104, 0)))
        record.flip(picture(None))
        record.flip(picture(strip.Code(104, 0)))
        self.assertEqual(self.plays(), [(104, 0, 0, 1)] * 2)

    def test_an_unreadable_frame_inside_a_video_does_not_split_it(self) -> None:
        record = Record(self.directory, 1000)
        record.video(7, 0, 3)
        record.flip(picture(None))
        record.video(7, 5, 8)
        self.assertEqual(self.plays(), [(7, 0, 8, 8)])

    def test_a_picture_below_a_black_bar_is_found(self) -> None:
        record = Record(self.directory, 1000)
        record.flip(picture(strip.Code(7, 0), top=4))
        self.assertEqual(self.plays(), [(7, 0, 0, 1)])

    def test_a_record_cut_short_is_no_flip(self) -> None:
        record = Record(self.directory, 1000)
        record.video(7, 0, 3)
        whole = record.path.read_bytes()
        for cut in (1, 8, WIDTH, WIDTH * ROWS + 10):
            record.path.write_bytes(whole[:-cut])
            self.assertEqual(self.plays(), [(7, 0, 2, 3)])

    def test_an_empty_directory_and_an_empty_record_hold_no_plays(self) -> None:
        self.assertEqual(self.plays(), [])
        (self.directory / "glass-5.rec").write_bytes(b"VTGL")
        self.assertEqual(self.plays(), [])

    def test_a_file_that_is_no_record_is_named(self) -> None:
        (self.directory / "glass-5.rec").write_bytes(b"x" * 100)
        with self.assertRaisesRegex(ValueError, "glass-5.rec: not a glass record"):
            read_glass(self.directory)

    def test_a_repeat_with_another_hash_is_named(self) -> None:
        record = Record(self.directory, 1000)
        record.video(7, 0, 0)
        with record.path.open("ab") as file:
            file.write(struct.pack("<qQII", 99_000, 50, 1, 8) + b"12345678")
        with self.assertRaisesRegex(ValueError, "record 1 says 'as before' with another hash"):
            list(read_flips(record.path))


class CompareTest(unittest.TestCase):
    def setUp(self) -> None:
        self.glass = [Play(creative, at, at + 4_000_000, 100, 0, 99)
                      for creative, at in ((101, 1_000_000), (102, 6_000_000), (101, 10_000_000))]
        self.log = [LoggedPlay(seq, play.creative, play.first_us + 20_000, play.first_us + 4_030_000) for seq, play in enumerate(self.glass, 1)]

    def test_the_same_plays_agree(self) -> None:
        self.assertEqual(compare(self.glass, self.log), [])

    def test_nothing_agrees_with_nothing(self) -> None:
        self.assertEqual(compare([], []), [])

    def test_a_play_that_was_not_shown_is_named(self) -> None:
        self.log.append(LoggedPlay(4, 103, 12_000_000, 16_000_000))
        self.assertEqual(compare(self.glass, self.log), ["logged but not shown: creative 103 at +11.00 s, row 4"])

    def test_a_play_that_was_not_logged_is_named(self) -> None:
        del self.log[1]
        self.assertEqual(compare(self.glass, self.log),
                         ["shown but not logged: creative 102 at +5.00 s, 100 frames on the glass"])

    def test_equal_totals_do_not_hide_another_creative(self) -> None:
        self.log[1] = LoggedPlay(2, 105, 6_000_000, 10_000_000)
        self.assertEqual(len(compare(self.glass, self.log)), 2)

    def test_equal_creatives_do_not_hide_another_time(self) -> None:
        self.log[1] = LoggedPlay(2, 102, 6_150_000, 10_150_000)
        self.assertEqual(len(compare(self.glass, self.log)), 2)

    def test_how_far_apart_they_are_is_told_of_the_first_and_the_last_picture(self) -> None:
        self.assertEqual(apart_us(self.glass, self.log), ([20_000] * 3, [30_000] * 3))

    def test_a_still_whose_last_flip_nobody_saw_has_its_first_picture_alone(self) -> None:
        self.glass[1] = replace(self.glass[1], last_us=self.glass[1].first_us)
        self.assertEqual(apart_us(self.glass, self.log), ([20_000] * 3, [30_000] * 2))

    def test_a_play_that_only_one_side_knows_is_not_compared(self) -> None:
        self.log[1] = LoggedPlay(2, 105, 6_000_000, 10_000_000)
        self.assertEqual(apart_us(self.glass, self.log), ([20_000] * 2, [30_000] * 2))


class GrowingTest(unittest.TestCase):
    def test_a_record_read_while_it_grows_tells_the_same_plays_as_one_read_whole(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            glass = Glass(directory)
            record = Record(directory, 1_000)
            record.video(7, 0, 3)
            self.assertEqual([play.last_frame for play in glass.update()], [3])
            record.video(7, 4, 5)
            whole = record.path.read_bytes()
            record.path.write_bytes(whole[:-100])  # half a record, as a reader may meet it
            self.assertEqual([play.last_frame for play in glass.update()], [4])
            record.path.write_bytes(whole)
            record.video(8, 0, 2)
            Record(directory, 900_000_000).video(8, 0, 1)
            self.assertEqual(glass.update(), read_glass(directory))
            self.assertEqual([(play.creative, play.last_frame) for play in glass.plays], [(7, 5), (8, 2), (8, 1)])


if __name__ == "__main__":
    unittest.main()
