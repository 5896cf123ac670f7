"""Fuzzes every target of tests/fuzz, as many at once as there are cores, and says how far each is.

    fuzz.py --seconds N [--bin DIR] [--work DIR] [TARGET...]

Inputs that reach new code are kept in WORK/corpus/TARGET, so a later run goes on from there; seeds, what was once found and
a dictionary made of the schemas come from the repository. An input that breaks a promise, takes more than 10 s or
1 GiB is left in WORK/found and named; it belongs into tests/fuzz/found/TARGET once it is mended. Exit 1 when there is one.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HERE = REPOSITORY / "tests" / "fuzz"
SCHEMAS = REPOSITORY / "protocol" / "schema"
REPORT_S = 30
SECONDS_OF_AN_INPUT = 10
MEGABYTES = 1024


def words_of(schema: object) -> set[str]:
    """Names, words and limits of a schema, as they stand in a document."""
    words: set[str] = set()
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties":
                words |= {f'"{name}":' for name in value}
            elif key == "enum":
                words |= {f'"{word}"' for word in value}
            elif key in ("minimum", "maximum"):
                words |= {str(value - 1), str(value), str(value + 1)}
            words |= words_of(value)
    elif isinstance(schema, list):
        for value in schema:
            words |= words_of(value)
    return words


def write_dictionary(path: Path) -> None:
    words = {"0", "-1", "1e999", "18446744073709551616", "true", "null", "[]", "{}", '"2026-11-21"', '"9999-12-31"', '"24:00"',
             "\\u0000", "\\ud800", "a" * 64}
    for file in SCHEMAS.glob("*.json"):
        words |= words_of(json.loads(file.read_text()))
    lines = ('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"\n' for word in sorted(words))
    path.write_text("".join(lines))


class Target:
    """One target at work, with its log."""

    def __init__(self, name: str, programs: Path, work: Path, seconds: int) -> None:
        self.name = name
        self.log = work / f"{name}.log"
        corpus = work / "corpus" / name
        corpus.mkdir(parents=True, exist_ok=True)
        folders = [folder for folder in (HERE / "seeds" / name, HERE / "found" / name) if folder.is_dir()]
        example = SCHEMAS / "examples" / f"{name}.json"
        seeds = [f"-seed_inputs={example}"] if example.exists() else []
        command = [programs / f"fuzz_{name}", corpus, *folders, *seeds, f"-max_total_time={seconds}",
                   f"-timeout={SECONDS_OF_AN_INPUT}", f"-rss_limit_mb={MEGABYTES}", "-max_len=65536", "-print_final_stats=1",
                   f"-artifact_prefix={work / 'found'}/{name}-"]
        if name not in ("wire", "beacon"):
            command.append(f"-dict={work / 'documents.dict'}")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)

    def running(self) -> bool:
        return self.process.poll() is None

    def state(self) -> str:
        text = self.log.read_text(errors="replace")
        lines = re.findall(r"^#(\d+)\s.*cov: (\d+).*corp: (\S+).*exec/s: (\d+)", text, re.MULTILINE)
        if not lines:
            return f"{self.name:10} starting"
        runs, covered, corpus, rate = lines[-1]
        return f"{self.name:10} {int(runs):>10} inputs, {rate:>6} a second; {covered:>5} edges, corpus {corpus}"

    def broken(self) -> str:
        """Why it ended before its time; empty when it did not."""
        if self.process.returncode == 0:
            return ""
        text = self.log.read_text(errors="replace")
        why = re.search(r"^(promise broken: .*\n.*|.*runtime error: .*|SUMMARY: .*|==\d+== ERROR: .*)$", text, re.MULTILINE)
        where = re.search(r"Test unit written to (\S+)", text)
        return (f"{self.name}: {why[1] if why else f'exit {self.process.returncode}, see {self.log}'}"
                f"\n{self.name}: input {where[1] if where else 'not written'}, log {self.log}")


def fuzz(names: list[str], programs: Path, work: Path, seconds: int) -> int:
    (work / "found").mkdir(parents=True, exist_ok=True)
    write_dictionary(work / "documents.dict")
    waiting = list(names)
    running: list[Target] = []
    broken = 0
    began = said = time.monotonic()
    try:
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                running.append(Target(waiting.pop(0), programs, work, seconds))
            time.sleep(0.2)
            for target in [t for t in running if not t.running()]:
                running.remove(target)
                why = target.broken()
                broken += why != ""
                print(f"{time.monotonic() - began:6.0f} s  {target.state()}  {'BROKEN' if why else 'done'}", flush=True)
                if why:
                    print(why, flush=True)
            if time.monotonic() - said >= REPORT_S:
                said = time.monotonic()
                for target in running:
                    print(f"{said - began:6.0f} s  {target.state()}", flush=True)
    finally:
        for target in running:
            target.process.kill()
            target.process.wait()
    return broken


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, required=True, help="for each target")
    parser.add_argument("--bin", type=Path, default=REPOSITORY / "build" / "asan" / "bin")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "build" / "fuzz")
    parser.add_argument("targets", nargs="*", default=sorted(f.name.removesuffix("_fuzz.cpp") for f in HERE.glob("*_fuzz.cpp")))
    options = parser.parse_args()
    broken = fuzz(options.targets, options.bin, options.work, options.seconds)
    print(f"fuzz: {len(options.targets)} targets, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
