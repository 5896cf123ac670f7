"""A creative's file rewritten in place while it is on the glass: the worst that a broken telemetry can do to a play that has
begun. What is written decodes without a fault, so nobody but whoever compares bytes can tell.
"""

import json
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from books import CUTS, query_log
from glass_reader import Glass, Play
from refusals import expect, wait_for
from screen import Folders

_FILLER = 12  # type of a unit that decoders pass over


@dataclass(frozen=True)
class Forgery:
    at: int  # in the file
    true: bytes
    false: bytes
    frame: int  # from which on another picture is shown

    def write(self, path: Path, body: bytes) -> None:
        with path.open("r+b") as file:
            file.seek(self.at)
            file.write(body)


def forge(path: Path) -> Forgery:
    """The first key picture again in the place of the last, filled up to its size."""
    probed = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pos,size,flags",
                             "-of", "json", path], check=True, capture_output=True, timeout=60).stdout
    packets = json.loads(probed)["packets"]
    keys = [number for number, packet in enumerate(packets) if "K" in packet["flags"]]
    places = [(int(packets[number]["pos"]), int(packets[number]["size"])) for number in (keys[0], keys[-1])]
    body = path.read_bytes()
    first, last = (body[at : at + size] for at, size in places)
    spare = len(last) - len(first) - 5
    if len(keys) < 2 or spare < 0:
        raise RuntimeError(f"{path}: its first key picture does not fit into the place of its last")
    false = first + (spare + 1).to_bytes(4, "big") + bytes([_FILLER]) + b"\xff" * spare
    return Forgery(places[1][0], last, false, keys[-1])


def rewrite_in_play(folders: Folders, creative: int, content: Path, log: Callable[[], str]) -> None:
    """Strikes as the play begins. The glass is asked first: what it shows counts, whatever is logged."""
    forgery = forge(content)
    glass = Glass(folders.glass)

    def begun() -> bool:
        live = tomllib.loads((folders.run / "player" / "live").read_text())
        return live["creative"] == creative and live["position_ms"] < 500

    wait_for(f"creative {creative} is on the glass", begun, 120)
    forgery.write(content, forgery.false)
    struck = len(glass.update())

    def plays_since() -> list[Play]:
        return glass.update()[struck - 1 :]

    print(f"attacker: {content.name[:12]} is rewritten while it plays", flush=True)
    wait_for("six more plays are on the glass", lambda: len(plays_since()) >= 8, 120)
    seen = [play for play in plays_since() if play.creative == creative]
    expect("the play ended before the first picture that was written into it, and was the last of that file",
           len(seen) == 1 and seen[0].last_frame < forgery.frame, seen)
    said = log()
    expect("it was cut for that reason", "is cut short: " + content.name + ": bytes " in said
           and "are no longer those that were hashed; going on to the next item" in said, said[-3000:])
    expect("the file is not shown", f"content {content.name[:12]} is not shown: sha256 of its bytes differs" in said, said[-3000:])
    expect("but not quarantined", not (folders.state / "player" / "quarantine" / content.name).exists())
    rows = query_log(folders.state / "player" / "plays.db",
                     f"SELECT cut_cause, frames_shown FROM play WHERE first_flip_us = {seen[0].first_us}")
    expect("its row says so", len(rows) == 1 and CUTS[rows[0][0]] == "decode-error" and rows[0][1] <= forgery.frame, rows)

    forgery.write(content, forgery.true)
    again = len(glass.update())
    wait_for("the file is whole and is shown again", lambda: any(play.creative == creative for play in glass.update()[again:]), 120)
