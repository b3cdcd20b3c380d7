"""What files cannot do in Grafana: folders and dashboards pushed, public dashboards switched on and read back.

Done twice it changes nothing, and says so. Provisioned dashboards are never pushed: their files would win at the
next start, and Grafana refuses it. Addresses of the API: docs of Grafana 12 and 13, all by uid.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from dashboards.grafana.client import AnswerError, GrafanaClient, GrafanaError, RefusedError, rest

PUBLIC: Final[Mapping[str, object]] = {
    "isEnabled": True,
    "timeSelectionEnabled": False,
    "annotationsEnabled": False,
    "share": "public",
}
"""How a public dashboard is: a visitor chooses no time, so he cannot ask ClickHouse for years of rows."""
_OF_THE_SERVER: Final = ("id", "version")
"""Keys of a dashboard that are Grafana's own."""
_ATTEMPTS: Final = 2


class Change(StrEnum):
    """What came of it."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class Published(NamedTuple):
    """A dashboard that everybody can open.

    Attributes:
        path: after Grafana's address, with a slash at the beginning.
        change: ``UPDATED`` also where its address was replaced.
        moved: whether an older address of it has ended.
    """

    path: str
    change: Change
    moved: bool


def stable_token(secret: str, dashboard_uid: str) -> str:
    """The access token of a public dashboard: a UUID, 32 hexadecimal digits, the same for ever for secret and uid."""
    digest = hmac.digest(secret.encode(), f"caseclock public dashboard {dashboard_uid}".encode(), "sha256")
    return uuid.UUID(bytes=digest[:16], version=4).hex


def fingerprint(dashboard: Mapping[str, Any]) -> str:
    """Twelve hexadecimal digits of a dashboard's content."""
    content = json.dumps(_content(dashboard), sort_keys=True, ensure_ascii=False).encode()
    return hashlib.sha256(content).hexdigest()[:12]


def _content(dashboard: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in dashboard.items() if name not in _OF_THE_SERVER}


class GrafanaPublisher:
    """Pushes and publishes.

    All of it raises `GrafanaError` in a line that says what to do.
    """

    def __init__(self, client: GrafanaClient) -> None:
        self._client = client
        self._url = client.url

    def wait_for(self, uids: Iterable[str], seconds: float) -> None:
        """Wait until these dashboards are there: Grafana reads provisioned files after it is well already."""
        deadline = time.monotonic() + seconds
        missing = list(uids)
        while missing := [uid for uid in missing if self._dashboard(uid) is None]:
            if not rest(deadline):
                raise GrafanaError(
                    f"{self._url}: there is no dashboard {', '.join(missing)} yet; provision the files of "
                    "`caseclock grafana build`, or `caseclock grafana push`, and run it again with --wait"
                )

    def has_data_source(self, uid: str) -> bool:
        """Whether there is such a data source; True also where we may not know."""
        try:
            return self._client.find(f"/datasources/uid/{uid}") is not None
        except RefusedError:
            return True

    def folder(self, uid: str, title: str) -> Change:
        """Create a folder, or give it its title."""
        found = self._client.find(f"/folders/{uid}")
        if found is None:
            with self._client.asking():
                self._client.face.folder.create_folder(title, uid)
            return Change.CREATED
        if found.get("title") == title:
            return Change.UNCHANGED
        with self._client.asking():
            self._client.face.folder.update_folder(uid, title, overwrite=True)
        return Change.UPDATED

    def push(self, dashboard: Mapping[str, Any], folder_uid: str, message: str) -> Change:
        """Create a dashboard, or overwrite it where it differs.

        Args:
            dashboard: Grafana's classic model, with a uid.
            folder_uid: of a folder that is there.
            message: what the history of versions shows; a fingerprint is added by which it is known again.

        Raises:
            RefusedError: it is provisioned from a file.
        """
        uid, mark = dashboard["uid"], fingerprint(dashboard)
        found = self._dashboard(uid)
        if found is not None:
            if found["meta"].get("provisioned"):
                raise self._provisioned(uid)
            here = found["meta"].get("folderUid") == folder_uid
            # Grafana may store a dashboard in another form than it was given: then its history knows.
            if here and (
                _content(found["dashboard"]) == _content(dashboard) or mark in self._last_message(uid)
            ):
                return Change.UNCHANGED
        try:
            with self._client.asking():
                self._client.face.dashboard.update_dashboard(
                    {
                        "dashboard": {**_content(dashboard), "id": None},
                        "folderUid": folder_uid,
                        "overwrite": True,
                        "message": f"{message} {mark}",
                    }
                )
        except AnswerError as error:
            if "provisioned" in error.words.lower():
                raise self._provisioned(uid) from None
            raise GrafanaError(f"{self._url}: {uid} was not taken ({error.status}, {error.words})") from None
        return Change.CREATED if found is None else Change.UPDATED

    def publish(self, uid: str, token: str | None = None) -> Published:
        """Let everybody open a dashboard, and read back that everybody can.

        Args:
            uid: of a dashboard that is there.
            token: what its address ends with; None keeps the one it has, or lets Grafana choose.

        Raises:
            GrafanaError: public dashboards are switched off on the server, or what is read back is not what was set.
        """
        change, moved = Change.UNCHANGED, False
        for attempt in range(1, _ATTEMPTS + 1):
            found = self._public(uid)
            if found is not None and token is not None and found["accessToken"] != token:
                # Grafana never changes the token of one that is there (PATCH passes over it).
                self._client.delete(f"{_public_path(uid)}/{found['uid']}")
                found, moved = None, True
            if found is not None and _as_wanted(found):
                break
            try:
                change = self._switch_on(uid, found, token)
                break
            except AnswerError as error:
                if error.message_id != "publicdashboards.dashboardIsPublic" or attempt == _ATTEMPTS:
                    raise GrafanaError(
                        f"{self._url}: {uid} was not made public ({error.status}, {error.words})"
                    ) from None
        path = self._read_back(uid, token)
        return Published(path, Change.UPDATED if moved else change, moved)

    def _switch_on(self, uid: str, found: Mapping[str, Any] | None, token: str | None) -> Change:
        with self._client.asking():
            if found is not None:
                self._client.api.PATCH(f"{_public_path(uid)}/{found['uid']}", json=dict(PUBLIC))
                return Change.UPDATED
            self._client.api.POST(
                _public_path(uid), json={**PUBLIC, **({"accessToken": token} if token else {})}
            )
            return Change.CREATED

    def _read_back(self, uid: str, token: str | None) -> str:
        """Ask Grafana how it is now, and then as a visitor for the page's own JSON."""
        found = self._public(uid)
        if found is None or not _as_wanted(found) or (token is not None and found["accessToken"] != token):
            raise GrafanaError(
                f"{self._url}: {uid} is not public as it was set; does somebody else change it?"
            )
        try:
            page = self._client.get(f"/public/dashboards/{found['accessToken']}", as_visitor=True)
        except (AnswerError, RefusedError) as error:
            raise GrafanaError(f"{uid} is public, but a visitor cannot open it: {error}") from None
        if page.get("dashboard", {}).get("uid") != uid:
            raise GrafanaError(f"{self._url}: the public page of {uid} shows another dashboard; run it again")
        return f"/public-dashboards/{found['accessToken']}"

    def _public(self, uid: str) -> dict[str, Any] | None:
        try:
            return self._client.get(_public_path(uid))
        except AnswerError as error:
            if error.status != 404:
                raise
            if error.message_id.startswith("publicdashboards."):
                return None
            raise GrafanaError(  # the server does not even know the address
                f"{self._url}: public dashboards are switched off; set enabled = true under "
                "[public_dashboards] (GF_PUBLIC_DASHBOARDS_ENABLED=true) and start Grafana again"
            ) from None

    def _dashboard(self, uid: str) -> dict[str, Any] | None:
        return self._client.find(f"/dashboards/uid/{uid}")

    def _last_message(self, uid: str) -> str:
        """What was said at the newest version; empty where the list is of another form."""
        found = self._client.find(f"/dashboards/uid/{uid}/versions?limit=10") or {}
        newest = max(found.get("versions") or [{}], key=lambda each: each.get("version", 0))
        return str(newest.get("message", ""))

    def _provisioned(self, uid: str) -> RefusedError:
        return RefusedError(
            f"{self._url}: {uid} is provisioned from a file and cannot be pushed; its file is what counts "
            "(`caseclock grafana build`), or take it out of Grafana's provisioning first"
        )


def _public_path(uid: str) -> str:
    return f"/dashboards/uid/{uid}/public-dashboards"


def _as_wanted(found: Mapping[str, Any]) -> bool:
    return all(found.get(name) == value for name, value in PUBLIC.items())
