"""The report of a run as one page that needs nothing beside it."""

import base64
import html
import subprocess
from pathlib import Path

from record import Record, StepRecord

_STYLE = """body{font:15px/1.45 sans-serif;margin:2em auto;max-width:76em;padding:0 1em;color:#222}
h1{font-size:1.5em}h2{font-size:1.15em;margin:1.6em 0 .2em;border-top:1px solid #ccc;padding-top:.6em}
.ok{color:#176b2c}.bad{color:#a11}table{border-collapse:collapse}td{padding:.1em .9em .1em 0;vertical-align:top}
td.n{text-align:right;color:#777;white-space:nowrap}figure{display:inline-block;margin:.5em .5em 0 0;width:17em}
figcaption{font-size:.8em;color:#555}img{width:100%;background:#000}pre{white-space:pre-wrap;background:#f6eeee;padding:.6em}"""
_MOST_PICTURES = 12  # of a step; more would only repeat


def write(record: Record, target: Path) -> None:
    failed = [step.name for step in record.steps if step.failed]
    verdict = f"<p class=bad>Failed: {html.escape(', '.join(failed))}.</p>" if failed else "<p class=ok>Every step held.</p>"
    body = "".join(map(_step, record.steps))
    target.write_text(f"<!doctype html><html lang=en><meta charset=utf-8><title>A whole device, {record.arch}</title>"
                      f"<style>{_STYLE}</style><h1>A whole device, {record.arch}</h1>{verdict}"
                      f"<p>{len(record.steps)} steps in {record.seconds:.0f} s. The processor is emulated: times are not a board's.</p>"
                      f"{body}</html>\n")


def _step(step: StepRecord) -> str:
    mark = "<span class=bad>failed</span>" if step.failed else "<span class=ok>held</span>"
    rows = "".join(f"<tr><td class=n>{second:.1f} s<td>{html.escape(text)}" for second, text in step.lines)
    failure = f"<pre>{html.escape(step.failed)}</pre>" if step.failed else ""
    pictures = "".join(_picture(*one) for one in _spread(step.pictures))
    return (f"<h2>{html.escape(step.name)}: {mark}, {step.seconds:.0f} s</h2><p>{html.escape(step.asks)}</p>"
            f"<table>{rows}</table>{failure}{pictures}")


def _spread(pictures: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    if len(pictures) <= _MOST_PICTURES:
        return pictures
    return [pictures[round(index * (len(pictures) - 1) / (_MOST_PICTURES - 1))] for index in range(_MOST_PICTURES)]


def _picture(dump: Path, caption: str) -> str:
    small = subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-i", str(dump), "-vf", "scale=480:-1", "-q:v", "5", "-f",
                            "mjpeg", "-"], check=True, capture_output=True).stdout
    return (f"<figure><img alt=\"\" src=\"data:image/jpeg;base64,{base64.b64encode(small).decode()}\">"
            f"<figcaption>{html.escape(caption)}</figcaption></figure>")
