"""Debian trees made by mmdebstrap, for this processor or another, from the apt sources this machine already has.

Everything runs in namespaces of its own that end with this process, kill -9 included: no process or mount is left behind,
only "<name>.part" and its list and log, which the next call clears away.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO, Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
SUITE = "bookworm"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
TRIPLES = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "armhf": "arm-linux-gnueabihf"}
# The part of QEMU's binfmt description that names the processor's programs: /usr/lib/binfmt.d/qemu-<name>.conf.
_QEMU = {"arm64": "aarch64", "armhf": "arm", "amd64": "x86_64"}

# What apt says when a mirror's index and its files are of different hours.
_MIRROR_IN_SYNC = re.compile("File has unexpected size|Hash Sum mismatch|Mirror sync in progress")

_CLONE_NEWNS, _CLONE_NEWUSER, _CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000
_PR_SET_PDEATHSIG = 1
_WANTS_MAPS = b"u"  # a child's word to its parent: in a user namespace of mine, map my users
_libc = ctypes.CDLL(None, use_errno=True)


class TreeError(Exception):
    """One line: what could not be done and why."""


def packages(section: str) -> list[str]:
    """The names under one heading of packages.txt."""
    names: list[str] = []
    heading = ""
    for line in (ROOT / "packages.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            heading = line.strip("[]")
        elif line and heading == section:
            names.append(line)
    if not names:
        raise TreeError(f"packages.txt has nothing under [{section}]")
    return names


def native() -> str:
    return subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()


def sources() -> list[str]:
    """sources.list lines of what this machine's apt has of the suite, of Debian's own archive only."""
    line = f"deb [signed-by={KEYRING}] $(REPO_URI) $(RELEASE) $(COMPONENT)"
    found = subprocess.run(["apt-get", "indextargets", "--format", line, "Created-By: Packages", "Origin: Debian"],
                           check=True, capture_output=True, text=True).stdout
    lines = sorted({entry for entry in found.splitlines() if SUITE in entry})
    if not lines:
        raise TreeError(f"apt knows no source of Debian {SUITE}: run apt-get update, or look at /etc/apt/sources.list")
    return [line + "\n" for line in lines]


@contextlib.contextmanager
def locked(place: Path) -> Iterator[None]:
    """Whoever makes or uses `place` holds it alone: a second run fails at once."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(place.name + ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TreeError(f"another run is using {place}") from None
        yield


def build(tree: Path, arch: str, options: Sequence[str], names: Sequence[str], scripts: bool) -> bool:
    """Fills `tree` anew with these packages. `scripts`: the packages are also set up, by their own scripts, which for
    another processor QEMU runs. False: it is without security updates, because the mirror did not have them."""
    part = tree.with_name(tree.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    listed = part.with_name(part.name + ".list")
    command = ["mmdebstrap", "--mode=root", f"--architectures={arch}",
               '--aptopt=Apt::Install-Recommends "false"', *options,
               *([] if scripts else ["--skip=check/qemu"]),
               f"--include={','.join(names)}", SUITE, str(part), str(listed)]
    foreign = arch if scripts and arch != native() else ""
    log = part.with_name(part.name + ".log")
    lines = sources()
    while True:
        clear(part)
        listed.write_text("".join(lines))
        with log.open("wb") as output:
            code = run_private(command, foreign, output)
        if code == 0:
            break
        said = log.read_text(errors="replace")
        # The mirror's index of security updates is now and then another than it announces, for a while, for an
        # architecture that few use. The point release without them compiles and boots as well.
        kept = [line for line in lines if f"{SUITE}-security" not in line]
        if not _MIRROR_IN_SYNC.search(said) or kept == lines:
            end = "\n".join("    " + line for line in said.splitlines()[-15:])
            raise TreeError(f"mmdebstrap for {arch} ended with {code}; end of {log}:\n{end}")
        print(f"{tree.name}: the mirror does not have what it announces; going on without {SUITE}-security", flush=True)
        lines = kept
    for path in (listed, log):
        path.unlink()
    clear(tree)
    part.rename(tree)
    return lines == sources()


def clear(tree: Path) -> None:
    if tree.exists():
        shutil.rmtree(tree)


def stamp(*parts: str) -> str:
    """Names what something was made from: these texts and this file."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def leash() -> Callable[[], None]:
    """For Popen(preexec_fn=...): the child ends when the thread that starts it does, kill -9 included."""
    parent = os.getpid()

    def dies_with_parent() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(126)  # it died before the kernel was told

    return dies_with_parent


def run_private(command: Sequence[str], foreign: str, output: BinaryIO) -> int:
    """Runs a command as root of namespaces made for it: processes and mounts, and with `foreign` (an architecture, or "") a
    user namespace too, in which programs of that architecture run through QEMU: since Linux 6.7 binfmt_misc belongs to
    the user namespace, so this machine's own table stays as it is. With an older kernel, and in a chroot, where there are
    no user namespaces, the entry is made in the machine's table and taken out when the command ends, though not when it
    is killed with -9. Returns the exit code."""
    if os.geteuid() != 0:
        raise TreeError("a Debian tree has files of many owners: only root can make one")
    mapped, inside = os.pipe(), os.pipe()
    with_parent = leash()
    outer = os.fork()
    if outer == 0:
        os.close(mapped[1])
        os.close(inside[0])
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
        try:
            os._exit(_outer(list(command), foreign, with_parent, mapped[0], inside[1]))
        except BaseException as error:
            print(f"cannot make namespaces: {error}", file=sys.stderr, flush=True)
            os._exit(126)
    os.close(mapped[0])
    os.close(inside[1])
    if os.read(inside[0], 1) == _WANTS_MAPS:
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{outer}/{name}").write_text("0 0 65536")
    os.close(inside[0])
    os.close(mapped[1])  # tells the child to go on
    return os.waitstatus_to_exitcode(os.waitpid(outer, 0)[1])


def _outer(command: list[str], foreign: str, with_parent: Callable[[], None], mapped: int, inside: int) -> int:
    with_parent()
    spaces = _CLONE_NEWNS | _CLONE_NEWPID
    own_table = bool(foreign) and _kernel() >= (6, 7) and _libc.unshare(spaces | _CLONE_NEWUSER) == 0
    if not own_table and _libc.unshare(spaces) != 0:
        raise TreeError(f"unshare: {os.strerror(ctypes.get_errno())}")
    os.write(inside, _WANTS_MAPS if own_table else b"-")
    os.close(inside)
    while os.read(mapped, 1):
        pass
    with_parent()  # once more: becoming root of a user namespace took it back
    _keep_mounts_here()
    init = os.fork()  # the first process of the new process namespace: when it ends, the kernel ends the others
    if init == 0:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # its parent is in another namespace: number 0
        os.execvp("sh", ["sh", "-c", _script(foreign, own_table), "sh", *command])
    return os.waitstatus_to_exitcode(os.waitpid(init, 0)[1]) & 255


def _kernel() -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", os.uname().release)[:2])


def _keep_mounts_here() -> None:
    """No mount made from here on may reach the namespace this one was copied from. In a chroot whose root is no mount
    point nothing can be said of the mount it lies on; so it is tried whether one made here shows there."""
    if _libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None) == 0:
        return
    probe = tempfile.mkdtemp(prefix="vitrine-mount-")
    try:
        if _libc.mount(b"none", probe.encode(), b"tmpfs", 0, None) != 0:
            raise TreeError(f"mount: {os.strerror(ctypes.get_errno())}")
        seen = probe in Path(f"/proc/{os.getppid()}/mountinfo").read_text()
        _libc.umount2(probe.encode(), 0)
    finally:
        os.rmdir(probe)
    if seen:
        raise TreeError("mounts made in this chroot would stay in the system around it: leave the chroot, mount its folder "
                        "onto itself (mount --bind --make-private DIR DIR) and enter it again")


def _script(foreign: str, own_table: bool) -> str:
    """Mounts what the namespaces need and runs the arguments."""
    script = "mount -t proc proc /proc || exit"
    if foreign:
        table, name = "/proc/sys/fs/binfmt_misc", f"qemu-{_QEMU[foreign]}"
        script += f"; mount -t binfmt_misc none {table} || exit"
        script += f"; [ -e {table}/{name} ] || {{ cat /usr/lib/binfmt.d/{name}.conf > {table}/register || exit; added=1; }}"
        if not own_table:
            return script + f'; "$@"; code=$?; [ -z "$added" ] || echo -1 > {table}/{name}; exit $code'
    return script + '; exec "$@"'
