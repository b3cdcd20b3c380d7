"""What of the libraries' logs a person sees: lines, not tracebacks, and of a storm one line a minute.

A Kafka client that cannot connect complains two hundred times a second (measured on aiokafka); Faust logs a crash
with its traceback and the error's own words, which may hold a value of an event. Ours say the same in a line:
what the worker waits for (streams/persist.py), and what ended it (caseclock/cli.py).
"""

import logging
import os
import re
import sys
import time
from collections.abc import Callable
from typing import Final

SILENT: Final = (
    "faust",
    "mode",
    "streams.faust_app",
    "streams.faust_run",
    "asyncio",
    "aiokafka.producer",
    "kafka",
    "clickhouse_connect",
    "urllib3",
)
"""Told by ours in other words: crashes, what could not be sent, asked or written."""
STORMY: Final = ("aiokafka",)
"""Its consumer tells nobody but its log that Kafka is away: once in a while is enough."""
SECONDS: Final = 60.0
"""Between two lines of one storm."""
QUIET_SECONDS: Final = 5.0
"""After so long without a word a storm is over; what comes then is another one."""
LONGEST: Final = 300
_SERVICE: Final = re.compile(r"^\[\^-*\w+\]: ")
"""Where a service stands in Faust's tree of them, which tells a person nothing."""


class OneLine(logging.Formatter):
    """A record as one line of bounded length, without a traceback."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self._command = command

    def format(self, record: logging.LogRecord) -> str:
        """Ours as they are; others under the library's name."""
        text = _SERVICE.sub("", " ".join(record.getMessage().split()))[:LONGEST]
        library = record.name.partition(".")[0]
        source = f"{library}: " if library in STORMY else ""
        return f"caseclock {self._command}: {source}{text}"


class Seldom(logging.Filter):
    """Lets the first record of a storm pass, then one a minute for as long as it lasts; exceptions never.

    An exception that a library logs is raised as well, and told when it ends the command.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told = self._heard = -SECONDS

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is told."""
        if record.exc_info:
            return False
        if record.name.partition(".")[0] not in STORMY:
            return True
        now = self._clock()
        heard, self._heard = self._heard, now
        if now - heard < QUIET_SECONDS and now - self._told < SECONDS:
            return False
        self._told = now
        return True


def log_to_stderr(command: str) -> None:
    """Send warnings of ours and errors of the libraries to stderr; with ``CASECLOCK_DEBUG`` all as they are."""
    if os.environ.get("CASECLOCK_DEBUG"):
        logging.basicConfig(stream=sys.stderr, level=logging.INFO)
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(command))
    handler.addFilter(Seldom())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in STORMY:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
