"""Updates by the real apt and dpkg from a signed repository on the disk: what plays stays, what does not is taken back.

    update_test.py [NAME ...]

Each test has a root of its own: the machine's, with tmpfs over all that apt, dpkg and a screen write. Packages are a few
lines each; systemctl is a double that notes what it is told, for there is no systemd in here.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve()
PROGRAMS = HERE.parents[2] / "update"
UPDATE, REPOSITORY = PROGRAMS / "vitrine-update", PROGRAMS / "vitrine-repository"
STATE = Path("/var/lib/vitrine/update/state")
WANTED = Path("/run/vitrine/player/update-wanted")
KEPT = Path("/var/lib/vitrine/update/kept")
TOLD = Path("/run/systemctl")
OURS = ("vitrine-player", "vitrine-telemetry", "vitrine-screen")


def run(*words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{done.stdout}")
    return done


class Backend:
    """The repository and who may sign it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"
        os.environ["GNUPGHOME"] = str(folder / "gpg")
        (folder / "gpg").mkdir(mode=0o700)
        self.make_key("owner")

    def make_key(self, name: str) -> None:
        run("gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "0")
        (self.folder / f"{name}.gpg").write_bytes(subprocess.run(["gpg", "--export", name], stdout=subprocess.PIPE, check=True).stdout)

    def packages(self, version: str, postinst: str = "", depends: str = "") -> list[Path]:
        made = []
        for name in OURS:
            root = self.folder / f"{name}-{version}"
            (root / "DEBIAN").mkdir(parents=True)
            needs = ", ".join(f"{other} (= {version})" for other in OURS[:-1]) if name == OURS[-1] else depends
            (root / "DEBIAN/control").write_text(
                f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n"
                f"Description: test\n{f'Depends: {needs}' + chr(10) if needs else ''}")
            if postinst and name == "vitrine-player":
                script = root / "DEBIAN/postinst"
                script.write_text(f"#!/bin/sh\nset -e\n{postinst}\n")
                script.chmod(0o755)
            there = root / "opt/vitrine" / name
            there.parent.mkdir(parents=True)
            there.write_text(version + "\n")
            file = self.folder / f"{name}_{version}.deb"
            run("dpkg-deb", "--root-owner-group", "-Znone", "--build", root, file)
            made.append(file)
        return made

    def publish(self, *packages: Path, key: str = "owner") -> None:
        run(REPOSITORY, self.site, key, *packages)


class Screen:
    """A machine with version 1.0 installed, as a technician left it."""

    def __init__(self, backend: Backend) -> None:
        for folder in ("/var/lib/dpkg/info", "/var/lib/dpkg/updates", "/var/lib/dpkg/triggers", "/var/lib/apt/lists/partial",
                       "/var/cache/apt/archives/partial", "/etc/apt/sources.list.d", "/etc/apt/apt.conf.d", "/etc/apt/trusted.gpg.d",
                       "/etc/apt/preferences.d", "/var/log/apt", "/run/vitrine/player"):
            Path(folder).mkdir(parents=True, exist_ok=True)
        Path("/var/lib/dpkg/status").touch()
        Path("/etc/apt/apt.conf").write_text('APT::Sandbox::User "root";\n')
        shutil.copy(backend.folder / "owner.gpg", "/etc/apt/vitrine.gpg")
        Path("/etc/apt/sources.list.d/vitrine.sources").write_text(
            f"Types: deb\nURIs: file://{backend.site}\nSuites: stable\nComponents: main\nSigned-By: /etc/apt/vitrine.gpg\n")
        first = backend.packages("1.0")
        backend.publish(*first)
        run("dpkg", "--install", *first)
        self.update("resume")

    def update(self, *words: object, check: bool = True) -> str:
        return run(UPDATE, *words, check=check).stdout

    def ask(self, line: str, check: bool = True) -> str:
        WANTED.write_text(line)
        said = self.update("asked", check=check)
        assert not WANTED.exists(), "a request that stays starts the unit for ever"
        return said

    def installed(self) -> set[str]:
        said = run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version} ", "vitrine-*").stdout.split()
        shown = {Path("/opt/vitrine", name).read_text().strip() for name in OURS}
        assert {word for word in said if word != "ii"} == shown and set(said[::2]) == {"ii"}, f"{said}, on the disk {shown}"
        return shown

    def state(self, member: str) -> str:
        found = re.search(rf'^{member} = "?(.*?)"?$', STATE.read_text(), re.MULTILINE)
        return found.group(1) if found else ""

    def told_systemd(self, words: str) -> bool:
        return TOLD.exists() and words in TOLD.read_text().splitlines()


def test_a_version_that_plays_stays(backend: Backend, screen: Screen) -> None:
    backend.publish(*backend.packages("1.1"))
    screen.ask("install 1.1\n")
    assert screen.installed() == {"1.1"} and screen.state("phase") == "trial", STATE.read_text()
    assert screen.state("code") == "update-trial" and screen.told_systemd("restart vitrine-update-trial.timer")
    assert any(line.startswith("try-restart vitrine-player.service") for line in TOLD.read_text().splitlines())
    screen.ask("confirm 1.1\n")
    assert screen.state("phase") == "idle" and screen.state("code") == "update-done", STATE.read_text()
    assert screen.told_systemd("stop vitrine-update-trial.timer")
    screen.update("expire")  # a timer that fired all the same
    assert screen.installed() == {"1.1"}
    assert sorted(path.name for path in KEPT.iterdir()) == ["1.0", "1.1"]
    before = STATE.read_text()
    screen.ask("install 1.1\n")
    assert STATE.read_text() == before, "what is installed is not installed again"


def test_a_version_whose_player_never_plays_goes_back_by_itself(backend: Backend, screen: Screen) -> None:
    backend.publish(*backend.packages("1.1"))
    screen.ask("install 1.1\n")
    shutil.rmtree(backend.site)  # the way back needs no network
    screen.update("expire")
    assert screen.installed() == {"1.0"}
    assert (screen.state("phase"), screen.state("code"), screen.state("failed")) == ("idle", "update-back", "1.1"), STATE.read_text()
    assert screen.state("news") == "1.1 did not play in time; 1.0 is back"
    told = screen.state("told")
    screen.ask("install 1.1\n")  # the settings still say so
    assert screen.installed() == {"1.0"} and screen.state("told") == told, "it is not tried again by itself"


def test_a_package_that_starts_resume_while_it_is_installed_waits_for_nobody(backend: Backend, screen: Screen) -> None:
    backend.publish(*backend.packages("1.1", postinst=f"timeout 20 {UPDATE} resume"))
    screen.ask("install 1.1\n")
    assert screen.installed() == {"1.1"} and screen.state("phase") == "trial", STATE.read_text()


def test_a_version_that_cannot_be_installed_goes_back(backend: Backend, screen: Screen) -> None:
    backend.publish(*backend.packages("1.1", postinst="exit 3"))
    screen.ask("install 1.1\n")
    assert screen.installed() == {"1.0"} and screen.state("code") == "update-back", STATE.read_text()


def test_a_forged_repository_is_refused(backend: Backend, screen: Screen) -> None:
    screen.ask("install 9.9\n", check=False)  # there is a good list from before, which apt would go on with
    assert "lacks 9.9" in screen.state("news")
    backend.make_key("stranger")
    backend.publish(*backend.packages("1.1"), key="stranger")
    screen.ask("install 1.1\n", check=False)
    assert screen.installed() == {"1.0"} and screen.state("code") == "update-waits", STATE.read_text()
    assert "not signed by our key" in screen.state("news"), "it ends with the list, before any package is fetched"
    # Signed by the owner, but a package was exchanged behind his back.
    backend.publish()
    with open(backend.site / "pool/main/vitrine-player_1.1_all.deb", "ab") as package:
        package.write(b"x")
    screen.ask("install 1.1\n", check=False)
    assert screen.installed() == {"1.0"} and screen.state("code") == "update-waits", STATE.read_text()
    assert "lacks 1.1" in screen.state("news") and screen.state("failed") == "", "nothing is wrong with the version"


def test_nothing_is_installed_that_has_no_way_back(backend: Backend, screen: Screen) -> None:
    backend.publish(*backend.packages("1.1"))
    for package in (backend.site / "pool/main").glob("*_1.0_all.deb"):
        package.unlink()
    backend.publish()
    screen.ask("install 1.1\n", check=False)
    assert screen.installed() == {"1.0"} and screen.state("code") == "update-refused", STATE.read_text()


def test_what_it_newly_needs_and_cannot_have_is_found_out_before_anything_is_touched(backend: Backend, screen: Screen) -> None:
    backend.publish(*backend.packages("1.1", depends="libmade-up7"))
    screen.ask("install 1.1\n", check=False)
    assert screen.installed() == {"1.0"} and screen.state("code") == "update-waits", STATE.read_text()


def test_the_power_goes_in_the_middle_and_it_goes_on(backend: Backend, screen: Screen) -> None:
    # dpkg, apt and vitrine-update die at once, with the package half configured.
    cut = "[ -e /opt/cut ] || { touch /opt/cut; kill -s KILL -- -$(cat /run/group); kill -s KILL 0; }"
    backend.publish(*backend.packages("1.1", postinst=cut))
    WANTED.write_text("install 1.1\n")
    asked = subprocess.Popen([UPDATE, "asked"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=announced_group)
    ended = asked.wait(60)
    assert ended == -signal.SIGKILL, ended
    status = run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}", "vitrine-player").stdout
    assert status.strip() == "iF" and screen.state("phase") == "installing", (status, STATE.read_text())
    screen.update("resume")
    assert screen.installed() == {"1.1"} and screen.state("phase") == "trial", STATE.read_text()
    screen.ask("confirm 1.1\n")
    assert screen.state("code") == "update-done"


def test_the_power_goes_on_the_way_back_and_it_goes_on(backend: Backend, screen: Screen) -> None:
    backend.publish(*backend.packages("1.1"))
    screen.ask("install 1.1\n")
    STATE.write_text(STATE.read_text().replace('phase = "trial"', 'phase = "returning"'))  # as it is remembered before it begins
    screen.update("resume")
    assert screen.installed() == {"1.0"} and screen.state("code") == "update-back", STATE.read_text()


def test_a_trial_that_keeps_rebooting_ends(backend: Backend, screen: Screen) -> None:
    backend.publish(*backend.packages("1.1"))
    screen.ask("install 1.1\n")
    for _ in range(2):
        screen.update("resume")
        assert screen.installed() == {"1.1"}
    screen.update("resume")
    assert screen.installed() == {"1.0"} and screen.state("code") == "update-back", STATE.read_text()


def test_by_hand_back_to_the_version_before(backend: Backend, screen: Screen) -> None:
    screen.update("back", check=False)
    assert screen.installed() == {"1.0"}, "there is none before the first"
    backend.publish(*backend.packages("1.1"))
    screen.update("install", "1.1")
    screen.update("confirm", "1.1")
    screen.update("back")
    assert screen.installed() == {"1.0"} and screen.state("failed") == "1.1", STATE.read_text()
    screen.update("install", "1.1")  # a technician may, whatever failed before
    assert screen.installed() == {"1.1"}


def test_an_older_version_that_an_operator_wants_is_an_update_too(backend: Backend, screen: Screen) -> None:
    backend.publish(*backend.packages("0.9"))
    screen.ask("install 0.9\n")
    screen.ask("confirm 0.9\n")
    assert screen.installed() == {"0.9"} and screen.state("code") == "update-done", STATE.read_text()


def test_whatever_the_player_writes_only_a_verb_and_a_version_count(backend: Backend, screen: Screen) -> None:
    backend.publish(*backend.packages("1.1"))
    for line in ("install 1.1; touch /opt/owned\n", "install $(touch /opt/owned)\n", "install -o=1\n", "install ../1.1\n", "back\n",
                 "install 1.1 vitrine-player\n", "install 1.1\ninstall 1.2\n", "remove 1.0\n", "install \n", "", "\0\0", "install " + "1" * 65,
                 "INSTALL 1.1\n", "resume\n", "install 1.1/../../x\n"):
        screen.ask(line, check=False)
        assert screen.installed() == {"1.0"} and not Path("/opt/owned").exists(), repr(line)
    secret = Path("/opt/secret")
    secret.write_text("install 1.1\n")
    for make in (lambda: WANTED.symlink_to(secret), lambda: os.mkfifo(WANTED), WANTED.mkdir):
        make()
        screen.update("asked", check=False)
        assert not WANTED.exists() and screen.installed() == {"1.0"} and secret.exists()


def announced_group() -> None:
    os.setpgid(0, 0)
    Path("/run/group").write_text(str(os.getpid()))


OWN_MOUNTS = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
SKIPPED = 77  # to ctest


def in_own_root(name: str) -> int:
    """This program again, in a mount namespace where nothing it writes stays."""
    done = subprocess.run([*OWN_MOUNTS, sys.executable, "-B", str(HERE), "--inside", name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print(f"FAILED: {name}\n{done.stdout}")
    return done.returncode


def inside(name: str) -> None:
    run("mount", "--make-rprivate", "/")
    for place in ("/var/lib", "/var/cache", "/var/log", "/etc/apt", "/run", "/opt"):
        run("mount", "-t", "tmpfs", "-o", "mode=755", "none", place)
    double = Path("/opt/systemctl")
    double.write_text(f'#!/bin/sh\necho "$@" >> {TOLD}\n')
    double.chmod(0o755)
    run("mount", "--bind", double, "/usr/bin/systemctl")
    with tempfile.TemporaryDirectory(dir="/opt") as folder:
        backend = Backend(Path(folder))
        try:
            globals()[name](backend, Screen(backend))
        finally:
            run("gpgconf", "--kill", "all", check=False)


def main() -> int:
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2])
        return 0
    if run(*OWN_MOUNTS, "true", check=False).returncode != 0:
        print("no mounts of its own are allowed here: skipped")
        return SKIPPED
    tests = [name for name in globals() if name.startswith("test_")]
    chosen = [name for name in tests if not sys.argv[1:] or any(word in name for word in sys.argv[1:])]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        failed = [name for name, code in zip(chosen, threads.map(in_own_root, chosen)) if code != 0]
    print(f"{len(chosen) - len(failed)} of {len(chosen)} passed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
