"""Every statement of the dashboards, as Grafana would send it to ClickHouse."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from dashboards.grafana.build import dashboards
from tests.grafana.plugin.macros import expand
from tests.grafana.plugin.variables import ALL, fill_in

DAY_S: Final = 86400


class Asked(NamedTuple):
    """A statement: of which dashboard, panel (0: a variable) and target."""

    dashboard: str
    panel: int
    title: str
    ref: str
    query_format: int
    sql: str

    def __str__(self) -> str:
        return f"{self.dashboard} {self.panel}{self.ref} {self.title}"


def panels(dashboard: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The panels of a dashboard, those of collapsed rows too."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def stored(dashboard: Mapping[str, Any]) -> Iterator[Asked]:
    """The statements of a dashboard as they are stored."""
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield Asked(dashboard["uid"], 0, variable["name"], "", 1, variable["query"]["rawSql"])
    for panel in panels(dashboard):
        for target in panel.get("targets", []):
            about = (dashboard["uid"], panel["id"], panel["title"], target["refId"], target["format"])
            yield Asked(*about, target["rawSql"])


def chosen(dashboard: Mapping[str, Any], values: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """What is chosen of each variable: of ``values``, else what the dashboard opens with."""
    found: dict[str, Sequence[str]] = {}
    for variable in dashboard["templating"]["list"]:
        value = variable.get("current", {}).get("value") or variable.get("query", "")
        found[variable["name"]] = values.get(variable["name"]) or (
            [value] if isinstance(value, str) else value
        )
    return found


def asked(
    dashboard: Mapping[str, Any],
    values: Mapping[str, Sequence[str]] | None = None,
    *,
    until: datetime | None = None,
    days: int = 30,
) -> Iterator[Asked]:
    """The statements of a dashboard with variables filled in and macros expanded.

    Args:
        dashboard: its JSON.
        values: what is chosen of some variables; the others are as when it opens.
        until: end of the time range; by default now.
        days: its length.
    """
    end = until or datetime.now(UTC)
    filled = chosen(dashboard, values or {})
    for each in stored(dashboard):
        sql = expand(
            fill_in(each.sql, filled), since=end - timedelta(days=days - 1), until=end, interval_s=DAY_S
        )
        yield each._replace(sql=sql)


def everything(values: Mapping[str, Sequence[str]] | None = None) -> Iterator[Asked]:
    """The statements of all dashboards."""
    for dashboard in dashboards().values():
        yield from asked(dashboard, values)


__all__ = ["ALL", "Asked", "asked", "chosen", "everything", "panels", "stored"]
