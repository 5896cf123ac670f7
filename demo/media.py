"""Makes the demo's media with ffmpeg: creatives that carry their own identity, and a clip of people walking past.

Everything is made once and kept under the hash of this file and strip.py, so only a change here makes it anew.
"""

import hashlib
import math
import random
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable, Iterator, Optional

import strip

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans{}.ttf"  # comes with ffmpeg's own dependencies

CAMERA_SIZE = (480, 360)
CAMERA_FPS = 10
CAMERA_SECONDS = 60

HOUSE = 105


@dataclass(frozen=True)
class CreativeSpec:
    id: int
    name: str  # file name with its suffix, which decides the format
    width: int
    height: int
    seconds: float
    fps: int
    headline: str
    line: str
    symbol: str  # one glyph of DejaVu Sans
    colours: tuple[str, str]
    tone_hz: int = 0  # of the sound; 0 = silent

    @property
    def is_still(self) -> bool:
        return self.name.endswith((".jpg", ".png"))


# The house loop's only item is a video: two showings of a still in a row would look like one on the glass.
CREATIVES = (
    CreativeSpec(101, "harbour-coffee.mp4", 1280, 720, 5, 30, "Harbour Coffee", "two streets on, until ten", "\u2615",
                 ("0x2b1610", "0xc97b3d"), 220),
    CreativeSpec(102, "night-train.png", 1280, 720, 4, 1, "Night Train", "asleep here, awake there", "\u263e",
                 ("0x0b1440", "0x5b3c9e")),
    CreativeSpec(103, "spring-umbrellas.mp4", 720, 1280, 6, 30, "Umbrellas", "third floor", "\u2602",
                 ("0x0d4d4d", "0x49b675"), 330),
    CreativeSpec(104, "record-fair.jpg", 1280, 720, 4, 1, "Record Fair", "Saturday, main hall", "\u266b",
                 ("0x5a0f3c", "0xe8604c")),
    CreativeSpec(HOUSE, "house-board.mp4", 1280, 720, 4, 25, "This space", "is looking for someone", "\u2605",
                 ("0x22303c", "0x5c7c8a"), 277),
)


def fingerprint() -> str:
    digest = hashlib.sha256()
    for module in (__file__, strip.__file__):
        digest.update(Path(module).read_bytes())
    return digest.hexdigest()[:16]


def make_once(cache: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """CACHE/NAME, filled when it is not there yet. Whole or not there, however many make it at a time; `name` says all
    that its content depends on."""
    ready = cache / name
    if ready.is_dir():
        return ready
    cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=cache, prefix="making-"))
    try:
        work.chmod(0o755)
        fill(work)
        try:
            work.rename(ready)
        except OSError:  # another run was quicker; both made the same
            if not ready.is_dir():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return ready


def make_creatives(cache: Path, stem: str, module: Path, specs: Iterable[CreativeSpec]) -> Path:
    """The folder that holds these, which `module` names, made when it is not there yet."""
    digest = hashlib.sha256(module.read_bytes() + fingerprint().encode()).hexdigest()[:16]

    def fill(folder: Path) -> None:
        for spec in specs:
            make_creative(spec, folder / spec.name)

    return make_once(cache, f"{stem}-{digest}", fill)


def make(cache: Path) -> Path:
    """The directory that holds every creative and camera.mp4, made when it is not there yet."""
    def fill(folder: Path) -> None:
        (folder / "creatives").mkdir()
        for spec in CREATIVES:
            make_creative(spec, folder / "creatives" / spec.name)
        _make_camera(folder / "camera.mp4")

    return make_once(cache, fingerprint(), fill)


def _run(arguments: list[str], raw: Optional[Iterator[bytes]] = None) -> None:
    """ffmpeg, with raw frames on its standard input when there are any."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *arguments]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors)
        assert process.stdin
        try:
            for frame in raw or ():
                process.stdin.write(frame)
            process.stdin.close()
        except BrokenPipeError:
            pass  # the reason is in its error output
        if process.wait() != 0:
            errors.seek(0)
            raise RuntimeError(f"ffmpeg could not make {arguments[-1]}: {errors.read().decode(errors='replace').strip()}")


def _text(text: str, x: str, y: str, size: int, font: str, alpha: str = "1") -> str:
    escaped = text.replace(":", r"\:").replace(",", r"\,")
    return (f"drawtext=fontfile={FONT.format(font)}:text='{escaped}':x='{x}':y='{y}':fontsize={size}:fontcolor=white"
            f":alpha='{alpha}':shadowcolor=black@0.45:shadowx=4:shadowy=4")


def make_creative(spec: CreativeSpec, path: Path) -> None:
    frames = 1 if spec.is_still else round(spec.seconds * spec.fps)
    unit = min(spec.width, spec.height)
    strip_height = spec.height * strip.HEIGHT_PERMILLE // 1000 // 2 * 2
    dark, light = spec.colours
    background = (f"gradients=s={spec.width}x{spec.height}:r={spec.fps}:c0={dark}:c1={light}:n=2:speed=0.02"
                  f":x0=0:y0=0:x1={spec.width}:y1={spec.height}:seed={spec.id}")
    # A still shows its symbol where a video has it half way through its swing.
    swing = "0" if spec.is_still else f"{unit // 12}*sin(2*PI*t/2.5)"
    drawn = ",".join([
        _text(spec.symbol, f"(w-text_w)/2+{swing}", "h*0.16", unit * 2 // 5, "", "0.9"),
        _text(spec.headline, "(w-text_w)/2", "h*0.64", unit // 8, "-Bold"),
        _text(spec.line, "(w-text_w)/2", f"h*0.64+{unit // 6}", unit // 18, ""),
    ])
    graph = (f"[0:v]{drawn}[picture];"
             f"[1:v]scale={spec.width}:{strip_height}:flags=neighbor,format=gbrp[strip];"
             f"[picture][strip]overlay=0:0:format=gbrp:shortest=1")
    # Drawn in RGB, so each format gets the matrix and range its readers expect.
    to_jpeg = ",scale=out_color_matrix=bt601:out_range=full,format=yuvj420p[v]"
    to_video = ",scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[v]"
    to_png = ",format=rgb24[v]"
    arguments = ["-f", "lavfi", "-i", background,
                 "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{strip.CELLS}x1", "-r", str(spec.fps), "-i", "pipe:0"]
    if spec.is_still:
        arguments += ["-filter_complex", graph + (to_jpeg if path.suffix == ".jpg" else to_png), "-map", "[v]",
                      "-frames:v", "1", "-update", "1", "-q:v", "2"]
    else:
        tone = f"0.08*sin(2*PI*{spec.tone_hz}*t)*(1+sin(2*PI*2*t))/2"
        arguments += ["-f", "lavfi", "-i", f"aevalsrc='{tone}|{tone}':s=48000:d={spec.seconds}",
                      "-filter_complex", graph + to_video, "-map", "[v]", "-map", "2:a",
                      "-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-g", str(spec.fps * 2),
                      "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
                      "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"]
    _run([*arguments, str(path)],
         (bytes(255 * cell for cell in strip.encode(strip.Code(spec.id, number))) for number in range(frames)))


@dataclass(frozen=True)
class Walker:
    enters_at: float  # seconds
    from_left: bool
    speed: float  # pixels a second
    feet: int  # row
    height: int
    shade: int

    def x_at(self, second: float) -> float:
        way = (second - self.enters_at) * self.speed - 40
        return way if self.from_left else CAMERA_SIZE[0] - way


def walkers() -> list[Walker]:
    """A fixed crowd: somebody every two to four seconds, both ways, nearer people lower and larger."""
    random_source = random.Random(20)
    crowd, second = [], 1.0
    while second < CAMERA_SECONDS - 2:
        near = random_source.random()
        crowd.append(Walker(second, random_source.random() < 0.5, 55 + 50 * random_source.random(),
                            int(215 + 120 * near), int(90 + 60 * near), random_source.choice((25, 40, 60, 215, 235))))
        second += 2 + 2 * random_source.random()
    return crowd


def _make_camera(path: Path) -> None:
    width, height = CAMERA_SIZE
    # Noise goes on afterwards and changes with every frame, as a sensor's does.
    _run(["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{width}x{height}", "-r", str(CAMERA_FPS), "-i", "pipe:0",
          "-vf", "gblur=sigma=0.8,noise=alls=5:allf=t,format=yuv420p",
          "-c:v", "libx264", "-preset", "veryfast", "-crf", "25", str(path)], _camera_frames())


def _camera_frames() -> Iterator[bytes]:
    background = _room()
    crowd = walkers()
    for number in range(CAMERA_FPS * CAMERA_SECONDS):
        frame = bytearray(background)
        for walker in sorted(crowd, key=lambda one: one.feet):  # nearer people last, in front
            if number / CAMERA_FPS >= walker.enters_at:
                _draw_walker(frame, walker, number / CAMERA_FPS)
        yield bytes(frame)


def _room() -> bytes:
    """A wall, a floor with slabs, and grain that stays where it is."""
    width, height = CAMERA_SIZE
    random_source = random.Random(7)
    rows = bytearray()
    for y in range(height):
        floor = y > height * 11 // 20
        shade = 120 + y // 8 if floor else 165 - y // 12
        if floor and (y - height * 11 // 20) % 34 == 0:
            shade -= 25
        rows += bytes(min(255, max(0, shade + random_source.randrange(-6, 7))) for _ in range(width))
    return bytes(rows)


def _fill(frame: bytearray, y: int, middle: float, half: float, shade: int) -> None:
    width, height = CAMERA_SIZE
    if not 0 <= y < height:
        return
    left, right = max(0, round(middle - half)), min(width, round(middle + half))
    if left < right:
        frame[y * width + left : y * width + right] = bytes([shade]) * (right - left)


def _draw_walker(frame: bytearray, walker: Walker, second: float) -> None:
    x, tall = walker.x_at(second), walker.height
    if not -60 < x < CAMERA_SIZE[0] + 60:
        return
    top = walker.feet - tall
    head = tall * 0.075
    stride = math.sin((second - walker.enters_at) * walker.speed / tall * 9)
    for row in range(tall):
        y, part = top + row, row / tall
        if part < 0.15:  # head
            from_centre = row - head
            if abs(from_centre) < head:
                _fill(frame, y, x, math.sqrt(head * head - from_centre * from_centre) + 1, walker.shade)
        elif part < 0.55:  # trunk and arms, shoulders wider than hips
            _fill(frame, y, x, tall * (0.15 - 0.08 * (part - 0.15)), walker.shade)
        else:  # two legs, swinging from the hip
            reach = (part - 0.55) / 0.45 * tall * 0.17 * stride
            shade = max(10, walker.shade - 25)
            _fill(frame, y, x + reach, tall * 0.055, shade)
            _fill(frame, y, x - reach, tall * 0.055, shade)


if __name__ == "__main__":
    print(make(Path(__file__).resolve().parent / "out" / "media"))
