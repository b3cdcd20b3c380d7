"""Rows of the table of procedures, written in one go as those of units are (unit_rows.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from dashboards.board.language import Speech
from dashboards.board.model.facts import Figures
from dashboards.board.pages.cells import Cells
from dashboards.board.pages.page import Language
from schemas.procedure import Procedure

_BEFORE: Final = ("received", "completed", "on_time_rate", "processing_p50_s")
_BEHIND: Final = ("open", "overdue")
_NOTE: Final = Markup('<br><span class="row-note"><span aria-hidden="true">{}</span> {}</span>')


class ProcedureRow(NamedTuple):
    """One procedure.

    Attributes:
        procedure: None: cases name a code that the list does not know.
        allotted_s: the allotted time in working seconds, on average for calendar days and months; None: none.
        exact: the allotted time is counted in working time, so that the two can be compared.
        beyond: nine of ten were not done within it, and it is exact: slower than the law.
        longest_s: the end of its scale, the greater of p90 and the allotted time; 0: nothing was measured.
        hidden: of its numbers here some are kept back because so few cases could be people.
    """

    code: str
    procedure: Procedure | None
    figures: Figures
    allotted_s: float | None
    exact: bool
    beyond: bool
    longest_s: float
    hidden: bool


class ProcedureRows:
    """Writes rows in one language."""

    def __init__(self, language: Language, zone: tzinfo) -> None:
        self._speech, self._cells = Speech(language, zone), Cells(language, zone)
        t = self._speech.t
        self._beyond = _NOTE.format("▲", t("procedures.beyond"))
        self._within = _NOTE.format("✓", t("procedures.within"))

    def written(self, rows: Iterable[ProcedureRow]) -> Iterator[tuple[str, str]]:
        """For each row the id of its live element, and the markup of its cells."""
        for row in rows:
            yield f"p-{row.code}", self._written(row)

    def _written(self, row: ProcedureRow) -> str:
        cells = self._cells
        return (
            f'<th scope="row">{self._name(row)}</th><td class="numeric">{self.allotted(row.procedure)}</td>'
            f"{cells.row(row.figures, _BEFORE)}"
            f'<td class="numeric">{cells.plain(row.figures.get("processing_p90_s"))}{self._judged(row)}</td>'
            f"{cells.row(row.figures, _BEHIND)}"
        )

    def allotted(self, procedure: Procedure | None) -> Markup:
        """The allotted time in words; "–" where nobody knows the procedure."""
        if procedure is None:
            return self._cells.plain(None)
        if procedure.allotted is None:
            return self._speech.t("procedures.allotted_none")
        unit, amount = procedure.allotted.unit, procedure.allotted.amount
        t = self._speech.t
        return t(f"procedures.{unit}_one") if amount == 1 else t(f"procedures.{unit}", n=amount)

    def _name(self, row: ProcedureRow) -> str:
        speech, code = self._speech, escape(row.code)
        if row.procedure is None:
            known = speech.t("procedures.not_listed") if row.code else ""
            return f'{code or speech.t("procedures.no_code")} <span class="row-note">{known}</span>'
        foreign = ' lang="vi"' if speech.language != "vi" and not row.procedure.name_en else ""
        name = escape(speech.name(row.procedure))
        return f'<span{foreign}>{name}</span> <span class="row-note">{code}</span>'

    def _judged(self, row: ProcedureRow) -> str:
        """Within the allotted time or beyond it, where the two can be compared."""
        if row.beyond:
            return self._beyond
        p90 = row.figures.get("processing_p90_s")
        measured = p90 is not None and p90.value is not None
        return self._within if measured and row.exact and row.allotted_s else ""
