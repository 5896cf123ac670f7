"""What a playlist looked like on a screen, from the records of its glass: the gap at each seam, frames lost there, black and
desktop in between, how long stills stood."""

from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import clips  # first: it knows where the next one is
import glass_reader


@dataclass
class Look:
    """One clip's time on the screen."""

    clip: clips.Clip
    first_us: int
    new_us: int  # when its last new frame came
    frames: list[int]

    @property
    def lost(self) -> int:
        return self.clip.frames - len(set(self.frames))


@dataclass
class Seams:
    looks: list[Look] = field(default_factory=list)
    judged: int = 0  # seams that the reader saw; at the others it was kept from looking
    unseen: int = 0
    gaps_us: list[int] = field(default_factory=list)  # the last new frame of a video until the first picture of what follows
    over_us: list[int] = field(default_factory=list)  # of these, what is beyond the video's own frame
    lost: int = 0  # frames at seams: the last ones before, the first ones after
    hold_errors_us: list[int] = field(default_factory=list)  # of stills
    black: int = 0  # pictures between the first and the last of a clip
    desktop: int = 0

    def add(self, more: "Seams") -> None:
        for name, value in vars(more).items():
            setattr(self, name, getattr(self, name) + value)


def looks_of(glass: Path) -> list[Look]:
    looks: list[Look] = []
    for path in sorted(glass.glob("glass-*.rec")):
        for at_us, code in glass_reader.read_flips(path):
            if code is None or code.creative not in clips.BY_ID:
                continue
            here = looks[-1] if looks else None
            if here is None or here.clip.id != code.creative or code.frame < here.frames[-1]:
                looks.append(Look(clips.BY_ID[code.creative], at_us, at_us, [code.frame]))
            elif code.frame > here.frames[-1]:
                here.frames.append(code.frame)
                here.new_us = at_us
    return looks


def whole_from(seams: Seams, glass: Path, told: list[tuple[int, str, int]]) -> int:
    """When the first picture covers the desktop. The server copies it row by row and may be stopped on the way, so that its upper
    part, with the code, is there before the rest; but it is that same first frame."""
    first = seams.looks[0]
    part = {at_us for at_us, what, _ in told if what == "desktop"}
    for path in sorted(glass.glob("glass-*.rec")):
        for at_us, code in glass_reader.read_flips(path):
            if at_us < first.first_us or at_us in part:
                continue
            return at_us if code and (code.creative, code.frame) == (first.clip.id, first.frames[0]) else first.first_us
    return first.first_us


def seams_of(glass: Path, told: list[tuple[int, str, int]]) -> Seams:
    seams = Seams(looks_of(glass))
    away = [(at - pause, at) for at, what, pause in told if what == "away"]
    for before, after in zip(seams.looks, seams.looks[1:]):
        # From the frame before the last on: what it missed may have been that frame, or the first.
        since = before.new_us - (before.clip.frame_us if before.clip.fps else 0)
        until = after.first_us + (after.clip.frame_us if after.clip.fps else 0)
        ends = [(since, before.new_us), (after.first_us, until)] if not before.clip.fps else [(since, until)]
        if any(begin < end_us and end > begin_us for begin, end in away for begin_us, end_us in ends):
            seams.unseen += 1
            continue
        seams.judged += 1
        seams.lost += before.clip.frames - 1 - before.frames[-1] + after.frames[0]
        gap = after.first_us - before.new_us
        if before.clip.fps:
            seams.gaps_us.append(gap)
            seams.over_us.append(gap - before.clip.frame_us)
        else:
            seams.hold_errors_us.append(gap - before.clip.frame_us)
    begun = whole_from(seams, glass, told) if seams.looks else 0
    for at, what, _ in told:
        if seams.looks and begun < at < seams.looks[-1].new_us:
            seams.black += what == "black"
            seams.desktop += what == "desktop"
    return seams


def p95(values: list[int]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else float(values[0])


def line(seams: Seams) -> str:
    gaps, over, held = seams.gaps_us, seams.over_us, [abs(error) for error in seams.hold_errors_us]
    frames = sum(look.clip.frames for look in seams.looks)
    missed = sum(look.lost for look in seams.looks)
    said = f"{len(seams.looks)} items, {missed} of {frames} frames not seen; {seams.judged} seams judged, {seams.unseen} not seen"
    if gaps:
        said += (f"; gap at {len(gaps)} seams after videos: median {median(gaps) / 1000:.1f} ms, p95 {p95(gaps) / 1000:.1f}, "
                 f"beyond a frame {median(over) / 1000:.1f} and {p95(over) / 1000:.1f}")
    if held:
        said += f"; stills off by {median(held) / 1000:.1f} ms, at most {max(held) / 1000:.1f}"
    return f"{said}; lost at seams {seams.lost}, black {seams.black}, desktop {seams.desktop}"
