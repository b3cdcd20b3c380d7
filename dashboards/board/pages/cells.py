"""Figures as cells of long tables: one call each, where the macros of a page would need three.

A table of 700 units has ten thousand cells; what stands in them is told in the same words as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from typing import Final

from markupsafe import Markup, escape

from dashboards.board import standing
from dashboards.board.language import WORKING_DAY_S, Speech
from dashboards.board.model.facts import Figure, Figures, Pair
from dashboards.board.pages.page import Language

_NONE: Final = Markup('<span class="number nothing" role="img" aria-label="{1}">{0}</span>')
_HIDDEN: Final = Markup('<span class="number hidden">{}</span>')
_CORRECTED: Final = Markup('<span class="corrected" role="img" aria-label="{0}" title="{0}">◆</span>')
_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
_STATE: Final = Markup(
    '<span class="status status-{}" role="img" aria-label="{}">{}</span>\N{NO-BREAK SPACE}'
)


@cache
def _speech(language: Language) -> Speech:
    """For what is the same in every zone."""
    return Speech(language, UTC)


@lru_cache(maxsize=65_536)
def _written(language: Language, name: str, value: float) -> Markup:
    """Most cells of a page are those of the page before, and writing one costs ten times a look-up."""
    return escape(_speech(language).figure(Figure(name, value, None, _ANY_TIME)))


@lru_cache(maxsize=65_536)
def _n(language: Language, n: int) -> Markup:
    return Markup(' <span class="figure-note">({})</span>').format(_speech(language).count(n))


@lru_cache(maxsize=65_536)
def _days(language: Language, seconds: float) -> Markup:
    days = seconds / WORKING_DAY_S
    speech = _speech(language)
    return escape(f"< {speech.decimal(0.1)}" if 0 < days < 0.05 else speech.decimal(days))


@lru_cache(maxsize=4_096)
def _corrected(language: Language, day: date) -> Markup:
    return _CORRECTED.format(_speech(language).t("common.corrected", day=day))


class Cells:
    """Writes figures in one language."""

    def __init__(self, language: Language, zone: tzinfo) -> None:
        self._speech = Speech(language, zone)
        t = self._speech.t
        self._nothing = _NONE.format(t("common.nothing"), t("common.nothing_why"))
        self._hidden = _HIDDEN.format(t("common.hidden"))
        self._states = {
            state: _STATE.format(state, t(f"common.status_{state}"), shape)
            for state, shape in standing.SHAPES.items()
        }

    def plain(self, figure: Figure | None) -> Markup:
        """Its value; "–" with the reason in words where there is none, a word where it is kept back."""
        if figure is None:
            return self._nothing
        if figure.hidden:
            return self._hidden
        if figure.value is None:
            return self._nothing
        text = _written(self._speech.language, figure.id, figure.value)
        return text if figure.corrected_at is None else text + self._correction(figure.corrected_at)

    def rate(self, figure: Figure | None) -> Markup:
        """Its value with n behind it: no rate stands without."""
        text = self.plain(figure)
        if figure is None or figure.value is None or figure.hidden or figure.n is None:
            return text
        return Markup(f"{text}{_n(self._speech.language, figure.n)}")  # noqa: S704  # both are markup

    def row(self, figures: Figures, names: Sequence[str]) -> Markup:
        """A cell for each of some numbers, side by side; ``on_time_rate`` as `promise` tells it."""
        told = (
            self.promise(figures) if name == "on_time_rate" else self.plain(figures.get(name))
            for name in names
        )
        return Markup("".join(f'<td class="numeric">{each}</td>' for each in told))  # noqa: S704  # markup already

    def pair(self, pair: Pair, name: str) -> Markup:
        """A number between two units: a count, or for ``waiting_worst_s`` working time."""
        if name in pair.hidden:
            return self._hidden
        value = getattr(pair, name)
        if value is None:
            return self._nothing
        speech = self._speech
        return escape(speech.working(value) if name == "waiting_worst_s" else speech.count(value))

    def promise(self, figures: Figures) -> Markup:
        """The on-time rate with n; never "100 %" while cases are, or may be, overdue: then how many of how many."""
        rate = figures.get("on_time_rate")
        if rate is None or rate.value != 1 or rate.n is None:
            return self.rate(rate)
        overdue, kept = figures.get("overdue"), figures.get("completed_in_time")
        if overdue is not None and overdue.value == 0:
            return self.rate(rate)
        part = int(kept.value) if kept is not None and kept.value is not None else rate.n
        return self._speech.t("common.n_of", part=part, whole=rate.n)

    def days(self, figure: Figure | None) -> Markup:
        """Working time in working days with one decimal, for columns that are compared; their heading says so."""
        if figure is None or figure.value is None or figure.hidden:
            return self.plain(figure)
        days = _days(self._speech.language, figure.value)
        return days if figure.corrected_at is None else days + self._correction(figure.corrected_at)

    def judged(self, figure: Figure | None) -> Markup:
        """Its state as a shape (and, for those who do not see it, a word), then its value."""
        state = standing.state(figure) if figure is not None else None
        text = self.plain(figure)
        return text if state is None else Markup(f"{self._states[state]}{text}")  # noqa: S704  # both are markup

    def _correction(self, at: datetime) -> Markup:
        return _corrected(self._speech.language, at.astimezone(self._speech.zone).date())
