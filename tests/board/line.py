"""A line to the board that can be cut: a forwarder on a port of its own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_BYTES: Final = 65_536


class Line:
    """Carries bytes to and fro until it is cut; mended, it carries new connections again.

    Attributes:
        address: `http://127.0.0.1:PORT`.
    """

    def __init__(self, to: str) -> None:
        host, _, port = to.removeprefix("http://").partition(":")
        self._to = (host, int(port))
        self._open: list[socket.socket] = []
        self._cut = False
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._ear.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """Break all connections and refuse new ones."""
        self._cut = True
        for each in self._open:
            _end(each)
        self._open.clear()

    def mend(self) -> None:
        """Carry again."""
        self._cut = False

    def close(self) -> None:
        """Be gone."""
        self.cut()
        _end(self._ear)

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._ear.accept()
                if self._cut:
                    _end(near)
                    continue
                far = socket.create_connection(self._to)
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while got := one.recv(_BYTES):
            other.sendall(got)
    _end(other)


def _end(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()


@contextmanager
def line(to: str) -> Iterator[Line]:
    """Lay one for as long as the block lasts."""
    laid = Line(to)
    try:
        yield laid
    finally:
        laid.close()
