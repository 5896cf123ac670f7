"""The Debian of the board image: its packages and ours, the files of files/, nothing that is one board's alone."""

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Optional

import debian_tree

HERE = Path(__file__).resolve().parent
_NOT_IN_THE_IMAGE = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
_BUT = ("/usr/share/doc/*/copyright",)  # whoever passes an image on passes on these
_ENABLED = ("systemd-networkd.service", "systemd-resolved.service", "vitrine-board-grow.service")
# A screen waits for no network, and has no volumes of LVM whose file systems e2scrub could look at.
_MASKED = ("systemd-networkd-wait-online.service", "e2scrub_all.timer", "e2scrub_reap.service")
_CONSOLE = """# Made with --console: whoever is at the serial line or the keyboard is root.
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --noclear --keep-baud 115200,57600,38400,9600 - $TERM
"""
_INSTALL = """set -e
# systemd-resolved, which /etc/resolv.conf is of by now, does not run in here; _dress() links it again.
rm -f "$1/etc/resolv.conf"
cp /etc/resolv.conf "$1/etc/resolv.conf"
chroot "$1" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install {packages}
rm -r "$1/packages"
[ -z {own} ] || cp -r --no-preserve=ownership {own}/. "$1"
chroot "$1" systemctl -q enable {enabled}
chroot "$1" systemctl -q mask {masked}
rm "$1"{without_drivers}
{python} -B {initrd} "$1"
chroot "$1" /usr/lib/vitrine-board/boot-entries
"""
_WITHOUT_DRIVERS = "/etc/initramfs-tools/conf.d/zz-without-drivers"  # while it is made: see initrd.py


def ours(folder: Path) -> list[Path]:
    """The packages of a screen; an operator's and a server's lie beside them."""
    names = ("vitrine-common", "vitrine-cli", "vitrine-player", "vitrine-audience", "vitrine-telemetry", "vitrine-screen")
    found = []
    for name in names:
        those = sorted(folder.glob(f"{name}_*.deb"))
        if len(those) != 1:
            raise debian_tree.TreeError(f"{folder}: {len(those)} packages {name}_*.deb, wanted is one; make them with "
                                        "./run package arm64, or say --packages DIR")
        found += those
    return found


def make(tree: Path, arch: str, packages: list[Path], own: Optional[Path], console: bool) -> bool:
    """False: it is without security updates, because the mirror did not have them."""
    install = _INSTALL.format(packages=" ".join(f"/packages/{shlex.quote(path.name)}" for path in packages),
                              own=shlex.quote(str(own.resolve()) if own else ""),
                              enabled=" ".join(_ENABLED), masked=" ".join(_MASKED), without_drivers=_WITHOUT_DRIVERS,
                              python=shlex.quote(sys.executable), initrd=shlex.quote(str(HERE / "initrd.py")))
    copies = " ".join(shlex.quote(str(path.resolve())) for path in packages)
    whole = debian_tree.build(tree, arch, [
        # force-unsafe-io: not for the board, _dress() takes it out. Without the hook usrmerge and Perl would be set up first.
        "--variant=minbase", "--dpkgopt=force-unsafe-io", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
        *(f"--dpkgopt=path-exclude={path}" for path in _NOT_IN_THE_IMAGE), *(f"--dpkgopt=path-include={path}" for path in _BUT),
        # Before the kernel comes: its hooks and the settings of its initrd are among them.
        f"--essential-hook=cp -r --no-preserve=ownership {shlex.quote(str(HERE / 'files'))}/. \"$1\" && "
        f"echo MODULES=list > \"$1\"{_WITHOUT_DRIVERS}",
        f'--customize-hook=mkdir "$1/packages" && cp {copies} "$1/packages"',
        f"--customize-hook={install}",
    ], debian_tree.packages("board-root"), scripts=True)
    _dress(tree, own, console)
    return whole


def _dress(tree: Path, own: Optional[Path], console: bool) -> None:
    """What mmdebstrap and apt left of this machine goes. `own` is there already: the boot partition was made with it."""
    _lay(HERE / "files", tree, own)
    options = tree / "etc/dpkg/dpkg.cfg.d/99mmdebstrap"
    options.write_text("".join(line + "\n" for line in options.read_text().splitlines() if "unsafe-io" not in line))
    # Empty, not absent: each board makes its own at its first start, and it is no "first boot" that would ask questions.
    (tree / "etc/machine-id").write_text("")
    (tree / "var/lib/dbus/machine-id").unlink(missing_ok=True)
    (tree / "var/lib/systemd/random-seed").unlink(missing_ok=True)
    resolver = tree / "etc/resolv.conf"
    resolver.unlink(missing_ok=True)
    resolver.symlink_to("/run/systemd/resolve/stub-resolv.conf")
    # Where this machine had the packages from; where a board has Debian's from, the operator says in --files.
    for left in (*(tree / "etc/apt/sources.list.d").glob("0000*.list"), *(tree / "var/log").rglob("*.log"),
                 *(tree / "var/cache/apt").glob("*.bin")):
        left.unlink()
    if console:
        for unit in ("serial-getty@.service.d", "getty@.service.d"):
            (tree / "etc/systemd/system" / unit).mkdir(exist_ok=True)
            (tree / "etc/systemd/system" / unit / "console.conf").write_text(_CONSOLE)


def _lay(folder: Path, tree: Path, but: Optional[Path]) -> None:
    """These files over the tree, readable as a package's would be; programs stay programs. Not those that `but` has, too."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        target = tree / inside
        if path.is_dir():
            target.chmod(0o755)
            continue
        if but and (but / inside).exists():
            continue
        shutil.copyfile(path, target)
        target.chmod(0o755 if os.access(path, os.X_OK) and path.stat().st_mode & 0o111 else 0o644)
