"""A ClickHouse server for a test or a bench: its own folder, its own port, merged parts compressed by ZSTD (docs/store.md)."""

import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

CONFIG = """<yandex><logger><level>warning</level><log>{root}/log</log><errorlog>{root}/errors</errorlog></logger>
<http_port>{port}</http_port><listen_host>127.0.0.1</listen_host><path>{root}/data/</path><tmp_path>{root}/tmp/</tmp_path>
<users_config>users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>268435456</mark_cache_size><compression><case><min_part_size>1</min_part_size>
<min_part_size_ratio>0</min_part_size_ratio><method>zstd</method></case></compression></yandex>"""
USERS = """<yandex><profiles><default/></profiles><users><default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users><quotas><default/></quotas></yandex>"""


class ColumnStore:
    """A ClickHouse of this run alone, on a free port of loopback; everything it has lies in `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for part in ("data", "tmp"):
            (root / part).mkdir(parents=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (root / "config.xml").write_text(CONFIG.format(root=root, port=self.port))
        (root / "users.xml").write_text(USERS)
        try:
            self.process = subprocess.Popen(["clickhouse-server", f"--config-file={root}/config.xml"],
                                            stdout=(root / "output").open("w"), stderr=subprocess.STDOUT)
        except FileNotFoundError as missing:
            raise RuntimeError("clickhouse-server is not installed (packages.txt)") from missing
        for _ in range(300):
            try:
                if self.ask("SELECT 1") == "1":
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"clickhouse-server does not answer: {(root / 'output').read_text()}")

    def ask(self, sql: str, database: str = "default") -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/?database={database}", data=sql.encode())
        with urllib.request.urlopen(request, timeout=600) as answer:
            return answer.read().decode().strip()  # type: ignore[no-any-return]

    def store(self, database: str) -> str:
        return f"clickhouse:http://127.0.0.1:{self.port}/{database}"

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
