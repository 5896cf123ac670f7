"""A whole screen with its broker, origin and backend, run for a while and then held to account.

What was on the glass is read from the pictures (glass_reader.py), what was logged, stored and acknowledged from the three
databases; the demo passes only when the four agree.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Optional

import books
import media
import pki
import report
import screen
import servers
import strip
import takeover
import ticker
from glass_reader import read_glass
from supervisor import Supervisor, can_make_network_namespaces, wait_until

HERE = Path(__file__).resolve().parent
PUSH_WAIT_S = 180  # a busy machine tries five creatives slowly
TAKEOVER_S = 6
SAMPLE_EVERY_S = 7  # at other moments of the loop each time
KILLABLE = ("player", "telemetry", "audience", "vet", "broker", "ingest", "desired")


class DemoFailed(Exception):
    """Something that ends the demo; the message is the one line a person needs."""


def say(line: str) -> None:
    print(line, flush=True)


def kill_at(text: str) -> tuple[str, float]:
    name, _, second = text.partition("@")
    if name not in KILLABLE:
        raise argparse.ArgumentTypeError(f"'{name}' is not one of {', '.join(KILLABLE)}")
    return name, float(second)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run demo", description="Plays, counts and bills on this machine for a while.")
    parser.add_argument("--seconds", type=int, default=60, help="how long to run after the first play (60)")
    parser.add_argument("--camera", default="", metavar="FILE", help="video or camera device to count people in, or 'none'; default: drawn figures")
    parser.add_argument("--basis", default="", metavar="TEXT",
                        help="with a camera device: what allows you to count people in front of it (docs/privacy.md)")
    parser.add_argument("--campaigns", type=int, default=0, metavar="N",
                        help="N campaigns more, of next month: some 80 are a schedule larger than a message")
    parser.add_argument("--player", type=Path, help="another player program")
    parser.add_argument("--kill", type=kill_at, action="append", default=[], metavar="NAME@SECONDS",
                        help=f"kill -9 in mid-demo: {', '.join(KILLABLE)}")
    parser.add_argument("--down", type=float, default=0, metavar="SECONDS",
                        help="keep the broker away for so long, from the tenth second on")
    parser.add_argument("--takeover", type=float, default=0, metavar="SECONDS",
                        help=f"two people push a takeover of {TAKEOVER_S} s at that second")
    parser.add_argument("--ticker", default="", metavar="TEXT", help="the schedule's layout has a line of this text beneath the picture")
    parser.add_argument("--display", default=os.environ.get("DISPLAY", "none"), metavar=":N",
                        help="show it in a window of this X server ($DISPLAY, where there is one), or 'none'")
    parser.add_argument("--framebuffer", type=Path, metavar="FILE",
                        help="the display is an Xvfb with its screen in this file: what it showed is held against the log")
    parser.add_argument("--out", type=Path, default=HERE / "out", help="where everything is written (demo/out)")
    parser.add_argument("--keep-out", action="store_true", help="leave databases and records behind for a look")
    parser.add_argument("--bin", type=Path, default=HERE.parent / "build" / "release" / "bin", help="where the programs are")
    return parser.parse_args()


class Demo:
    def __init__(self, arguments: argparse.Namespace, supervisor: Supervisor, installation: screen.Installation,
                 media_directory: Path) -> None:
        self.arguments = arguments
        self.supervisor = supervisor
        self.installation = installation
        self.folders = installation.folders
        self.media = media_directory
        self.live = books.Live(self.folders.run)
        self.books = books.Books(self.folders.state, self.folders.store)
        self.began = screen.today()
        self.sealed = can_make_network_namespaces()
        self.witnessed = not installation.display or installation.framebuffer is not None
        self.pictured = False
        self.unclean: list[str] = []
        self.samples: list[subprocess.Popen[bytes]] = []
        self.takeover_until_utc = 0
        self.ticker = ticker.Watch(self.folders.glass / "latest.nv12", screen.SIZE) if arguments.ticker else None

    def start_backend(self) -> None:
        say("== enrolment, broker, origin, ingest, desired")
        enrolled = self.installation.start_backend(self.supervisor, self._run)
        say(f"   {enrolled}, enrolled with a one-time token")

    def start_screen(self) -> None:
        say(f"== screen {screen.SCREEN}: telemetry, vet, player, audience"
            + (" (player and audience in an empty network namespace)" if self.sealed
               else "; NOT in an empty network namespace, which takes root"))
        camera = self.arguments.camera or str(self.media / "camera.mp4")
        for service in self.installation.screen(camera, self.sealed):
            self.supervisor.start(service)
        for name in ("telemetry", "vet", "player", "audience"):
            self.supervisor.wait_ready(name, 30)

    def push(self) -> None:
        say("== the operator pushes settings and schedule")
        creatives = self.media / "creatives"
        say(self._run(self.installation.push_command("settings", 1, screen.settings_document(self.installation), 0)))
        schedule = screen.schedule_document(self.arguments.campaigns)
        if self.arguments.ticker:
            schedule["layout"] = ticker.layout(self.arguments.ticker)
        say(self._run(self.installation.push_command("schedule", 1, schedule, PUSH_WAIT_S, creatives)))
        if not wait_until(lambda: self.live.player().creative != 0, 60):
            raise DemoFailed("nothing was shown within 60 s of the push; end of the player's log:\n"
                             + self.supervisor.log_tail("player"))

    def watch(self) -> None:
        """One line a second, accidents included."""
        say(f"== {self.arguments.seconds} seconds on the air")
        accidents = sorted(self.arguments.kill, key=lambda kill: kill[1])
        broker_back: Optional[float] = None
        began = time.monotonic()
        second = 0
        while second < self.arguments.seconds:
            second += 1
            while (wait := began + second - time.monotonic()) > 0:
                time.sleep(min(wait, 0.1))
            while accidents and accidents[0][1] <= second:
                name, _ = accidents.pop(0)
                say(f"   !! kill -9 {name}" + ("" if self.supervisor.kill(name) else ": it was not running"))
            if self.arguments.down and broker_back is None and second >= 10:
                say(f"   !! the broker goes away for {self.arguments.down:.0f} s")
                self.supervisor.stop("broker")
                broker_back = second + self.arguments.down
            if broker_back is not None and second >= broker_back:
                say("   !! the broker comes back")
                self.supervisor.start(self.supervisor.services["broker"])
                broker_back = float("inf")
            if self.arguments.takeover and not self.takeover_until_utc and second >= self.arguments.takeover:
                self._take_over()
            if second % SAMPLE_EVERY_S == 0:
                self._ask_for_picture()
            say(self._status_line(second))
            self._take_picture()
            if self.ticker:
                self.ticker.look()
        if broker_back is not None and broker_back != float("inf"):
            self.supervisor.start(self.supervisor.services["broker"])

    def _take_over(self) -> None:
        say("   !! a takeover is pushed")
        self.takeover_until_utc = int(time.time()) + TAKEOVER_S + 1
        self._run(self.installation.push_command("takeover", 1, screen.takeover_document(self.takeover_until_utc), 0,
                                                 self.media / "creatives", signers=("takeover-1", "takeover-2")))

    def _ask_for_picture(self) -> None:
        """As a timer of the backend does; what the screen answers, or that it does not, is in log/sample."""
        with (self.folders.logs / "sample").open("ab") as log:
            self.samples.append(subprocess.Popen(self.installation.sample_command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def end_samples(self) -> None:
        for sample in self.samples:
            sample.kill()
            sample.wait()

    def wind_down(self) -> None:
        """The order in which a screen is switched off, each step given time to bring its books to an end."""
        if self.witnessed and not self.pictured:
            say("   no screen.png: no video over the full width showed while somebody looked")
        say("== switching off, and waiting for the last receipts")
        for sample in self.samples:
            sample.wait()
        self._stop("player", 15)
        wait_until(lambda: self.books.exposure_missing() == 0, 20)
        self._stop("audience", 10)
        wait_until(self.books.all_acknowledged, 30)
        self._stop("telemetry", 40)
        wait_until(lambda: self.books.stored_missing() == 0, 20)
        for name in ("vet", "ingest", "desired", *(["glass"] if self.installation.framebuffer else [])):
            self._stop(name, 10)

    def account(self) -> list[str]:
        glass = read_glass(self.folders.glass) if self.witnessed else None
        outcome = report.Outcome(glass, self.books.read(), [spec.id for spec in media.CREATIVES])
        report.show(outcome, {spec.id: spec.name.rsplit(".", 1)[0] for spec in media.CREATIVES}, say)
        problems = report.problems_of(outcome) + self.unclean + self._decided_again()
        if self.takeover_until_utc:
            problems += takeover.account(self.supervisor.log_path("telemetry"), outcome.ledger.plays, self.takeover_until_utc, say)
        if self.ticker:
            problems += self.ticker.account(say)
        for service in self.supervisor.services.values():
            wanted = sum(name == service.name for name, _ in self.arguments.kill)
            if len(service.ends) > wanted:
                problems.append(f"{service.name} died on its own: {', '.join(service.ends)}; "
                                f"see {self.supervisor.log_path(service.name)}")
        return problems

    def _decided_again(self) -> list[str]:
        """Every decision on record, made once more from what the screen knew then; a run may go on over midnight."""
        problems, passed = [], 0
        for day in sorted({self.began, screen.today()}):
            done = subprocess.run(self.installation.audit_command(day), stdin=subprocess.DEVNULL, capture_output=True, text=True)
            lines = (done.stdout + done.stderr).strip().splitlines()
            if done.returncode == 0:
                passed += 1
                say("== decided again")
                say("\n".join("   " + line for line in lines))
            elif "is not on record" not in done.stderr:
                problems += lines
        return problems if passed or problems else ["no decision of the log could be made again"]

    def _status_line(self, second: int) -> str:
        player, audience, figures = self.live.player(), self.live.audience(), self.books.figures()
        return (f"{second:4d} s | {player.line()} | {audience.line()} | "
                f"log {figures.logged}, acknowledged {figures.acknowledged}")

    def _take_picture(self) -> None:
        """screen.png, once, while a video over the full width shows."""
        if self.pictured:
            return
        width, height = screen.SIZE
        try:
            picture = (self.folders.glass / "latest.nv12").read_bytes()
        except FileNotFoundError:
            return
        row = 20 * width  # inside the strip
        if min(picture[row + 1], picture[row + width - 1]) < 128:
            return  # black bars at the sides
        code = strip.decode_row(picture[row : row + width])
        if code is None or code.frame < 20:  # stills stay at frame 0
            return
        kept = self.folders.out / "screen.nv12"
        kept.write_bytes(picture)
        self._run(["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "nv12",
                   "-s", f"{width}x{height}", "-i", str(kept), "-vf", "scale=in_color_matrix=bt709:in_range=tv",
                   "-frames:v", "1", "-update", "1", str(self.folders.out.parent / "screen.png"
                                                         if self.folders.out == HERE / "out"
                                                         else self.folders.out / "screen.png")])
        kept.unlink()
        self.pictured = True

    def _stop(self, name: str, timeout_s: float) -> None:
        if not self.supervisor.stop(name, timeout_s):
            self.unclean.append(f"{name} did not stop cleanly within {timeout_s:.0f} s of SIGTERM; "
                                f"see {self.supervisor.log_path(name)}")

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip() or "no word")
            raise DemoFailed(f"{Path(command[0]).name} {command[1]} ended with {done.returncode}: {said}")
        return "\n".join("   " + line for line in done.stdout.strip().splitlines())


def on_signal(number: int, _frame: object) -> None:
    raise DemoFailed(f"interrupted by {signal.Signals(number).name}")


def main() -> int:
    arguments = parse_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    folders = screen.Folders(arguments.out.resolve())
    player = (arguments.player or arguments.bin / "vitrine-player").resolve()
    supervisor: Optional[Supervisor] = None
    demo: Optional[Demo] = None
    problems: list[str] = []
    try:
        if not player.exists():
            raise DemoFailed(f"there is no {player}; ./run build makes it")
        if Path(arguments.camera).is_char_device() and not arguments.basis:
            raise DemoFailed(f"{arguments.camera} looks at people: say with --basis TEXT what allows counting them")
        say("== media (made once, then kept)")
        media_directory = media.make(HERE / "out" / "media")
        folders.clear()
        supervisor = Supervisor(folders.logs)
        demo = Demo(arguments, supervisor, screen.Installation(
            folders, arguments.bin.resolve(), player, pki.Authority(folders.out / "pki"),
            servers.free_port(), servers.free_port(), servers.free_port(),
            display="" if arguments.display == "none" else arguments.display, framebuffer=arguments.framebuffer,
            **({"camera_basis": arguments.basis} if arguments.basis else {})), media_directory)
        demo.start_backend()
        demo.start_screen()
        demo.push()
        demo.watch()
        demo.wind_down()
        problems = demo.account()
    except (DemoFailed, RuntimeError, ValueError, OSError) as error:
        problems = [str(error)]
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # nothing may interrupt the clearing up
        if demo is not None:
            demo.end_samples()
        if supervisor is not None:
            supervisor.close()
    for problem in problems:
        say(f"demo: FAILED: {problem}")
    if not problems:
        say("demo: passed: " + ("glass = " if demo.witnessed else "") + "log = stored = acknowledged")
        if not arguments.keep_out:
            for bulky in (folders.glass, folders.origin):
                shutil.rmtree(bulky, ignore_errors=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
