"""A dashboard as the JSON that Grafana keeps: rows of panels on a grid, and what the SDK leaves open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from grafana_foundation_sdk.builders import dashboard as sdk
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    DashboardLink,
    DashboardLinkType,
    GridPos,
    VariableModel,
)
from grafana_foundation_sdk.models.dashboard import Panel as PanelModel

from dashboards.grafana.names import Language, uid
from dashboards.grafana.panels import Panel

WIDTH: Final = 24
ZONE: Final = "Asia/Ho_Chi_Minh"
"""Of the days on the dashboards."""
TAG: Final = "caseclock"


class Row(NamedTuple):
    """Panels beside each other: height in cells of the grid (38 pixels), and each panel with its width of 24."""

    height: int
    panels: Sequence[tuple[int, Panel]]


class About(NamedTuple):
    """What a dashboard is. ``uid`` without the language."""

    uid: str
    language: Language
    title: str
    description: str
    refresh: str = "30s"
    since: str = "now-29d/d"
    public: bool = False


def dashboard(
    about: About, rows: Sequence[Row], variables: Sequence[Builder[VariableModel]] = ()
) -> Dashboard:
    """Put a dashboard together.

    Args:
        about: what it is.
        rows: from the top; the widths of each sum to 24.
        variables: none on a public one.

    Raises:
        ValueError: a row is narrower or wider.
    """
    made = (
        sdk.Dashboard(about.title)
        .uid(uid(about.uid, about.language))
        .description(about.description)
        .tags([TAG, about.language, *(["public"] if about.public else [])])
        .readonly()
        .timezone(ZONE)
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .time(about.since, "now")
        .refresh(about.refresh)
        .variables(list(variables))
        .links(links(about))
    )
    y = 0
    for row in rows:
        if sum(width for width, _ in row.panels) != WIDTH:
            msg = f"{about.uid}: a row of panels is not {WIDTH} wide"
            raise ValueError(msg)
        x = 0
        for width, panel in row.panels:
            model = panel.build()
            model.grid_pos = GridPos(h=row.height, w=width, x=x, y=y)
            made = made.with_panel(_Made(model))
            x += width
        y += row.height
    return made.build()


class _Made(Builder[PanelModel]):
    """A panel that has its place."""

    def __init__(self, model: PanelModel) -> None:
        self._model = model

    def build(self) -> PanelModel:
        """The panel."""
        return self._model


def links(about: About) -> list[Builder[DashboardLink]]:
    """To the same dashboard in the other language and, for staff, to the others in this one."""
    if about.public:
        return []
    other: Language = "en" if about.language == "vi" else "vi"
    twin = (
        sdk.DashboardLink("English" if other == "en" else "Tiếng Việt")
        .type(DashboardLinkType.LINK)
        .icon("external link")
        .url(f"/d/{uid(about.uid, other)}")
        .include_vars(True)
        .keep_time(True)
    )
    family = (
        sdk.DashboardLink("Caseclock")
        .type(DashboardLinkType.DASHBOARDS)
        .icon("external link")
        .tags([TAG, about.language])
        .as_dropdown(True)
        .keep_time(True)
    )
    return [twin, family]


def finish(made: Dashboard) -> dict[str, Any]:
    """The JSON of a dashboard with what the SDK leaves open (its version 0.0.21).

    Panels get numbers in their order, variables lose what is not theirs, lists that Grafana expects are there, links
    stand on top and not in a menu, and what Grafana 13 does not know of a table is gone.
    """
    found: dict[str, Any] = json.loads(json.dumps(made, cls=JSONEncoder))
    for key in ("annotations", "templating"):
        found.setdefault(key, {}).setdefault("list", [])
    for variable in found["templating"]["list"]:
        for key in ("auto", "auto_min", "auto_count"):  # those of intervals, of which there are none
            variable.pop(key, None)
    for link in found.setdefault("links", []):
        link.pop("placement", None)
    for number, panel in enumerate(found["panels"], 1):
        panel["id"] = number
        panel["options"].pop("footer", None)
        panel.setdefault("fieldConfig", {"defaults": {}, "overrides": []})
    return found
