"""Is a dashboard what Grafana takes? Its own types and registries say so (check/), and the SDK's models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana.query import register
from scripts.grafana.node import bundle, node, packages, run

Json = dict[str, Any]
_ESBUILD: Final = (
    "--platform=node",
    "--target=node20",
    "--external:typescript",
    "--out-extension:.js=.mjs",
    "--inject:./check/node.ts",
)


class Finding(NamedTuple):
    """A fault of a dashboard.

    Attributes:
        check: types, ids, grid or round trip.
        dashboard: its uid.
        panel: its id; None for what belongs to no panel.
        path: of keys, from the panel or the dashboard.
        message: what is wrong.
    """

    check: str
    dashboard: str
    panel: int | None
    path: str
    message: str


def check(dashboards: Sequence[Json]) -> list[Finding]:
    """All faults of dashboards; one run of Node for all of them.

    Raises:
        NodeMissingError: Node or Grafana's packages cannot be had.
    """
    folder = packages()
    program = bundle("check/main.ts", _ESBUILD) / "main.mjs"
    found = json.loads(run([node(), str(program), str(folder)], folder, json.dumps(dashboards)))
    return [Finding(**each) for each in found] + [each for one in dashboards for each in round_trip(one)]


def round_trip(dashboard: Json) -> list[Finding]:
    """What the SDK's models lose or change of a dashboard: keys that they do not know."""
    register()
    back = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(dashboard)))
    return [_located(dashboard, path) for path in _lost(dashboard, back, "")]


def _located(dashboard: Json, path: str) -> Finding:
    panel = None
    if path.startswith("panels."):
        _, at, path = path.split(".", 2)
        panel = dashboard["panels"][int(at)].get("id")
    return Finding("round trip", dashboard["uid"], panel, path, "the SDK does not give it back")


def _lost(ours: object, back: object, path: str) -> Iterator[str]:
    """Paths of what is in `ours` and not the same in `back`; what `back` has beside it are defaults."""
    match ours, back:
        case dict(), dict():
            for key, value in ours.items():
                yield from _lost(value, back.get(key), f"{path}.{key}".lstrip("."))
        case list(), list() if len(ours) == len(back):
            for at, (one, other) in enumerate(zip(ours, back, strict=True)):
                yield from _lost(one, other, f"{path}.{at}")
        case _:
            if ours != back:
                yield path
