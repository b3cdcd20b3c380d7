"""What is wrong with an installation, and how to mend it: every finding, not only the first."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from caseclock.checks.city import city
from caseclock.checks.clickhouse import clickhouse
from caseclock.checks.finding import Finding, away, wrong
from caseclock.checks.kafka import kafka
from caseclock.checks.program import program
from caseclock.errors import ExitCode, told
from caseclock.settings import Settings

Part = Callable[[Settings], Iterator[Finding]]

PARTS: Final[tuple[Part, ...]] = (program, city, kafka, clickhouse)
PART_SECONDS: Final = 30.0
"""What a part gets, all its questions together; the parts work at the same time."""


def findings(
    settings: Settings, parts: tuple[Part, ...] = PARTS, seconds: float = PART_SECONDS
) -> Iterator[Finding]:
    """Check everything; a part that fails or hangs does not hide the others."""
    deadline = time.monotonic() + seconds
    answers = [(part.__name__, _begun(part, settings)) for part in parts]
    for name, answer in answers:
        try:
            while (found := answer.get(timeout=max(deadline - time.monotonic(), 0.01))) is not None:
                yield found
        except queue.Empty:
            yield away(f"{name}: no answer within {seconds:g} s; look whether it hangs, and at the network")


def _begun(part: Part, settings: Settings) -> "queue.SimpleQueue[Finding | None]":
    """Let a part work in a thread that nobody has to wait for; None is its last finding."""
    found: queue.SimpleQueue[Finding | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            for each in part(settings):
                found.put(each)
        except Exception as error:  # noqa: BLE001  # whatever a part fails at is a finding
            found.put(_failure(part.__name__, error))
        found.put(None)

    threading.Thread(target=work, name=f"check-{part.__name__}", daemon=True).start()
    return found


def _failure(name: str, error: Exception) -> Finding:
    known = told(error)
    if known is None:
        return wrong(
            f"{name}: a defect of the program ({type(error).__name__}); CASECLOCK_DEBUG=1 shows nothing more "
            "here: please report it"
        )
    message, code = known
    return away(message) if code == ExitCode.DEPENDENCY else wrong(message)
