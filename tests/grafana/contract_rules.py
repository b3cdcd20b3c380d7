"""What Grafana asks of the bodies that are sent to it, and the errors it answers with (by status, id and words)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

SHORT_UID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
MUTATE_BYTES: Final = 10 * 1024
"""The largest body of a public dashboard."""
PUBLIC_FIELDS: Final[Mapping[str, type]] = {
    "uid": str,
    "accessToken": str,
    "isEnabled": bool,
    "timeSelectionEnabled": bool,
    "annotationsEnabled": bool,
    "share": str,
}
_FRONTEND: Final = re.compile(r"\$\{|\$__(conditionalAll|adHocFilters|from\b|to\b)")
"""What only the browser replaces in a query."""


class Refused(Exception):  # noqa: N818  # an answer, no failure
    """Another status than 200."""

    def __init__(self, code: int, message: str, message_id: str = "", **more: object) -> None:
        super().__init__(message)
        self.code = code
        self.body: dict[str, object] = {"message": message, **more}
        if message_id:
            self.body |= {"messageId": message_id, "statusCode": code}


def bad(why: str) -> Refused:
    return Refused(400, f"bad request data: {why}")


def only(body: object, *known: str, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these keys and no others."""
    if not isinstance(body, dict):
        raise bad("no object")
    if body.keys() - set(known):
        raise bad(f"unknown {sorted(body.keys() - set(known))}")
    if set(needed) - body.keys():
        raise bad(f"missing {sorted(set(needed) - body.keys())}")
    return body


def panels_of(dashboard: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every panel, also those of collapsed rows."""
    for panel in dashboard.get("panels", []):
        yield panel
        yield from panel.get("panels", [])


def check_dashboard(dashboard: object) -> dict[str, Any]:
    """The classic model as POST /api/dashboards/db takes it."""
    if not isinstance(dashboard, dict):
        raise bad("no dashboard")
    if not dashboard.get("title"):
        raise Refused(400, "Dashboard title cannot be empty", status="empty-name")
    if not SHORT_UID.fullmatch(dashboard.get("uid", "")):
        raise Refused(400, "uid contains illegal characters")
    if dashboard.get("id") is not None:
        raise Refused(404, "Dashboard not found", status="not-found")
    if not isinstance(dashboard.get("schemaVersion"), int) or "__inputs" in dashboard:
        raise bad("not the classic model")
    if re.fullmatch(r"[1-4]s", str(dashboard.get("refresh") or "")):
        raise Refused(400, "Dashboard refresh interval is too low")
    ids = [panel.get("id") for panel in panels_of(dashboard)]
    if not all(isinstance(each, int) and each > 0 for each in ids) or len(set(ids)) < len(ids):
        raise bad("panels need ids of their own")
    return dashboard


def check_public(body: object, size: int, *, creates: bool) -> dict[str, Any]:
    """A public dashboard that is made or changed."""
    if size > MUTATE_BYTES:
        raise Refused(400, "Bad Request", "publicdashboards.badRequest")
    known = only(body, *PUBLIC_FIELDS)
    if any(not isinstance(value, PUBLIC_FIELDS[name]) for name, value in known.items()):
        raise Refused(400, "Bad Request", "publicdashboards.badRequest")
    if not creates and known.keys() & {"uid", "accessToken"}:
        raise bad("PATCH passes over uid and accessToken: they are never changed")
    if "uid" in known and not SHORT_UID.fullmatch(known["uid"]):
        raise Refused(400, "Invalid Uid", "publicdashboards.invalidUid")
    if "accessToken" in known:
        check_token(known["accessToken"])
    if known.get("share", "public") not in ("public", "email"):
        raise Refused(400, "Invalid share type", "publicdashboards.invalidShareType")
    return known


def check_token(token: str) -> None:
    try:
        uuid.UUID(token)
    except ValueError:
        raise Refused(400, "Invalid access token", "publicdashboards.invalidAccessToken") from None


def check_query(query: object, sources: Mapping[str, str]) -> dict[str, Any]:
    """One query of POST /api/ds/query, as the ClickHouse plugin reads it."""
    known = only(
        query,
        *("refId", "datasource", "rawSql", "format", "queryType", "editorType", "pluginVersion", "meta"),
        *("intervalMs", "maxDataPoints", "hide"),
        needed=("refId", "datasource", "rawSql", "format", "intervalMs", "maxDataPoints"),
    )
    source = only(known["datasource"], "type", "uid", needed=("type", "uid"))
    if sources.get(source["uid"]) != source["type"]:
        raise Refused(404, "Data source not found")
    if known["format"] not in (0, 1, 2, 3) or not known["rawSql"].strip():
        raise bad("no query")
    if _FRONTEND.search(known["rawSql"]):
        raise bad("the browser replaces variables, not the server")
    return known


def check_panel_query(body: object) -> None:
    """What a public page asks for a panel."""
    known = only(
        body,
        "intervalMs",
        "maxDataPoints",
        "timeRange",
        "queryCachingTTL",
        needed=("intervalMs", "maxDataPoints"),
    )
    only(known.get("timeRange", {}), "from", "to", "timezone")
    if known["intervalMs"] < 0:
        raise Refused(400, "intervalMS should be greater than 0", "publicdashboards.invalidInterval")
    if known["maxDataPoints"] < 0:
        raise Refused(400, "maxDataPoints should be greater than 0", "publicdashboards.maxDataPoints")


def sanitised(dashboard: Mapping[str, Any], *, time_selection: bool) -> dict[str, Any]:
    """What a public page shows of a dashboard: queries are taken out, nothing else is."""
    shown = {**dashboard, "timepicker": {**dashboard.get("timepicker", {}), "hidden": not time_selection}}
    shown["panels"] = [
        {
            **panel,
            "targets": [
                {name: value for name, value in each.items() if name not in ("rawSql", "expr", "query")}
                for each in panel.get("targets", [])
            ],
        }
        for panel in dashboard.get("panels", [])
    ]
    return shown


def answers(ref_ids: list[str]) -> dict[str, Any]:
    """One row for each query, in Grafana's frames."""
    frame = {"schema": {"fields": [{"name": "Value", "type": "number"}]}, "data": {"values": [[1]]}}
    return {"results": {ref_id: {"status": 200, "frames": [frame]} for ref_id in ref_ids}}
