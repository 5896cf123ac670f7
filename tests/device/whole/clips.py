"""What the device plays: small clips that an emulated processor decodes in time, each picture with its code (demo/strip.py),
and the schedules that name them."""

import secrets
import struct
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Sequence

import media
from media import CreativeSpec

FPS = 10
HOUSE = 304
CLIPS = (
    CreativeSpec(301, "lift.mp4", 640, 360, 3, FPS, "Lift", "third floor", "1", ("0x2b1610", "0xc97b3d")),
    CreativeSpec(302, "lobby.mp4", 640, 360, 4, FPS, "Lobby", "straight on", "2", ("0x0b1440", "0x5b3c9e")),
    CreativeSpec(303, "metro.mp4", 640, 360, 3, FPS, "Metro", "one floor down", "3", ("0x0d4d4d", "0x49b675")),
    CreativeSpec(HOUSE, "house.mp4", 640, 360, 3, FPS, "House", "of the house", "4", ("0x22303c", "0x5c7c8a")),
)
LARGE = CreativeSpec(305, "large.mp4", 1280, 720, 6, FPS, "Large", "at 720p", "5", ("0x5a0f3c", "0xe8604c"))


def make(cache: Path) -> Path:
    """The folder that holds them, made when it is not there yet."""
    return media.make_creatives(cache, "device", Path(__file__), (*CLIPS, LARGE))


def another(clip: Path, target: Path, size: int) -> None:
    """The same pictures in a file nobody has yet: `size` random bytes are added in a box that every reader skips (ISO
    14496-12, `free`)."""
    target.write_bytes(clip.read_bytes() + struct.pack(">I4s", 8 + size, b"free") + secrets.token_bytes(size))


def schedule(specs: Sequence[CreativeSpec] = CLIPS, label: str = "device") -> dict[str, Any]:
    """A campaign for each clip but the house's, none twice within 6 s, so that the house loop comes in between. The flights
    are longer than any jump of the clock."""
    today = datetime.now().date()
    days = {"first_day": str(today - timedelta(days=30)), "last_day": str(today + timedelta(days=30))}
    campaigns = [{"id": 1000 + spec.id, "label": f"campaign of {spec.name}", "advertiser": spec.id, "category": f"category-{spec.id}",
                  "class": "share", "weight": 1, "bill_verdict": "full", "rules": {"separation_s": 6},
                  "flights": [{"phase": "launch", **days, "creatives": [{"creative": spec.id, "weight": 1}]}]}
                 for spec in specs if spec.id != HOUSE]
    return {"label": label, "sov_basis": "plays", "campaigns": campaigns, "house": [specs[-1].id],
            "creatives": [{"id": spec.id, "label": spec.name, "variants": [{"id": spec.id, "file": spec.name}]} for spec in specs]}
