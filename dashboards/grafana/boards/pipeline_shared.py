"""What the panels of the pipeline's health have in common: words of the metrics, columns, limits."""

from __future__ import annotations

from typing import Any, Final

from dashboards.grafana.columns import Column
from dashboards.grafana.sql import named
from dashboards.grafana.text import Text
from dashboards.limits import FRESH_SECONDS, Thresholds
from schemas import dead_letter
from schemas.worker_metrics import SAMPLE_SECONDS, SENTENCES, Gauge, Metric

GRAIN: Final = f"{3 * SAMPLE_SECONDS}s"
"""No zoom goes below it: every point then holds samples of all workers."""
FRESH: Final = Thresholds(FRESH_SECONDS / 4, FRESH_SECONDS / 2, FRESH_SECONDS, upwards=False)
MOST: Final = 50
"""Rows of a table."""
DASHED: Final = {"custom.lineStyle": {"fill": "dash", "dash": [10, 6]}}


def told(text: Text, *numbers: Metric | Gauge) -> str:
    """Descriptions of numbers as /metrics has them, each under its name there."""
    return "\n\n".join(f"`{name}`: {getattr(SENTENCES[name], text.language)}" for name in numbers)


def seconds(name: str, title: str, *, decimals: int | None = 0, **other: Any) -> Column:  # noqa: ANN401  # of Column
    """A column of seconds."""
    return Column(name=name, title=title, unit="s", decimals=decimals, **other)


def reasons(text: Text) -> str:
    """SQL: the reason of a dead letter in words."""
    place = 0 if text.language == "vi" else 1
    return named("reason", {reason.value: said[place] for reason, said in dead_letter.SENTENCES.items()})
