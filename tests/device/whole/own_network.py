"""A network of this process alone, where the backend has the address under which the device sees it."""

import ctypes
import os
import subprocess

_CLONE_NEWNET = 0x40000000


def enter(address: str) -> None:
    """From here on this process and its children have a loopback of their own with this address besides. Before any
    thread is started; takes root. RuntimeError with the reason."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        raise RuntimeError(f"no network of its own for the device and its backend: {os.strerror(ctypes.get_errno())}")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
