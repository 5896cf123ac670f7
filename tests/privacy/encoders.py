"""Nothing in vitrine-audience could make a picture or a film out of what it sees: its objects and it itself ask no library for an
encoder, a writer of containers or of pictures, and it needs no library that is there for that.

    encoders.py --bin DIRECTORY --out DIRECTORY --objects ARCHIVE --control ARCHIVE

`--control` are objects that do write pictures; the same search must find it there.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

CALLS = re.compile(
    r"avcodec_(?:send_frame|receive_packet|encode_\w+|find_encoder\w*)|avformat_(?:write_\w+|alloc_output_\w+|new_stream)"
    r"|av_(?:interleaved_)?write_\w+|avio_open\w*|\w*(?:imwrite|imencode)\w*|tj(?:3)?(?:InitCompress|Compress|EncodeYUV|SaveImage)\w*|jpeg_(?:start|write|mem_dest)\w*"
    r"|png_(?:create_write|write)\w*|WebP\w*Encode\w*|cairo_surface_write\w*|sws_\w+|\w*VideoWriter\w*")
LIBRARIES = re.compile(r"imgcodecs|videoio|highgui|avdevice|avfilter|swscale|postproc|turbojpeg|libjpeg|libpng|libwebp|libtiff|x26[45]|cairo"
                       r"|mosquitto|curl")


def said(*command: object) -> str:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=True).stdout


def encoders(listing: str) -> set[str]:
    """Of `nm --undefined-only`: what is asked of libraries, versions and C++ names aside."""
    names = (line.split()[-1].split("@")[0] for line in listing.splitlines() if " U " in f" {line}")
    return {name for name in names if CALLS.fullmatch(name)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("bin", "out", "objects", "control"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    program = arguments.bin / "vitrine-audience"
    wrong = []
    for what, listing in (("its objects", said("nm", "--undefined-only", arguments.objects)),
                          ("the program", said("nm", "-D", "--undefined-only", program))):
        asked = [line for line in listing.splitlines() if " U " in f" {line}"]
        found = encoders(listing)
        print(f"{what}: {len(asked)} names asked for, {len(found)} of them write pictures")
        wrong += [f"{what} ask for {name}" for name in sorted(found)] + ([] if asked else [f"{what} ask for nothing at all"])
    needs = re.findall(r"\(NEEDED\).*\[(.*)\]", said("readelf", "-d", program))
    wrong += [f"the program needs {name}" for name in needs if LIBRARIES.search(name)] + ([] if needs else ["no needs at all"])
    control = encoders(said("nm", "--undefined-only", arguments.control))
    print(f"{len(needs)} libraries needed; in {arguments.control.name}, which writes screenshots: {', '.join(sorted(control)) or 'nothing'}")
    if not control:
        wrong.append("the search finds nothing where there is something")
    for reason in wrong:
        print(f"FAILED: {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
