"""What vitrine-audience asks of the kernel, from its first instruction on: no internet socket, nothing written but its own rows and
live figures.

    calls.py --bin DIRECTORY --out DIRECTORY
"""

import argparse
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from counting import Counting, draw_clip  # noqa: E402

# Everything that opens, makes, moves or sends. %file and %network are strace's own classes.
CALLS = "trace=%file,%network,open_by_handle_at,memfd_create,io_uring_setup,userfaultfd"
SOCKET = re.compile(r"\b(?:socket|socketpair)\((\w+)")
ADDRESS = re.compile(r"\b(?:connect|bind|sendto)\(.*sa_family=(\w+)")
OPENED = re.compile(r'\b(?:open|openat|openat2|creat)\((?:[^"]*)"((?:[^"\\]|\\.)*)"(.*)')
CHANGED = re.compile(r'\b(?:rename|renameat|renameat2|link|linkat|symlink|symlinkat|unlink|unlinkat|truncate|mkdir|mkdirat|mknod|mknodat'
                     r'|chmod|fchmodat|setxattr|utimensat)\(.*')
STRANGE = re.compile(r"\b(?:memfd_create|io_uring_setup|open_by_handle_at|userfaultfd)\(")
NO_FAMILY = {"AF_UNIX"}


def violations(trace: str, own: list[Path]) -> list[str]:
    """The lines of a trace that say more than the daemon may do; `own` are the directories that are its."""
    inside = tuple(f"{folder}" for folder in own)

    def ours(path: str) -> bool:
        return path.startswith(tuple(f"{folder}/" for folder in inside)) or path in inside

    found = []
    for line in trace.splitlines():
        if " = -1 " in line and "socket(" not in line:
            continue  # asked and refused, as looking for libraries is
        family = SOCKET.search(line) or ADDRESS.search(line)
        if family and family[1] not in NO_FAMILY:
            found.append(line)
        opened = OPENED.search(line)
        if opened and re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE|creat\(", line):
            if not ours(opened[1]) and opened[1] != "/dev/null":
                found.append(line)
        if CHANGED.search(line) and not all(ours(path) for path in re.findall(r'"((?:[^"\\]|\\.)*)"', line)):
            found.append(line)
        if STRANGE.search(line):
            found.append(line)
    return found


def trace(program: Path, folder: Path, clip: Path, environment: dict[str, str]) -> tuple[str, list[Path]]:
    told = folder.with_suffix(".strace")
    wrapper = ["strace", "-f", "-qq", "-s", "300", "-o", str(told), "-e", CALLS, "-e", "signal=none"]
    with Counting(program, folder, clip, wrapper, environment=environment) as counting:
        counting.wait_counted()
        # strace passes the signal on by ending; the program is its child.
        children = Path(f"/proc/{counting.process.pid}/task/{counting.process.pid}/children").read_text().split()
        for child in children:
            subprocess.run(["kill", "-TERM", child], check=True)
        code = counting.process.wait(60)
        if code != 0:
            raise RuntimeError(f"the program ended with {code}: {counting.log.read_text()[-500:]}")
        return told.read_text(), [counting.state / "audience", counting.run / "audience"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.bin, arguments.out = arguments.bin.resolve(), arguments.out.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode != 0:
        print("SKIPPED: system calls cannot be watched here (strace, or no permission to trace)")
        return 0
    clip = arguments.out / "clip.y4m"
    draw_clip(clip)
    leak = arguments.out / "leaked"
    told, own = trace(arguments.bin / "vitrine-audience", arguments.out / "daemon", clip, {})
    wrong = violations(told, own)
    for line in wrong:
        print(f"FAILED: {line}")
    print(f"vitrine-audience: {len(told.splitlines())} calls on files and sockets watched, {len(wrong)} that it may not make")
    told, own = trace(arguments.bin / "vitrine-audience-open", arguments.out / "control", clip, {"VITRINE_TEST_LEAK": str(leak)})
    seen = violations(told, own)
    control = any("AF_INET" in line for line in seen) and any(str(leak) in line for line in seen)
    print(f"the same search in a program that leaks: {len(seen)} found" + ("" if control else "; FAILED: not what it did"))
    return 0 if not wrong and control else 1


if __name__ == "__main__":
    sys.exit(main())
