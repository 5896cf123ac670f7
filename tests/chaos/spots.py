"""The creatives of the chaos rounds: a second or two long, so that a round of some seconds has several plays. Each carries
its code (demo/strip.py) as every creative of the demo does."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import media
from media import CreativeSpec

SIZE = (640, 360)
HOUSE = 205
# The house loop's only item is a video: two showings of a still in a row would look like one on the glass.
SPOTS = (
    CreativeSpec(201, "one.mp4", *SIZE, 1.2, 25, "One", "and a bit", "1", ("0x2b1610", "0xc97b3d"), 220),
    CreativeSpec(202, "two.png", *SIZE, 1.5, 1, "Two", "a still", "2", ("0x0b1440", "0x5b3c9e")),
    CreativeSpec(203, "three.mp4", *SIZE, 1.6, 30, "Three", "faster", "3", ("0x0d4d4d", "0x49b675")),
    CreativeSpec(204, "four.jpg", *SIZE, 1, 1, "Four", "another still", "4", ("0x5a0f3c", "0xe8604c")),
    CreativeSpec(HOUSE, "house.mp4", *SIZE, 1, 25, "House", "of the house", "5", ("0x22303c", "0x5c7c8a")),
)


def make(cache: Path) -> Path:
    """The folder that holds them, made when it is not there yet."""
    return media.make_creatives(cache, "spots", Path(__file__), SPOTS)


def schedule() -> dict[str, Any]:
    """Three campaigns that may not return within 3 s, so that the house loop comes in between. The flight is longer than
    any jump of the clock."""
    today = datetime.now().date()
    days = {"first_day": str(today - timedelta(days=30)), "last_day": str(today + timedelta(days=30))}

    def campaign(number: int, *creative_ids: int) -> dict[str, Any]:
        return {"id": number, "label": f"campaign {number}", "advertiser": number, "category": f"category-{number}",
                "class": "share", "weight": 1, "bill_verdict": "full", "rules": {"separation_s": 3},
                "flights": [{"phase": "launch", **days, "creatives": [{"creative": one, "weight": 1} for one in creative_ids]}]}

    creatives: list[dict[str, Any]] = []
    for spot in SPOTS:
        creatives.append({"id": spot.id, "label": spot.name, "variants": [{"id": spot.id, "file": spot.name}]})
        if spot.is_still:
            creatives[-1]["length_ms"] = round(spot.seconds * 1000)
    return {"label": "chaos", "sov_basis": "plays", "campaigns": [campaign(21, 201, 204), campaign(22, 202), campaign(23, 203)],
            "creatives": creatives, "house": [HOUSE]}
