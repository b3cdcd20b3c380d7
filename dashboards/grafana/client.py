"""Grafana over HTTP: `grafana-api` with its gaps closed, and every failure told in a line that says what to do.

The library (1.0.3) stumbles over an answer with an empty body or without JSON, follows redirections that turn a POST
into a GET, and lets through whatever `requests` raises. All of that ends here, as one of the errors below.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from grafana_api import grafana_api as library
from grafana_api.grafana_face import GrafanaFace

_errors: Final[Any] = library.requests.exceptions  # of the very `requests` that the library calls
_SHORTEST_S: Final = 0.1
_BETWEEN_S: Final = 0.5
"""Between two attempts at something that is not there yet, seconds."""
_WORDS: Final = 200
"""Characters of Grafana's own message that are repeated."""


class GrafanaError(Exception):
    """Grafana is not there, or not as it must be. The message is one line and holds no secret."""


class AwayError(GrafanaError):
    """It does not answer, or fails by itself: trying again may help."""


class RefusedError(GrafanaError):
    """It is there and refuses us: a setting or a request is to be mended, not Grafana."""


class AnswerError(GrafanaError):
    """It answers with another status (4xx).

    Attributes:
        status: of HTTP.
        message_id: Grafana's name of the error, such as ``publicdashboards.notFound``; empty where it gives none.
        words: Grafana's own message, short.
    """

    def __init__(self, url: str, status: int, message_id: str, words: str) -> None:
        super().__init__(f"{url}: Grafana answers {status} ({words or 'without a reason'})")
        self.status, self.message_id, self.words = status, message_id, words


@dataclass(frozen=True, slots=True)
class GrafanaAccess:
    """How to reach Grafana.

    Attributes:
        url: http(s)://host:port, with a path if it is served under one, without a slash at the end.
        sign_in: a token, or user and password.
        ca_file: certificates of authorities to trust; None = those of `requests`.
        timeout_s: how long it may be silent in one request, seconds.
    """

    url: str
    sign_in: str | tuple[str, str] = field(repr=False)
    ca_file: Path | None = None
    timeout_s: float = 10.0


class GrafanaClient:
    """One Grafana, asked as ourselves (``face``, ``api``) or as a visitor who has not signed in (``visitor``).

    Every call goes through ``asking``, so that it fails in one of the errors of this module.
    """

    def __init__(self, access: GrafanaAccess) -> None:
        self.url = access.url
        self._timeout_s = access.timeout_s
        if access.ca_file is not None and not access.ca_file.is_file():
            raise RefusedError(f"ca_file of [grafana]: {access.ca_file} is no file; correct the path")
        sign_in = access.sign_in
        # bytes, because the library's Basic authentication writes str in latin-1, which Vietnamese does not fit
        auth = sign_in if isinstance(sign_in, str) else tuple(each.encode() for each in sign_in)
        self.face = self._open(access, auth)
        self.api = self.face.api
        self.visitor = self._open(access, "").api
        self.visitor.auth = _unsigned

    @staticmethod
    def _open(access: GrafanaAccess, auth: str | tuple[bytes, ...]) -> GrafanaFace:
        parts = urlsplit(access.url)
        host = parts.hostname or ""
        face = GrafanaFace(
            auth=auth,
            host=f"[{host}]" if ":" in host else host,
            port=parts.port,
            url_path_prefix=f"{parts.path.strip('/')}/" if parts.path.strip("/") else "",
            protocol=parts.scheme,
            verify=str(access.ca_file) if access.ca_file else True,
            timeout=access.timeout_s,
        )
        face.api.s.max_redirects = 0
        return face

    def close(self) -> None:
        """Close the connections."""
        self.api.s.close()
        self.visitor.s.close()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Turn what the library raises into an error of this module."""
        try:
            yield
        except library.GrafanaException as error:
            raise self._told(error.status_code, error.response) from None
        except (_errors.JSONDecodeError, TypeError):  # a page, or a text that the library takes for a table
            raise self._stranger() from None
        except OSError as error:  # of `requests` every one
            raise self._lost(error) from None

    def get(self, path: str, *, as_visitor: bool = False) -> dict[str, Any]:
        """GET an object."""
        with self.asking():
            found = (self.visitor if as_visitor else self.api).GET(path)
        if not isinstance(found, dict):
            raise self._stranger()
        return found

    def delete(self, path: str) -> None:
        """DELETE, whose answer may be empty (as that of a public dashboard is)."""
        with self.asking():
            try:
                self.api.DELETE(path)
            except _errors.JSONDecodeError as error:
                if error.doc.strip():
                    raise

    def find(self, path: str) -> dict[str, Any] | None:
        """GET an object; None where there is none (404)."""
        try:
            return self.get(path)
        except AnswerError as error:
            if error.status != 404:
                raise
            return None

    def health(self) -> str:
        """Ask how it is; gives its version (empty where it keeps that to itself).

        Raises:
            GrafanaError: it is not well, or not Grafana.
        """
        told = self.get("/health", as_visitor=True)
        if "database" not in told:
            raise self._stranger()
        if told["database"] != "ok":
            raise AwayError(f"{self.url}: Grafana's own database is not well; its log tells why")
        return str(told.get("version", ""))

    def wait(self, seconds: float) -> str:
        """Wait until Grafana is well, for at most so many seconds (0: ask once); gives its version.

        Raises:
            GrafanaError: it is not, and why; at once where waiting cannot help (TLS, another program).
        """
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic() if seconds else self._timeout_s
            self.visitor.timeout = min(self._timeout_s, max(left, _SHORTEST_S))
            try:
                return self.health()
            except AwayError:
                if not rest(deadline):
                    raise
            finally:
                self.visitor.timeout = self._timeout_s

    def _told(self, status: int, response: object) -> GrafanaError:
        told = response if isinstance(response, Mapping) else {}
        words = " ".join(str(told.get("message", "")).split())[:_WORDS]
        if status >= 500:
            return AwayError(
                f"{self.url}: Grafana fails ({status}{words and f', {words}'}); its log tells why"
            )
        if status == 401:
            return RefusedError(
                f"{self.url}: Grafana does not know us ({words or 401}); "
                "correct token, or user and password, of [grafana]"
            )
        if status == 403:
            return RefusedError(
                f"{self.url}: Grafana does not allow it ({words or 403}); give our account the role Admin"
            )
        if not told:
            return self._stranger()
        return AnswerError(self.url, status, str(told.get("messageId", "")), words)

    def _stranger(self) -> GrafanaError:
        return GrafanaError(f"{self.url}: answers, but not as Grafana does; correct url of [grafana]")

    def _lost(self, error: OSError) -> GrafanaError:
        """A request that got no answer. The error's own text is not repeated: it may hold an address in full."""
        why = _reason(error)
        if isinstance(error, _errors.SSLError):
            return GrafanaError(
                f"{self.url}: TLS fails ({why}); correct url, or name the authority in ca_file"
            )
        if isinstance(error, _errors.TooManyRedirects):
            return GrafanaError(
                f"{self.url}: sends us to another address; write that one as url of [grafana]"
            )
        if isinstance(error, _errors.Timeout):
            return AwayError(f"{self.url}: no answer in time; start Grafana, or correct url of [grafana]")
        if isinstance(error, _errors.ProxyError):
            return AwayError(
                f"{self.url}: the proxy of the environment fails ({why}); correct it, or NO_PROXY"
            )
        return AwayError(f"{self.url}: cannot be reached ({why}); start Grafana, or correct url of [grafana]")


def rest(deadline: float) -> bool:
    """Sleep a moment before the next attempt; False when the deadline has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        return False
    time.sleep(min(_BETWEEN_S, left))
    return True


def _unsigned(request: object) -> object:
    """As authentication of a visitor: nothing, also not what a .netrc holds."""
    return request


def _reason(error: BaseException) -> str:
    """The system's own word for what is at the bottom of an error of `requests`."""
    found: BaseException | None = error
    why = ""
    while found is not None:
        why = getattr(found, "verify_message", None) or getattr(found, "strerror", None) or why
        found = found.__cause__ or found.__context__
    return str(why or type(error).__name__)
