"""One module per page: what it says, and from which facts. Words stand in ../words, markup in ../templates."""

from typing import Final

from dashboards.board.pages import (
    city,
    coordination,
    methods,
    opendata,
    procedures,
    quality,
    unit,
    units,
    wall,
)
from dashboards.board.pages.page import Page

PAGES: Final[tuple[Page, ...]] = (
    city.PAGE,
    units.PAGE,
    unit.PAGE,
    procedures.PAGE,
    coordination.PAGE,
    methods.PAGE,
    opendata.PAGE,
    quality.PAGE,
    wall.PAGE,
)
"""Every page in the order of the navigation (a unit's page and the wall stand in none)."""
