"""One way to ClickHouse: a server over HTTP or the embedded engine, the same client and the same statements.

Every call blocks; use it off the event loop. What a retry may mend is raised as ``Unavailable``, everything else as
``StoreError`` with one line that says what to do.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.exceptions import ClickHouseError

from schemas.stored import Unavailable
from sinks.clickhouse.retriable import is_retriable, one_line

_SETTINGS: Final = {"session_timezone": "UTC"}
_UNKNOWN_DATABASE: Final = 81
_AUTHENTICATION: Final = (516, 192, 193, 194)


class StoreError(Exception):
    """ClickHouse cannot do what was asked; the message is one line and says what to do."""


class ClickHouse:
    """A connection to one database; made when missing. Calls from several threads take turns.

    Args:
        url: ``http(s)://user@host:8123/database`` or ``chdb:///folder`` (the database is then ``caseclock``).
        password: of the user in the url.

    Raises:
        Unavailable: it cannot be reached now.
        StoreError: it refuses us, or the folder is in use by another process.
    """

    def __init__(self, url: str, password: str | None = None) -> None:
        self.url = url
        self.embedded = url.startswith("chdb://")
        self._lock = threading.RLock()
        self._folder_lock: int | None = None
        self._types: dict[str, Any] = {}
        if self.embedded:
            self.database = "caseclock"
            self._client = self._open_folder(Path(url.removeprefix("chdb://")))
        else:
            self.database, self._client = self._open_server(url, password)
        self.command(f"CREATE DATABASE IF NOT EXISTS `{self.database}`")
        self._client.database = self.database
        if self.embedded:
            self.command(f"USE `{self.database}`")

    def _open_folder(self, folder: Path) -> Any:  # noqa: ANN401  # the driver has no types
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "caseclock.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(lock, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(lock)
            msg = f"{folder} is in use by process {owner}; one process at a time: end it or choose another folder"
            raise StoreError(msg) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._folder_lock = lock
        try:
            return clickhouse_connect.get_client(interface="chdb", path=str(folder))
        except Exception as error:
            os.close(lock)
            if isinstance(error, ModuleNotFoundError | ImportError):
                raise StoreError(
                    "the embedded engine is missing: pip install 'caseclock[embedded]'"
                ) from error
            raise StoreError(f"{folder}: the embedded engine cannot open it: {one_line(error)}") from error

    def _open_server(self, url: str, password: str | None) -> tuple[str, Any]:
        parts = urlsplit(url)
        database = parts.path.strip("/") or "caseclock"
        where = f"{parts.scheme}://{parts.hostname}:{parts.port or 8123}"
        try:
            client = clickhouse_connect.get_client(
                interface=parts.scheme,
                host=parts.hostname or "127.0.0.1",
                port=parts.port or (8443 if parts.scheme == "https" else 8123),
                username=unquote(parts.username or "default"),
                password=password or "",
                connect_timeout=10,
                send_receive_timeout=120,
                autogenerate_session_id=False,
            )
        except Exception as error:
            raise self._told(error, where) from error
        return database, client

    def _told(self, error: Exception, where: str) -> Exception:
        code = getattr(error, "code", None)
        if code in _AUTHENTICATION or any(f"code: {c}" in str(error).lower() for c in _AUTHENTICATION):
            msg = f"{where}: ClickHouse refuses the user; check CASECLOCK_CLICKHOUSE__URL and its password"
            return StoreError(msg)
        if is_retriable(error):
            return Unavailable(
                f"{where}: ClickHouse does not answer ({one_line(error)}); is it running there?"
            )
        return StoreError(f"{where}: {one_line(error)}")

    def close(self) -> None:
        """Close the connection and give the folder free. Twice is fine."""
        with self._lock:
            self._client.close()
            if self._folder_lock is not None:
                os.close(self._folder_lock)
                self._folder_lock = None

    def command(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  # a scalar
        """Run a statement that gives no rows."""
        return self._try(lambda: self._client.command(statement, parameters=parameters, settings=_SETTINGS))

    def columns(self, query: str, parameters: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
        """The result of a query by column; the database is the default one of its names."""
        result = self._try(
            lambda: self._client.query(
                query,
                parameters=dict(parameters or {}),
                settings=_SETTINGS,
                column_oriented=True,
            )
        )
        # the embedded engine names no columns of an empty result
        return defaultdict(list, zip(result.column_names, map(list, result.result_columns), strict=False))

    def insert(
        self, table: str, types: Mapping[str, str], rows: Sequence[tuple[Any, ...]], token: str
    ) -> None:
        """Insert rows whose values are in the order of ``types``; done once however often it is tried.

        Moments are given as integer µs. Returns when ClickHouse has confirmed them.
        """
        if not rows:
            return
        column_types = [self._type(name) for name in types.values()]
        columns = list(zip(*rows, strict=True))
        self._try(
            lambda: self._client.insert(
                table,
                columns,
                column_names=list(types),
                database=self.database,
                column_types=column_types,
                column_oriented=True,
                settings={"insert_deduplication_token": f"{table}:{token}"},
            )
        )

    def _type(self, name: str) -> Any:  # noqa: ANN401  # the driver has no types
        known = self._types.get(name)
        if known is None:
            known = self._types[name] = get_from_name(name)
        return known

    def _try(self, call: Any) -> Any:  # noqa: ANN401  # whatever the driver gives
        with self._lock:
            try:
                return call()
            except (ClickHouseError, OSError) as error:
                raise self._told(error, "the embedded engine" if self.embedded else "ClickHouse") from error
