"""From an installed device to plays that are paid for: enrolment, a schedule, the picture, people, the books."""

import screen
from daemons import Wrong, live, log_of, start_daemon
from device import HOST, DeviceError
import clips
import guest_database
from stand import Stand

CONFIRM_S = 300  # a limit: an emulated processor tries four clips slowly


def enrol(stand: Stand) -> None:
    """What the technician does: a token, one command; the screen shows what it lacks before."""
    device, backend = stand.device, stand.backend
    device.wait(lambda: stand.dump("not-enrolled").status, "the status picture before enrolment", 60)
    device.put(backend.authority, "/var/tmp/ca.pem")
    said = device.check(f"vitrine enrol --server {backend.installation.origin_url} --ca /var/tmp/ca.pem --token {backend.token()}", 60)
    stand.say(f"enrolled through {HOST}: {said.strip()}")
    start_daemon(device, "telemetry")
    try:
        device.wait(lambda: stand.telemetry().get("link_up") == 1, "the link to the broker", 90)
    except DeviceError as error:
        raise Wrong(f"{error}\n{log_of(device, 'vitrine-telemetry')}\nbroker:\n{backend.log_tail('broker')}") from None
    stand.say("telemetry's unit runs and its link is up")


def push(stand: Stand) -> None:
    stand.backend.push_settings()
    try:
        stand.backend.push("schedule", clips.schedule(), stand.clips, CONFIRM_S)
    except RuntimeError as error:
        raise Wrong(f"{error}\n" + "\n".join(log_of(stand.device, f"vitrine-{name}") for name in ("telemetry", "vet", "player"))) from None
    stand.say("the schedule that the operator pushed is confirmed by the device")


def frames(stand: Stand) -> None:
    stand.plays("playing")
    shown = [stand.witness(f"frame-{number}") for number in (1, 2, 3)]
    if len({one.code for one in shown}) != len(shown):
        raise Wrong(f"the picture stands still: {shown}")
    stand.hold_against_log(shown)
    stand.say("on the glass, each when the play log has it: "
              + "; ".join(f"creative {one.code.creative}, frame {one.code.frame}" for one in shown))


def people(stand: Stand) -> None:
    """The camera comes late: audience has run for a while without one."""
    device = stand.device
    state = live(device, "audience").get("camera")
    if state not in ("off", "absent"):
        raise Wrong(f"without a camera the audience daemon says '{state}'")
    device.check("cat > /var/lib/vitrine/camera/settings.toml << 'end'\n"
                 + screen.camera_settings("drawn figures in an emulated camera") + "end")
    device.wait(lambda: live(device, "audience").get("camera") == "absent", "the audience daemon misses the camera", 60)
    stand.camera()
    try:
        seen = device.wait(lambda: (figures := live(device, "audience")).get("camera") == "ok"
                           and figures["crossings"] > 0 and figures, "a crossing before the camera that came late", 120)
    except DeviceError as error:
        raise Wrong(f"{error}\n{log_of(device, 'camera')}\n{log_of(device, 'vitrine-audience')}") from None
    stand.say(f"the camera's module came late and is counted in: {seen['fps_milli'] / 1000:.1f} pictures a second, "
              f"{seen['crossings']} crossings")


def books(stand: Stand) -> None:
    stand.goes_on(4)
    rows = stand.settled()
    shown = {creative for creative in stand.backend.stored().plays.values() if creative}
    if not shown <= {spec.id for spec in clips.CLIPS}:
        raise Wrong(f"the store has plays of creatives nobody scheduled: {shown}")
    acknowledged = guest_database.query(stand.device, "telemetry/outbox.db", stand.folder,
                                        "SELECT coalesce(sum(last - first + 1), 0) FROM batch WHERE stream = 0 AND state = 1")[0][0]
    if acknowledged == 0:
        raise Wrong("the device holds no receipt for a play")
    stand.say(f"{rows} plays stored by the ingest without a gap, {acknowledged} of them with a receipt on the device")
    stand.device.wait(lambda: stand.backend.exposed() > 0, "a play's audience in the store", 120)
    stand.say(f"{stand.backend.exposed()} plays stored with their audience")


def run(stand: Stand) -> None:
    enrol(stand)
    push(stand)
    frames(stand)
    people(stand)
    books(stand)
