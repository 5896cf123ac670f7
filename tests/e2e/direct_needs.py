"""What each program links directly: the house rules of docs/architecture.md, read from the binaries themselves."""

import re
import subprocess
import sys
from pathlib import Path

NETWORK = r"libmosquitto|libcurl"
PICTURES = r"libopencv|libavcodec|libavformat|libavutil|libswresample|libasound|libyuv"
FORBIDDEN = {
    "vitrine-player": NETWORK,
    "vitrine-vet": NETWORK,
    "vitrine-audience": NETWORK,
    "vitrine-camera-setup": NETWORK,
    "vitrine-telemetry": PICTURES,
}


def needs(program: Path) -> list[str]:
    listing = subprocess.run(["readelf", "-d", str(program)], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", listing)


def main() -> int:
    code = 0
    for name, pattern in FORBIDDEN.items():
        found = needs(Path(sys.argv[1]) / name)
        wrong = [library for library in found if re.search(pattern, library)]
        print(f"{name}: {len(found)} libraries" + (f", of which it must not need {', '.join(wrong)}" if wrong else ""))
        code |= bool(wrong) or not found
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
