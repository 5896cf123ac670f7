"""One run of the demo as a test: its exit code, what it says, and that nothing it started is left.

    run_demo.py --bin DIR --out DIR [--says REGEX] [--fails REGEX] [--interrupt-at REGEX] -- demo arguments...
"""

import argparse
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "demo" / "demo.py"


def processes_naming(text: str) -> list[str]:
    """Command lines of all processes in which `text` appears."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended meanwhile
        if text in line and "run_demo.py" not in line:
            found.append(line)
    return found


def main() -> int:
    split = sys.argv.index("--")
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--says", default="", help="must appear in what it says")
    parser.add_argument("--fails", default="", help="it must end with an error, and the first line that says why must match")
    parser.add_argument("--interrupt-at", default="", help="send SIGINT when a line matches")
    arguments = parser.parse_args(sys.argv[1:split])
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)

    demo = subprocess.Popen([sys.executable, "-B", str(DEMO), "--bin", arguments.bin, "--out", str(arguments.out),
                             "--display", "none", *sys.argv[split + 1 :]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert demo.stdout
    said = []
    for line in demo.stdout:
        print(line, end="", flush=True)
        said.append(line)
        if arguments.interrupt_at and re.search(arguments.interrupt_at, line):
            demo.send_signal(signal.SIGINT)
    code = demo.wait()

    wrong = []
    reasons = [line for line in said if line.startswith("demo: FAILED: ")]
    if arguments.fails:
        if code == 0:
            wrong.append("it passed and should have failed")
        elif not reasons or not re.search(arguments.fails, reasons[0]):
            wrong.append(f"it failed, but its first reason does not match '{arguments.fails}'")
    elif code != 0:
        wrong.append(f"exit code {code}")
    if arguments.says and not re.search(arguments.says, "".join(said)):
        wrong.append(f"it never said '{arguments.says}'")
    wrong += [f"left running: {line}" for line in processes_naming(str(arguments.out))]
    for line in wrong:
        print(f"run_demo: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
