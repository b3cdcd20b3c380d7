"""Runs reading statements on the embedded engine beside those who write: bounded in time, memory and size.

Each statement has a connection of its own: what is set on it ends with it, and `readonly` cannot be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

import orjson

from caseclock.embedded.native import Column, framed
from caseclock.embedded.reading import (
    RefusedError,
    Statement,
    admitted,
    check_identifiers,
    denied_functions,
)
from sinks.clickhouse import folder as folders

ZONE: Final = "UTC"
"""Of sessions that set none, wherever the machine is: that of a server in production."""
MOST_SECONDS: Final = 30.0
LIMITS: Final[Mapping[str, float]] = {
    "max_execution_time": MOST_SECONDS,
    "max_memory_usage": 500_000_000,
    "max_result_rows": 1_000_000,
    "max_result_bytes": 200_000_000,
    "max_threads": 2,
}
"""Settings that a client may lower, not raise."""
_TAKEN: Final = re.compile(
    "output_format_(?!schema).*|session_timezone|date_time_output_format|limit|offset|extremes|final|join_use_nulls"
    "|group_by_use_nulls|max_block_size|max_(rows|bytes)_to_(read|sort|group_by)|(result|timeout|read|sort)_overflow_mode"
    "|aggregate_functions_null_for_empty|prefer_column_name_to_alias|cast_keep_nullable|use_uncompressed_cache"
)
"""Further settings of a client that are used; all others are known or refused, but change nothing here."""
_UNKNOWN_FORMAT, _UNKNOWN_SETTING, _NO_NUMBER, _NO_TEXT, _CANCELLED = 73, 115, 72, 62, 394
_CODE: Final = re.compile(r"Code: (\d+)\. DB::Exception: ")
_WRAPPING: Final = re.compile(r"\.?: In scope SELECT formatQuerySingleLine\(.*", re.DOTALL)


class Ask(NamedTuple):
    """What a client wants.

    Attributes:
        text: the statement.
        database: in which names without one are looked up.
        format: of the answer, where the statement names none.
        parameters: values of `{name:Type}`, escaped as in a file of tab-separated values.
        settings: the client's.
        revision: of the client's Native format.
    """

    text: str
    database: str
    format: str
    parameters: dict[str, str]
    settings: Mapping[str, str]
    revision: int


class Told(NamedTuple):
    """An answer: its bytes, their format, and the time zone of the session."""

    body: bytes
    format: str
    zone: str


class EngineReader:
    """Blocks, and may be used by several threads at once.

    Args:
        folder: of the engine, which this process has open.
    """

    def __init__(self, folder: Path) -> None:
        import chdb  # noqa: PLC0415  # an optional extra, and half a gigabyte

        self._folder = folders.hold(folder)
        connect: Callable[[str], Any] = chdb.connect
        self._connect = partial(connect, str(self._folder))
        self._ended = False
        self._mark = f"caseclock-http-{uuid4()}"
        with self._session() as session:

            def names(query: str) -> frozenset[str]:
                return frozenset(session.query(query, "TabSeparated").bytes().decode().split())

            self._denied = denied_functions(
                names("SELECT lower(name) FROM system.functions"),
                names("SELECT lower(name) FROM system.table_functions"),
            )
            self._settings = names("SELECT name FROM system.settings")
            self._formats = names("SELECT name FROM system.formats WHERE is_output")

    def run(self, ask: Ask) -> Told:
        """Answer one statement.

        Raises:
            RefusedError: it is refused, here or by the engine.
        """
        with self._session() as session, _told_by_engine():
            statement = admitted(_written(session, ask.text), self._denied)
            check_identifiers(statement, ask.parameters)
            settings = self._wanted({**ask.settings, **statement.settings})
            kind = statement.format or ask.format
            if kind not in self._formats:
                raise RefusedError(_UNKNOWN_FORMAT, f"Unknown format {kind}")
            session.query(f"USE {_name(ask.database)}")
            session.query(
                "SET " + ", ".join(f"{name} = {_literal(value)}" for name, value in settings.items())
            )
            # a client that asks which settings it may send is told: those of a server's reader
            session.query(f"SET readonly = {2 if statement.about_settings else 1}")
            if self._ended:
                raise RefusedError(_CANCELLED, "Query was cancelled: the end has come")
            if kind == "Native":
                columns = _columns(session, statement, ask.parameters)
                buffers = _bytes(session, statement.text, "Buffers", ask.parameters)
                body = framed(buffers, columns, ask.revision)
            else:
                body = _bytes(session, statement.text, kind, ask.parameters)
        return Told(body, kind, settings["session_timezone"])

    def _wanted(self, asked: Mapping[str, str]) -> dict[str, str]:
        unknown = sorted(asked.keys() - self._settings)
        if unknown:
            raise RefusedError(_UNKNOWN_SETTING, f"Unknown setting '{unknown[0]}'")
        found = {name: str(_lowered(name, asked.get(name, "0"), most)) for name, most in LIMITS.items()}
        found |= {"session_timezone": ZONE, "log_comment": self._mark}
        return found | {name: value for name, value in asked.items() if _TAKEN.fullmatch(name) and value}

    @contextmanager
    def _session(self) -> Iterator[Any]:
        session = self._connect()
        try:
            yield session
        finally:
            session.close()

    def end(self) -> None:
        """End what still runs; whoever waits for it gets an error."""
        self._ended = True
        with self._session() as session, suppress(Exception):
            session.query(f"KILL QUERY WHERE Settings['log_comment'] = '{self._mark}' ASYNC")

    def close(self) -> None:
        """Give the folder back."""
        folders.release(self._folder)


def _written(session: Any, text: str) -> str:  # noqa: ANN401  # the engine has no types
    """A statement as the engine writes it."""
    query = "SELECT formatQuerySingleLine({statement:String}) AS written"
    rows = _bytes(session, query, "JSONCompactColumns", {"statement": _escaped(text)})
    written: str = orjson.loads(rows)[0][0]
    return written


def _columns(session: Any, statement: Statement, parameters: dict[str, str]) -> list[Column]:  # noqa: ANN401  # as above
    """Names and types of what a statement gives."""
    if statement.describable:
        found = _bytes(session, f"DESCRIBE ({statement.text})", "JSONCompact", parameters)
        return [Column(name, kind) for name, kind, *_ in orjson.loads(found)["data"]]
    found = _bytes(session, statement.text, "JSONCompact", parameters)
    return [Column(each["name"], each["type"]) for each in orjson.loads(found)["meta"]]


def _bytes(session: Any, query: str, kind: str, parameters: dict[str, str]) -> bytes:  # noqa: ANN401  # as above
    result = session.query(query, kind, params=parameters)
    answer: bytes = result.bytes() if result is not None else b""
    return answer


@contextmanager
def _told_by_engine() -> Iterator[None]:
    """The engine's errors as refusals, with its code, without our wrapping."""
    try:
        yield
    except RefusedError:
        raise
    except Exception as error:
        told = _WRAPPING.sub("", str(error))
        codes = _CODE.findall(told)
        if not codes:
            raise
        raise RefusedError(int(codes[-1]), told[[*_CODE.finditer(told)][-1].end() :]) from None


def _lowered(name: str, asked: str, most: float) -> float:
    """A limit: the client's if it is one and lower than ours."""
    try:
        value = float(asked)
    except ValueError:
        raise RefusedError(_NO_NUMBER, f"Cannot parse {name}: no number") from None
    limit = min(value, most) if value > 0 else most
    return limit if name == "max_execution_time" else int(limit)


def _name(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def _literal(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _escaped(text: str) -> str:
    """As a value in a file of tab-separated values."""
    if "\0" in text:
        raise RefusedError(_NO_TEXT, "Syntax error: a statement holds no zero byte")
    for plain, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, written)
    return text
