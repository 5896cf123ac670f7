"""The playlist whose seams are looked at: clips and stills of two seconds in mixed formats, each picture with its code."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "demo"))

import media  # noqa: E402

SECONDS = 2


@dataclass(frozen=True)
class Clip:
    id: int  # of the creative, in the code
    name: str
    width: int
    height: int
    fps: int  # 0: a still
    codec: str = "h264"

    @property
    def frames(self) -> int:
        return self.fps * SECONDS or 1

    @property
    def frame_us(self) -> int:
        return 1_000_000 // self.fps if self.fps else SECONDS * 1_000_000


CLIPS = (
    Clip(201, "full-hd-30.mp4", 1920, 1080, 30),
    Clip(202, "hd-25.mp4", 1280, 720, 25),
    Clip(203, "hevc-30.mp4", 1920, 1080, 30, "hevc"),
    Clip(204, "poster.jpg", 1920, 1080, 0),
    Clip(205, "poster.png", 1920, 1080, 0),
    Clip(206, "full-hd-30-too.mp4", 1920, 1080, 30),
)
BY_ID = {clip.id: clip for clip in CLIPS}
# Videos between videos, videos before and after stills; no clip follows itself.
MIXED = [BY_ID[number] for number in (201, 202, 206, 203, 204, 201, 205, 203, 202, 201, 204, 202, 203, 206)]


def make(folder: Path) -> dict[int, Path]:
    """The file of each clip, made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for clip in CLIPS:
        files[clip.id] = folder / clip.name
        if not files[clip.id].exists():
            _make(clip, files[clip.id])
    return files


def ffmpeg(*arguments: object) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)], check=True)


def _make(clip: Clip, path: Path) -> None:
    part = path.with_name("making-" + path.name)
    spec = media.CreativeSpec(clip.id, part.name, clip.width, clip.height, SECONDS, clip.fps or 1, path.stem, clip.codec,
                              "\u2605", ("0x17324d", "0xb4653a"))
    media.make_creative(spec, part)
    if clip.codec == "hevc":
        plain = shutil.move(part, part.with_name("plain-" + part.name))
        ffmpeg("-i", plain, "-map", "0:v", "-c:v", "libx265", "-preset", "veryfast", "-crf", "23", "-x265-params",
               "log-level=error", "-tag:v", "hvc1", "-movflags", "+faststart", part)
        plain.unlink()
    part.rename(path)
