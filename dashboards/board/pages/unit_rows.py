"""Rows of the table of all units, written in one go: a template takes three times as long over 700 of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from dashboards.board.language import Speech
from dashboards.board.model.facts import Figure, Figures
from dashboards.board.pages.cells import Cells
from dashboards.board.pages.page import Language
from schemas.unit import UNIT_KINDS, Unit

_SILENT: Final = Markup(' <span class="row-note silent"><span aria-hidden="true">▲</span> {}</span>')
_FORMER: Final = Markup(' <span class="row-note">{} {}</span>')
_SPARK: Final = (
    '<svg class="spark-small" viewBox="0 -1 40 11" width="60" height="16" aria-hidden="true">'
    '<path class="trend" d="%s"/></svg> '
)


@lru_cache(maxsize=16_384)
def _anchor(address: str, name: str, *, foreign: bool) -> Markup:
    """The same units stand on every page."""
    mark = ' lang="vi"' if foreign else ""
    return Markup(f'<a href="{escape(address)}"{mark}>{escape(name)}</a>')  # noqa: S704  # escaped


class UnitRow(NamedTuple):
    """One unit of the table.

    Attributes:
        figures: of the period; a mapping that may make each figure only when it is asked for.
        worst: the longest delay of a case that is open now.
        overdue_share: overdue ÷ open; nothing where nothing is open.
        change: overdue today less overdue at the beginning of the trend.
        spark: path of the open overdue of 30 days (``d`` of an SVG path, 0 … 9 high); "" for no overdue at all.
        silent, last_event_at: it should report and does not; since when (None: it never did).
    """

    unit: Unit
    figures: Figures
    worst: Figure | None
    overdue_share: Figure | None
    change: int
    spark: str
    former: bool
    successor: Unit | None
    silent: bool
    last_event_at: datetime | None


class UnitRows:
    """Writes rows in one language.

    Args:
        speech: the language.
        address: of a unit's page by its code.
    """

    def __init__(self, speech: Speech, address: Callable[[str], str]) -> None:
        self._speech, self._address = speech, address
        self._cells = Cells(speech.language, speech.zone)
        self._kind = {kind: speech.t(f"units.kind_{kind}") for kind in UNIT_KINDS}

    def written(self, rows: Iterable[UnitRow]) -> Iterator[tuple[str, str]]:
        """For each row the id of its live element, and the markup of its cells."""
        for row in rows:
            yield f"u-{row.unit.code}", self._written(row)

    def _written(self, row: UnitRow) -> str:
        cells, of = self._cells, row.figures.get
        return (
            f'<th scope="row">{self._link(row.unit)}{self._note(row)}</th><td>{self._kind[row.unit.kind]}</td>'
            f'<td class="numeric">{cells.plain(of("open"))}</td>'
            f'<td class="numeric">{cells.plain(of("overdue"))}</td>'
            f'<td class="numeric">{cells.judged(row.overdue_share)}</td>'
            f'<td class="numeric">{cells.plain(of("due_soon"))}</td>'
            f'<td class="numeric">{cells.plain(of("completed"))}</td>'
            f'<td class="numeric">{cells.promise(row.figures)}</td>'
            f'<td class="numeric">{cells.rate(of("on_time_rate_strict"))}</td>'
            f'<td class="numeric">{cells.days(of("processing_p50_s"))}</td>'
            f'<td class="numeric">{cells.days(of("processing_p90_s"))}</td>'
            f'<td class="numeric">{cells.days(row.worst)}</td>'
            f'<td class="numeric">{_SPARK % row.spark if row.spark else ""}'
            f"{_changed(self._speech.language, row.change)}</td>"
        )

    def _link(self, unit: Unit) -> Markup:
        foreign = self._speech.language != "vi" and not unit.name_en
        return _anchor(self._address(unit.code), self._speech.name(unit), foreign=foreign)

    def _note(self, row: UnitRow) -> Markup | str:
        t = self._speech.t
        if row.former:
            arrow = (
                Markup("→ {} {}").format(t("units.former_to"), self._link(row.successor))
                if row.successor
                else None
            )
            return _FORMER.format(
                t("units.former", day=row.unit.valid_to), arrow or "– " + t("units.former_unknown")
            )
        if not row.silent:
            return ""
        since = row.last_event_at
        return _SILENT.format(t("units.silent_since", when=since) if since else t("units.silent_ever"))


@lru_cache(maxsize=4_096)
def _changed(language: Language, change: int) -> Markup:
    speech = Speech(language, UTC)
    if not change:
        return speech.t("units.change_same")
    return speech.t("units.change_more" if change > 0 else "units.change_less", n=abs(change))
