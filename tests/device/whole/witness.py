"""What a screen dump showed, held against the play log."""

from typing import NamedTuple, Sequence

import strip

_JITTER_US = 30_000  # a vblank, and the hundredths of /proc/uptime


class Witness(NamedTuple):
    """One dump, and the moments just before and just after it in microseconds of the device's uptime."""

    dump: str
    code: strip.Code
    earliest_us: int
    latest_us: int


class Logged(NamedTuple):
    """A play that was shown, by its row."""

    creative: int
    first_flip_us: int
    frames_dropped: int


def contradiction(one: Witness, plays: Sequence[Logged], fps: int) -> str:
    """Why the log cannot be right, or nothing. `plays` in their order and beyond the dump: each is on the glass until the
    next one's first flip."""
    lasts = 1_000_000 // fps
    there = [play for play, after in zip(plays, plays[1:]) if play.creative == one.code.creative
             and play.first_flip_us - _JITTER_US <= one.latest_us and one.earliest_us <= after.first_flip_us + _JITTER_US]
    if not there:
        return f"by the log it was not on the glass between {one.earliest_us} and {one.latest_us} us"
    for play in there:
        due = play.first_flip_us + one.code.frame * lasts
        # A machine that starves shows an old frame for longer, and then the log has to own up to it.
        if due <= one.latest_us + _JITTER_US and (one.earliest_us <= due + lasts + _JITTER_US or play.frames_dropped):
            return ""
    due_at = [play.first_flip_us + one.code.frame * lasts for play in there]
    return f"by the log it was due at {due_at} us, not from {one.earliest_us} to {one.latest_us}"
