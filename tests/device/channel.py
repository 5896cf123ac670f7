"""JSON over a socket, one object a line: QEMU's monitor (QMP) and its guest agent both speak that.

https://www.qemu.org/docs/master/interop/qmp-spec.html, .../qemu-ga-ref.html
"""

import json
import random
import socket
import time
from typing import Any, Optional

Reply = dict[str, Any]


class ChannelError(Exception):
    """The other side refused, went away or did not answer in time."""


class Channel:
    """Used by one thread. The caller owns the socket's other end."""

    def __init__(self, name: str, end: socket.socket) -> None:
        self._name = name
        self._socket = end
        self._received = b""
        self._number = 0
        self._events: list[str] = []

    def close(self) -> None:
        self._socket.close()

    def send(self, message: Reply) -> None:
        try:
            self._socket.settimeout(None)
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise ChannelError(f"{self._name}: {error}") from error

    def receive(self, deadline: float) -> Reply:
        """The next object. `deadline` is of time.monotonic()."""
        while True:
            line, newline, rest = self._received.partition(b"\n")
            if newline:
                self._received = rest
                # The agent puts 0xFF in front of an answer to a synchronisation, so that it can be found in rubbish.
                text = line.split(b"\xff")[-1].strip()
                if text:
                    return json.loads(text)
                continue
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                received = self._socket.recv(1 << 20)
            except socket.timeout:
                raise ChannelError(f"{self._name}: no answer in time") from None
            except OSError as error:
                raise ChannelError(f"{self._name}: {error}") from error
            if not received:
                raise ChannelError(f"{self._name}: closed")
            self._received += received

    def call(self, command: str, deadline: float, **arguments: Any) -> Any:
        """Executes one command and returns what it returns. Late answers to earlier ones are passed over, events kept."""
        self._number += 1
        message: Reply = {"execute": command, "id": self._number}
        self.send({**message, "arguments": arguments} if arguments else message)
        while True:
            reply = self.receive(deadline)
            if "event" in reply:
                self._events.append(reply["event"])
            if reply.get("id") != self._number:
                continue
            if "error" in reply:
                raise ChannelError(f"{self._name}: {command}: {reply['error'].get('desc', reply['error'])}")
            if "return" in reply:
                return reply["return"]

    def last_events(self) -> list[str]:
        """QMP, once the emulator has ended: the names of all events of its life."""
        try:
            while True:
                reply = self.receive(time.monotonic() + 1)
                if "event" in reply:
                    self._events.append(reply["event"])
        except ChannelError:
            return self._events

    def greet(self, deadline: float) -> None:
        """QMP: takes the greeting and leaves negotiation."""
        self.receive(deadline)
        self.call("qmp_capabilities", deadline)

    def synchronise(self, deadline: float) -> None:
        """Guest agent: waits until it answers. What was asked before the guest was up is answered late or never, so
        everything up to our own mark is passed over."""
        mark = random.getrandbits(31)
        self.send({"execute": "guest-sync-delimited", "arguments": {"id": mark}})
        reply: Optional[Reply] = None
        while reply is None or reply.get("return") != mark:
            reply = self.receive(deadline)
