"""A certificate authority of the demo's own, made on the spot with openssl: P-256, common name = identity."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Identity:
    certificate: Path
    key: Path


class Authority:
    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self.certificate = directory / "ca.pem"
        self.key = directory / "ca.key"
        _new_key(self.key)
        _openssl("req", "-x509", "-new", "-key", self.key, "-sha256", "-days", "30", "-subj", "/CN=vitrine demo authority",
                 "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                 "-out", self.certificate)

    def issue(self, name: str, server: str = "") -> Identity:
        """A client certificate, or one for a server at that address."""
        identity = Identity(self._directory / f"{name}.pem", self._directory / f"{name}.key")
        request, extensions = self._directory / f"{name}.csr", self._directory / f"{name}.ext"
        _new_key(identity.key)
        use = f"serverAuth\nsubjectAltName=IP:{server},DNS:localhost" if server else "clientAuth"
        extensions.write_text(f"basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage={use}\n")
        _openssl("req", "-new", "-key", identity.key, "-subj", f"/CN={name}", "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                 "-sha256", "-days", "30", "-extfile", extensions, "-out", identity.certificate)
        request.unlink()
        extensions.unlink()
        return identity


def _new_key(path: Path) -> None:
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    path.chmod(0o600)


def _openssl(*arguments: object) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")
