"""The two servers that are not ours, each with its own configuration: broker and HTTPS origin."""

import os
import random
import shutil
import socket
from pathlib import Path

from pki import Authority, Identity

SHIPPED_BROKER = Path(__file__).resolve().parent.parent / "backflow" / "broker"


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


def accepts_connections(port: int, address: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def broker_command(directory: Path, address: str, port: int, authority: Authority, identity: Identity,
                   enrolment: bool = True) -> list[str]:
    """The configuration that ships, its places filled in. ACL and revocation list are vitrine-enrol's to write; without
    it every screen with a certificate may come, and hears no group."""
    directory.mkdir(parents=True)
    text = (SHIPPED_BROKER / "mosquitto.conf").read_text()
    for place, value in (("PORT", port), ("ADDRESS", address), ("CA", authority.certificate),
                         ("CERTIFICATE", identity.certificate), ("KEY", identity.key), ("DIRECTORY", directory)):
        text = text.replace(f"@{place}@", str(value))
    if not enrolment:
        text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("crlfile"))
        shutil.copy(SHIPPED_BROKER / "acl", directory / "acl")
        (directory / "acl").chmod(0o600)
    if os.geteuid() == 0:
        text += "user root\n"  # else it would drop to a user that cannot read the files above
    (directory / "mosquitto.conf").write_text(text)
    return [program("mosquitto"), "-c", str(directory / "mosquitto.conf")]


def origin_command(directory: Path, address: str, port: int, served: Path, identity: Identity,
                   enrol_port: int) -> list[str]:
    """Content, and the door to vitrine-enrol."""
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
    listen {address}:{port} ssl;
    ssl_certificate {identity.certificate};
    ssl_certificate_key {identity.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    root {served};
    location ~ ^/(enrol|renew|seen)$ {{
      proxy_set_header X-Real-IP $remote_addr;
      proxy_pass http://127.0.0.1:{enrol_port};
    }}
  }}
}}
""")
    return [program("nginx"), "-e", "stderr", "-p", str(directory), "-c", str(directory / "nginx.conf")]
