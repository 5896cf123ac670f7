"""vitrine-audience with a clip, or with boxes, instead of a camera: what it prints, and what it refuses."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT, RATE = 320, 240, 10


def write_clip(path: Path, seconds: int) -> None:
    """A dark body of 20 x 60 walks from left to right, from the fourth second on, in five seconds."""
    ground = bytes(150 + (x * 7 + y * 13) % 11 for y in range(HEIGHT) for x in range(WIDTH))
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 Cmono\n".encode())
        for i in range(seconds * RATE):
            picture = bytearray(ground)
            left = round(64 * (i / RATE - 4))
            if 0 <= left <= WIDTH - 20:
                for y in range(140, 200):
                    picture[y * WIDTH + left:y * WIDTH + left + 20] = bytes(20 * [30])
            file.write(b"FRAME\n" + picture)


def run(program: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120)


def lines_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def clip(program: Path, folder: Path) -> None:
    path = folder / "walker.y4m"
    write_clip(path, 12)
    lines = lines_of(run(program, "--source", path, "--fast", "--json", "--line", "500,0,500,1000"))
    kinds = [line["type"] for line in lines]
    assert sorted(kinds) == ["crossing", "summary", "visit"] and kinds[-1] == "summary", lines
    crossing = next(line for line in lines if line["type"] == "crossing")
    assert crossing["direction"] == "in" and 6 < float(str(crossing["t"])) < 7.5, crossing
    visit = next(line for line in lines if line["type"] == "visit")
    assert abs(float(str(visit["leave"])) - float(str(visit["enter"])) - float(str(visit["dwell"]))) < 0.02, visit
    summary = lines[-1]
    assert summary["method"] == "mog2" and summary["quality"] == "flow" and summary["counts"] == "objects", summary
    assert summary["model"] is None and summary["in"] == 1 and summary["out"] == 0, summary
    assert summary["frames"] == 12 * RATE and float(str(summary["coverage"])) > 0.85, summary
    assert float(str(summary["cpu_ms"])) > 0, summary
    slower = lines_of(run(program, "--source", path, "--fast", "--json", "--fps", 5))[-1]
    assert slower["frames"] == 12 * RATE / 2 and slower["fps"] == 5, slower
    elsewhere = lines_of(run(program, "--source", path, "--fast", "--json", "--zone", "0,0,1000,0,1000,300,0,300"))[-1]
    assert elsewhere["visits"] == 0 and elsewhere["in"] == 1, elsewhere
    said = run(program, "--source", path, "--fast")
    assert said.returncode == 0 and "in 1, out 0, 1 visits" in said.stdout, said


def boxes(program: Path, folder: Path) -> None:
    detections, tracks = folder / "det.txt", folder / "tracks.txt"
    walkers = [f"{frame},-1,{100 + 3 * frame},50,40,100,0.9,-1,-1,-1\n{frame},-1,{400 - 3 * frame},200,40,100,0.8,-1,-1,-1\n"
               for frame in range(1, 31)]
    detections.write_text("".join(walkers))
    for tracker in ("default", "sort"):
        tracks.unlink(missing_ok=True)
        summary = lines_of(run(program, "--detections", detections, "--tracker", tracker, "--mot", tracks, "--json"))[-1]
        assert summary["tracks"] == 2 and summary["frames"] == 30, summary
        rows = [line.split(",") for line in tracks.read_text().splitlines()]
        assert len(rows) == 60 and len({row[1] for row in rows}) == 2, rows
        assert [int(row[0]) for row in rows] == sorted(int(row[0]) for row in rows)
        against = lines_of(run(program, "--detections", detections, "--truth", tracks, "--json"))[-1]
        assert against["mota"] == 1 and against["idf1"] == 1, against


def refusals(program: Path, folder: Path) -> None:
    (folder / "no-clip.mp4").write_text("no clip")
    (folder / "no-boxes.txt").write_text("1,2,three\n")
    for arguments in (["--source", "/dev/video0"], ["--source", "/dev/zero"], ["--source", folder],
                      ["--source", folder / "absent.mp4"], ["--source", folder / "no-clip.mp4"],
                      ["--source", folder / "no-clip.mp4", "--detector", "magic"],
                      ["--source", folder / "no-clip.mp4", "--detector", "dnn"],
                      ["--source", folder / "no-clip.mp4", "--zone", "0,0,1,1"],
                      ["--source", folder / "no-clip.mp4", "--detections", folder / "no-boxes.txt"],
                      ["--detections", folder / "no-boxes.txt"], ["--mot", folder / "out.txt"]):
        done = run(program, *arguments, "--fast", "--json")
        said = done.stderr.strip().splitlines()
        assert done.returncode != 0 and not done.stdout, (arguments, done)
        assert len(said) == 1 or arguments[0] == "--mot", (arguments, said)


def main() -> int:
    program = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        for case in (clip, boxes, refusals):
            case(program, Path(folder))
            print(f"{case.__name__}: as it should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
