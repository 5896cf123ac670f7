"""The players that are measured beside ours, each in the way that suits it best: its fastest output without a GPU, what it has
for gapless playlists, no sound, nothing drawn over the picture."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STILL_S = 2
NOBODY = 65534  # VLC refuses to run as root


@dataclass(frozen=True)
class Player:
    name: str
    command: Callable[[list[Path]], list[str]]
    stills: bool = True


def ours(program: Path, run: Path) -> Player:
    return Player("vitrine", lambda files: [str(program), "--output", "x11", "--run", str(run), "--once", "--still-seconds",
                                            str(STILL_S), "--play", *map(str, files)])


def _vlc(files: list[Path]) -> list[str]:
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    return [*as_nobody, "vlc", "-I", "dummy", "-q", "--no-video-title-show", "--no-osd", "--no-spu", "--no-audio",
            "--no-video-deco", "--fullscreen", "--vout=xcb_x11", f"--image-duration={STILL_S}", "--play-and-exit",
            *map(str, files)]


RIVALS = (
    Player("mpv", lambda files: ["mpv", "--no-config", "--no-terminal", "--no-border", "--geometry=1920x1080+0+0", "--no-osc",
                                 "--osd-level=0", "--no-audio", "--vo=x11", "--profile=sw-fast", "--prefetch-playlist=yes",
                                 f"--image-display-duration={STILL_S}", *map(str, files)]),
    Player("vlc", _vlc),
    Player("gstreamer", lambda files: ["gst-play-1.0", "--no-interactive", "--gapless", "--use-playbin3",
                                       "--audiosink=fakesink", "--videosink=ximagesink", *map(str, files)], stills=False),
)
