"""What a dashboard's queries answer: variables chosen, macros expanded, rows turned into frames for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from tests.grafana.plugin.frames import Answer, Frame, frames
from tests.grafana.plugin.macros import expand
from tests.grafana.plugin.variables import ALL, fill_in

Ask = Callable[[str], Answer]
"""Runs a statement on the database of the dashboards."""
Json = dict[str, Any]
_TABLE: Final = 1


class Chosen(NamedTuple):
    """The value of a variable as people see it and as queries use it."""

    text: str
    value: str


def panels(dashboard: Json) -> Iterator[Json]:
    """The panels that are drawn: no rows, and nothing inside a row that is shut."""
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def choose(dashboard: Json, ask: Ask, preferred: Mapping[str, str]) -> dict[str, Chosen]:
    """A value for each variable of a dashboard, in their order: a later one's query may use the earlier ones.

    Args:
        dashboard: as committed.
        ask: the database.
        preferred: by variable the value to take where one must be chosen and it is among the options; else the
            stored value, else the first.
    """
    chosen: dict[str, Chosen] = {}
    for variable in dashboard.get("templating", {}).get("list", []):
        options = list(_options(variable, ask, chosen))
        if not options:
            msg = f"{dashboard['uid']}: the variable {variable['name']} has no option"
            raise ValueError(msg)
        stored = variable.get("current", {}).get("value")
        first = stored[0] if isinstance(stored, list) and stored else stored
        wanted = (first if variable.get("includeAll") else preferred.get(variable["name"]), first)
        among = (option for value in wanted for option in options if option.value == value)
        chosen[variable["name"]] = next(among, options[0])
    return chosen


def _options(variable: Json, ask: Ask, chosen: Mapping[str, Chosen]) -> Iterator[Chosen]:
    if variable["type"] == "query":
        now = datetime.now(UTC)
        answer = ask(expand(_filled(variable["query"]["rawSql"], chosen, now, now), since=now, until=now))
        value, text = _named(answer, "value", 0), _named(answer, "text", 1)
        for row in answer.rows:
            yield Chosen(str(row[text]), str(row[value]))
    elif variable["type"] in {"custom", "interval"}:
        for each in str(variable["query"]).split(","):
            shown, _, used = each.partition(" : ")
            yield Chosen(shown.strip(), (used or shown).strip())
    else:
        current = variable.get("current", {})
        value = current.get("value", variable.get("query", ""))
        yield Chosen(str(current.get("text", value)), str(value))
    if variable.get("includeAll"):
        yield Chosen("All", ALL)


def answered(
    dashboard: Json, ranges: list[Json], chosen: Mapping[str, Chosen], ask: Ask
) -> dict[str, list[Json]]:
    """By panel id: the frames of its queries, as draw/model.ts describes them.

    Args:
        dashboard: as committed.
        ranges: what the page gave for each panel.
        chosen: the variables.
        ask: the database.
    """
    asked = {each["id"]: each for each in ranges}
    found: dict[str, list[Json]] = {}
    for panel in panels(dashboard):
        own = asked[panel["id"]]
        since, until = (datetime.fromtimestamp(own[end] / 1_000, UTC) for end in ("from", "to"))
        found[str(panel["id"])] = [
            _rows(target["refId"], frame)
            for target in panel.get("targets", [])
            if not target.get("hide")
            for frame in frames(
                ask(
                    expand(
                        _filled(target["rawSql"], chosen, since, until),
                        since=since,
                        until=until,
                        interval_s=own["interval"],
                    )
                ),
                target["format"],
            )
        ]
    return found


def _named(answer: Answer, name: str, otherwise: int) -> int:
    for candidate in (f"__{name}", name):
        if candidate in answer.names:
            return answer.names.index(candidate)
    return min(otherwise, len(answer.names) - 1)


def _filled(sql: str, chosen: Mapping[str, Chosen], since: datetime, until: datetime) -> str:
    values = {name: [each.value] for name, each in chosen.items()}
    times = {"__from": since, "__to": until}
    return fill_in(sql, values | {name: [str(round(at.timestamp() * 1_000))] for name, at in times.items()})


def _rows(ref_id: str, frame: Frame) -> Json:
    return {
        "refId": ref_id,
        "fields": [
            {
                "name": field.name,
                "type": field.type,
                **({"labels": field.labels} if field.labels else {}),
                "values": [_plain(value) for value in field.values],
            }
            for field in frame.fields
        ],
    }


def _plain(value: object) -> object:
    match value:
        case datetime():
            return round(value.timestamp() * 1_000)
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case None | bool() | int() | float() | str():
            return None if value != value else value  # noqa: PLR0124  # NaN is no JSON
        case _:
            return str(value)
