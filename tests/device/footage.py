"""Clips as the guest's camera takes them (guest/usr/local/sbin/rig-camera)."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "cross-compile"))
import debian_tree  # noqa: E402

FPS = 24


def make(clip: Path, start_s: float, length_s: float, size: tuple[int, int], target: Path) -> None:
    """A part of any clip as raw YUYV frames, 24 a second. Raises CalledProcessError."""
    subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-ss", str(start_s), "-t", str(length_s), "-i", str(clip),
                    "-vf", f"fps={FPS},scale={size[0]}:{size[1]}", "-pix_fmt", "yuyv422", "-f", "rawvideo", str(target)],
                   check=True, preexec_fn=debian_tree.leash())
