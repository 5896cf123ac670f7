"""Whether the ticker of a pushed layout is on the glass: letters in its zone, beneath the picture."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import strip

# Thousandths of the output.
MAIN_HEIGHT = 860
# Between letters and their ground, in luma codes; and the share of the zone that is ground, of one code. No creative of
# the demo has either at its lower edge.
LEAST_CONTRAST = 100
LEAST_GROUND = 0.5


def layout(text: str) -> dict[str, Any]:
    return {"main": {"x": 0, "y": 0, "width": 1000, "height": MAIN_HEIGHT},
            "ticker": {"x": 0, "y": MAIN_HEIGHT, "width": 1000, "height": 1000 - MAIN_HEIGHT}, "ticker_text": text}


@dataclass
class Watch:
    """Looks at the newest picture of the headless output as often as it is asked to."""
    picture: Path
    size: tuple[int, int]
    seen: int = 0     # pictures with a creative's code
    written: int = 0  # those of them with letters in the ticker's zone

    def look(self) -> None:
        width, height = self.size
        try:
            luma = self.picture.read_bytes()[: width * height]
        except FileNotFoundError:
            return
        if not any(strip.decode_row(luma[row * width : (row + 1) * width]) for row in range(0, height // 2, 8)):
            return
        self.seen += 1
        self.written += _holds_letters(luma[height * MAIN_HEIGHT // 1000 * width :])

    def account(self, say: Callable[[str], None]) -> list[str]:
        say(f"== the ticker was beneath {self.written} of {self.seen} pictures looked at")
        if self.seen == 0:
            return ["nobody saw a play, so nothing is known of the ticker"]
        missing = self.seen - self.written
        return [f"the ticker was not beneath {missing} of {self.seen} pictures looked at"] if missing else []


def _holds_letters(zone: bytes) -> bool:
    ground, pixels = Counter(zone).most_common(1)[0]
    return pixels >= len(zone) * LEAST_GROUND and max(abs(max(zone) - ground), abs(min(zone) - ground)) >= LEAST_CONTRAST
