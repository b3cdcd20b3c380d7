"""One way to ClickHouse: a server over HTTP or the embedded engine, the same client and the same statements.

Every call blocks; use it off the event loop. What a retry may mend is raised as ``Unavailable``, everything else as
``StoreError`` with one line that says what to do.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import numpy as np
import numpy.typing as npt
from clickhouse_connect.driver.exceptions import ClickHouseError

from schemas.stored import Unavailable
from sinks.clickhouse import folder as folders
from sinks.clickhouse.column_types import column_type
from sinks.clickhouse.retriable import code_of, one_line, why_away

_SETTINGS: Final = {"session_timezone": "UTC"}
_INSERT_SETTINGS: Final = {
    # a server's default since 26.2 would gather inserts and answer later; ours are blocks already
    "async_insert": 0,
    # a block never holds two versions of a row; looking for them costs as much as writing it
    "optimize_on_insert": 0,
}
_UNKNOWN_DATABASE: Final = 81
_AUTHENTICATION: Final = (516, 192, 193, 194)
_READ_ONLY: Final = 164
_GRANTS: Final = "sinks/clickhouse/server"
_ADVICE: Final[dict[int, str]] = {
    **dict.fromkeys(
        _AUTHENTICATION, "ClickHouse refuses the user; check CASECLOCK_CLICKHOUSE__URL and its password"
    ),
    201: f"the user's quota is used up; wait, or raise it ({_GRANTS})",
    497: f"the user may not do this; grant it what {_GRANTS} grants",
}
_FOR_READING: Final = "this connection is for reading only; write through another one"
TIMEOUT_SECONDS: Final = 120
"""How long a server may think about one statement."""
READ_SECONDS: Final = 30
"""How long a reader waits for one query."""


class StoreError(Exception):
    """ClickHouse cannot do what was asked; the message is one line and says what to do.

    Attributes:
        code: ClickHouse's, where it gave one.
    """

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class ClickHouse:
    """A connection to one database; made when missing. Calls from several threads take turns.

    Args:
        url: ``http(s)://user@host:8123/database`` or ``chdb:///folder`` (the database is then ``caseclock``).
        password: of the user in the url.
        timeout_seconds: for one statement of a server.
        read_only: nothing is made or written, and on a server threads need not take turns.

    Raises:
        Unavailable: it cannot be reached now.
        StoreError: it refuses us, a reader finds no database, or the folder is in use by another process.
    """

    def __init__(
        self,
        url: str,
        password: str | None = None,
        *,
        timeout_seconds: int = TIMEOUT_SECONDS,
        read_only: bool = False,
    ) -> None:
        self.url = url
        self.embedded = url.startswith("chdb://")
        self.read_only = read_only
        self._password = password
        self._lock: AbstractContextManager[Any] = nullcontext() if read_only else threading.RLock()
        self._settings = dict(_SETTINGS)
        if read_only:
            self._settings |= {"readonly": "2", "max_execution_time": str(timeout_seconds)}
        self._folder: Path | None = None
        if self.embedded:
            self.database = "caseclock"
            self._client = self._open_folder(Path(url.removeprefix("chdb://")))
            if not read_only:
                self._make_database()
                self.command(f"USE `{self.database}`")
        else:
            self.database, self._client = self._open_server(url, password, timeout_seconds)
            self._client.database = self.database
            try:
                self.columns("SELECT 1 AS one")
            except StoreError as error:
                # asked first: a user who may only read must not be refused for what is there
                if error.code != _UNKNOWN_DATABASE:
                    raise
                if read_only:
                    msg = f"{self._where}: there is no database {self.database} yet; `caseclock run` makes it"
                    raise StoreError(msg, error.code) from None
                self._client.database = None
                self._make_database()
        self._client.database = self.database

    def reader(self) -> ClickHouse:
        """Open a connection for reading beside this one; on the embedded engine only this process can."""
        return ClickHouse(self.url, self._password, timeout_seconds=READ_SECONDS, read_only=True)

    def beside(self, timeout_seconds: int = TIMEOUT_SECONDS) -> ClickHouse:
        """Open another connection like this one, whose statements do not wait for each other's end."""
        return ClickHouse(self.url, self._password, timeout_seconds=timeout_seconds, read_only=self.read_only)

    def _make_database(self) -> None:
        self.command(f"CREATE DATABASE IF NOT EXISTS `{self.database}`")

    def _open_folder(self, folder: Path) -> Any:  # noqa: ANN401  # the driver has no types
        self._where = "the embedded engine"
        try:
            self._folder = folders.hold(folder)
        except folders.FolderInUse as taken:
            raise StoreError(str(taken)) from None
        try:
            return clickhouse_connect.get_client(interface="chdb", path=str(self._folder))
        except Exception as error:
            folders.release(self._folder)
            if isinstance(error, ImportError):
                raise StoreError(
                    "the embedded engine is missing: pip install 'caseclock[embedded]'"
                ) from error
            raise StoreError(f"{folder}: the embedded engine cannot open it: {one_line(error)}") from error

    def _open_server(self, url: str, password: str | None, timeout_seconds: int) -> tuple[str, Any]:
        parts = urlsplit(url)
        database = parts.path.strip("/") or "caseclock"
        port = parts.port or (8443 if parts.scheme == "https" else 8123)
        self._where = f"{parts.scheme}://{parts.hostname}:{port}"
        try:
            client = clickhouse_connect.get_client(
                interface=parts.scheme,
                host=parts.hostname or "127.0.0.1",
                port=port,
                username=unquote(parts.username or "default"),
                password=password or "",
                connect_timeout=min(10, timeout_seconds),
                send_receive_timeout=timeout_seconds,
                autogenerate_session_id=False,
            )
        except Exception as error:  # noqa: BLE001  # whatever the driver meets there, it is told in a line
            raise self._told(error) from None
        return database, client

    def _told(self, error: Exception, statement: str = "") -> Exception:
        """What to raise for an error of the driver."""
        code = code_of(error)
        if code in _ADVICE:
            why = "" if code in _AUTHENTICATION else f" ({one_line(error, statement)})"
            return StoreError(f"{self._where}: {_ADVICE[code]}{why}", code)
        if code == _READ_ONLY and self.read_only:  # waiting would not help
            return StoreError(f"{self._where}: {_FOR_READING}", code)
        away = why_away(error)
        if away is None:
            return StoreError(f"{self._where}: {one_line(error, statement)}", code)
        if code is None:
            return Unavailable(f"{self._where}: ClickHouse does not answer ({away}); is it running there?")
        return Unavailable(f"{self._where}: ClickHouse cannot do it now: {away}")

    def close(self) -> None:
        """Close the connection and give the folder free. Twice is fine."""
        with self._lock:
            self._client.close()
            if self._folder is not None:
                folders.release(self._folder)
                self._folder = None

    def command(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  # a scalar
        """Run a statement that gives no rows."""
        self._must_write()
        return self._try(
            lambda: self._client.command(statement, parameters=parameters, settings=_SETTINGS), statement
        )

    def columns(self, query: str, parameters: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
        """The result of a query by column; the database is the default one of its names."""
        result = self._try(
            lambda: self._client.query(
                query,
                parameters=dict(parameters or {}),
                settings=self._settings,
                column_oriented=True,
            ),
            query,
        )
        # the embedded engine names no columns of an empty result
        return defaultdict(list, zip(result.column_names, map(list, result.result_columns), strict=False))

    def arrays(
        self, query: str, parameters: Mapping[str, Any], integers: Collection[str]
    ) -> dict[str, npt.NDArray[Any]]:
        """The same as arrays, taken block by block: millions of rows as Python's own integers need gigabytes.

        Args:
            query: as of ``columns``.
            parameters: as of ``columns``.
            integers: the columns that become arrays of int64; the others are arrays of objects.
        """
        blocks: list[list[npt.NDArray[Any]]] = []

        def read() -> Sequence[str]:
            told = self._client.query_column_block_stream(
                query, parameters=dict(parameters), settings=self._settings
            )
            with told as stream:
                names: Sequence[str] = stream.source.column_names
                kinds = [np.int64 if name in integers else object for name in names]
                for block in stream:
                    blocks.append([np.array(each, kind) for each, kind in zip(block, kinds, strict=True)])
            return names

        names = self._try(read, query)
        columns = [np.concatenate(each) for each in zip(*blocks, strict=True)]
        return defaultdict(lambda: np.empty(0, np.int64), zip(names, columns, strict=False))

    def insert(
        self, table: str, types: Mapping[str, str], rows: Sequence[tuple[Any, ...]], token: str
    ) -> None:
        """Insert rows whose values are in the order of ``types``; done once however often it is tried.

        Moments are given as integer µs. Returns when ClickHouse has confirmed them.
        """
        self._must_write()
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        context = self._client.create_insert_context(
            table,
            list(types),
            database=self.database,
            column_types=[column_type(name) for name in types.values()],
            column_oriented=True,
            settings={**_INSERT_SETTINGS, "insert_deduplication_token": f"{table}:{token}"},
        )
        self._try(lambda: self._client.insert(data=columns, context=context), f"{table} {list(types)}")

    def _must_write(self) -> None:
        if self.read_only:
            raise StoreError(f"{self._where}: {_FOR_READING}", _READ_ONLY)

    def _try(self, call: Callable[[], Any], statement: str) -> Any:  # noqa: ANN401  # whatever the driver gives
        with self._lock:
            try:
                return call()
            except (ClickHouseError, OSError, ValueError, TypeError) as error:
                # the driver's own words may hold a value, and so may those of what it was raised from
                raise self._told(error, statement) from None
