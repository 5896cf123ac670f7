"""What dpkg would know of a tree whose packages were extracted only: which files are whose, of which version, and what each
package says of its libraries. Enough for dpkg-shlibdeps and dpkg-query (--admindir)."""

import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# What a package says of its libraries: deb-symbols(5) and deb-shlibs(5).
_SAID = ("symbols", "shlibs")


def make(tree: Path, archives: Path, database: Path) -> None:
    """`archives`: the packages that `tree` was extracted from. Files are listed where they lie now, below `tree`, for that is
    where dpkg-shlibdeps meets them."""
    if not any(archives.glob("*.deb")):
        raise OSError(f"{archives} has none of the packages that {tree} was made of")
    info = database / "info"
    info.mkdir(parents=True)
    (info / "format").write_text("1\n")
    with ThreadPoolExecutor() as several:
        stanzas = several.map(lambda archive: _one(tree, archive, info), sorted(archives.glob("*.deb")))
    (database / "status").write_text("\n".join(stanzas))


def _one(tree: Path, archive: Path, info: Path) -> str:
    """Writes down a package's files and libraries; returns its entry in the list of what is installed."""
    control = info.parent / archive.name
    subprocess.run(["dpkg-deb", "--control", archive, control], check=True)
    stanza = (control / "control").read_text().rstrip("\n").replace("\n", "\nStatus: install ok installed\n", 1) + "\n"
    fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and not line.startswith(" "))
    name = fields["Package"] + (f":{fields['Architecture']}" if fields.get("Multi-Arch") == "same" else "")
    for left in control.iterdir():
        if left.name in _SAID:
            left.rename(info / f"{name}.{left.name}")
        else:
            left.unlink()
    control.rmdir()
    listed = subprocess.run(f"dpkg-deb --fsys-tarfile {shlex.quote(str(archive))} | tar --list", shell=True, check=True,
                            capture_output=True, text=True).stdout
    files = [f"{tree}/{line.removeprefix('./')}\n" for line in listed.splitlines() if not line.endswith("/")]
    (info / f"{name}.list").write_text("".join(files))
    return stanza
