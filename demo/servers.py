"""The two servers that are not ours, each with its own configuration on loopback: broker and HTTPS origin."""

import os
import random
import shutil
import socket
from pathlib import Path

from pki import Authority, Identity

MOST_PACKET = 256 * 1024  # docs/contracts.md, "Signed documents"


def free_port() -> int:
    """One nobody listens on now. Below the range from which the kernel serves outgoing connections: in there a client
    could be given the port of a killed server and keep it from coming back."""
    for _ in range(1000):
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port between 20000 and 32000 on 127.0.0.1")


def program(name: str) -> str:
    """Servers lie in /usr/sbin, which is not everybody's path."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"{name} is not installed; ./run installs it")
    return found


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def broker_command(directory: Path, port: int, authority: Authority, identity: Identity, acl: str) -> list[str]:
    directory.mkdir(parents=True)
    (directory / "acl").write_text(acl)
    (directory / "acl").chmod(0o600)
    lines = [
        f"listener {port} 127.0.0.1",
        f"cafile {authority.certificate}",
        f"certfile {identity.certificate}",
        f"keyfile {identity.key}",
        "tls_version tlsv1.2",
        "require_certificate true",
        "use_identity_as_username true",
        "allow_anonymous false",
        f"acl_file {directory / 'acl'}",
        f"max_packet_size {MOST_PACKET}",
        # One subscriber hears all screens: by default 20 messages could be on their way to it, and 1000 wait; the rest
        # would be dropped without a word.
        "max_inflight_messages 4000",
        "max_queued_messages 50000",
        "set_tcp_nodelay true",
        "persistence true",
        f"persistence_location {directory}/",
        "autosave_interval 5",
        "log_dest stderr",
        "log_timestamp_format %Y-%m-%dT%H:%M:%S",
    ]
    if os.geteuid() == 0:
        lines.append("user root")  # else it would drop to a user that cannot read the files above
    (directory / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    return [program("mosquitto"), "-c", str(directory / "mosquitto.conf")]


def access_rules(groups: list[str], screens: list[str]) -> str:
    """Who may say and hear what (docs/contracts.md, "Topics"). %u is the certificate's common name."""
    rules = [
        "pattern write vt/v1/+/%u/up/#",
        "pattern readwrite vt/v1/+/%u/state/#",
        "pattern read vt/v1/+/%u/down/#",
        "pattern write vt/v1/op/%u/push",
        "pattern read vt/v1/op/%u/reply",
        "",
        "user ingest",
        "topic read vt/v1/+/+/up/#",
        "topic read vt/v1/+/+/state/#",
        "topic write vt/v1/+/+/down/ack",
        "",
        "user desired",
        "topic read vt/v1/op/+/push",
        "topic write vt/v1/op/+/reply",
        "topic read vt/v1/+/+/state/#",
        "topic readwrite vt/v1/+/+/down/desired/+",
        "topic readwrite vt/v1/g/+/desired/+",
        "",
        "user operator",
        "topic read vt/v1/+/+/state/#",
        "topic read vt/v1/+/+/up/reply",
    ]
    for screen in screens:
        rules += ["", f"user {screen}", *(f"topic read vt/v1/g/{group}/desired/+" for group in groups)]
    return "\n".join(rules) + "\n"


def origin_command(directory: Path, port: int, served: Path, identity: Identity) -> list[str]:
    directory.mkdir(parents=True)
    temporary = "".join(f"  {kind}_temp_path {directory}/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    # One process: nothing is left over when it is killed.
    (directory / "nginx.conf").write_text(f"""daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
{temporary}  access_log {directory}/access.log;
  default_type application/octet-stream;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {identity.certificate};
    ssl_certificate_key {identity.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    root {served};
  }}
}}
""")
    return [program("nginx"), "-e", "stderr", "-p", str(directory), "-c", str(directory / "nginx.conf")]
