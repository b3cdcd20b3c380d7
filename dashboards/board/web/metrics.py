"""Every number the server counts about itself, each with a sentence; shown at /metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final

from schemas.exposition import exposed, labels


class BoardMetric(StrEnum):
    """Names in Prometheus' form; ``_total`` only ever grows, the others are as they stand."""

    REQUESTS = "caseclock_board_requests_total"
    RENDERINGS = "caseclock_board_renderings_total"
    RENDER_SECONDS = "caseclock_board_render_seconds_total"
    LIVE_CLIENTS = "caseclock_board_live_clients"
    LIVE_MESSAGES = "caseclock_board_live_messages_total"
    TURNED_AWAY = "caseclock_board_turned_away_total"
    CACHED_BYTES = "caseclock_board_cached_bytes"
    AGE = "caseclock_board_age_seconds"
    AWAY = "caseclock_board_database_away"
    INTAKE_EVENTS = "caseclock_intake_events_total"
    INTAKE_REFUSED = "caseclock_intake_refused_total"


SENTENCES: Final[dict[BoardMetric, str]] = {
    BoardMetric.REQUESTS: "Requests answered, by kind of address and status.",
    BoardMetric.RENDERINGS: "Pages and answers made, by kind; all others came from the cache.",
    BoardMetric.RENDER_SECONDS: "Seconds that making them took, packing included, by kind.",
    BoardMetric.LIVE_CLIENTS: "Live connections now.",
    BoardMetric.LIVE_MESSAGES: "Messages sent over live connections, heartbeats included.",
    BoardMetric.TURNED_AWAY: "Requests turned away, by why: rate, busy, live.",
    BoardMetric.CACHED_BYTES: "Bytes of pages and answers that are kept.",
    BoardMetric.AGE: "Seconds since the moment up to which the newest board counts; absent before the first one.",
    BoardMetric.AWAY: "1 when the database does not answer the board, else 0.",
    BoardMetric.INTAKE_EVENTS: "Events taken over HTTP and acknowledged by Kafka, by source.",
    BoardMetric.INTAKE_REFUSED: "Lines refused over HTTP, by source and reason.",
}


class BoardMetrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._counts: dict[BoardMetric, Counter[str]] = {metric: Counter() for metric in BoardMetric}
        self._looked_up: dict[BoardMetric, Callable[[], float | None]] = {}

    def add(self, metric: BoardMetric, n: float = 1, /, **of: str) -> None:
        """Count; values of labels come from our own code and the settings, never from a request."""
        self._counts[metric][labels(of.items())] += n  # type: ignore[assignment]  # seconds

    def look_up(self, metric: BoardMetric, ask: Callable[[], float | None]) -> None:
        """Ask for a number whenever somebody wants to know; None: there is none now."""
        self._looked_up[metric] = ask

    def value(self, metric: BoardMetric) -> float:
        """The sum over all labels."""
        return sum(self._counts[metric].values())

    def lines(self) -> Iterator[str]:
        """Prometheus' text format."""
        for metric, sentence in SENTENCES.items():
            ask = self._looked_up.get(metric)
            if ask is None:
                yield from exposed(metric, sentence, self._counts[metric].items())
            else:
                value = ask()
                yield from exposed(metric, sentence, [] if value is None else [("", value)])
