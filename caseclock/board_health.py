"""Whether the board of this process is well, and what its server counts."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from dashboards.board.web.metrics import BoardMetrics
from dashboards.board.web.parts import BoardFeed


class BoardHealth:
    """The board's part of the answers.

    Whether events wait only a worker can know. The board is fresh as long as it reaches its database: at night
    nothing happens, and the newest number may be hours old.

    Args:
        feed: where boards come from.
        metrics: what the server counts.
        budget_s: seconds for which the database may be away.
    """

    def __init__(self, feed: BoardFeed, metrics: BoardMetrics, budget_s: float) -> None:
        self._feed, self._metrics, self._budget = feed, metrics, budget_s

    def ready(self) -> tuple[bool, Mapping[str, Any]]:
        """There are numbers to show, and the database answers."""
        return self._feed.current is not None and self._feed.away_since is None, {"board": self._told()}

    def fresh(self) -> tuple[bool, Mapping[str, Any]]:
        """There are numbers, and the database has not been away for longer than the budget."""
        return self._feed.current is not None and self._away_s() <= self._budget, {"board": self._told()}

    def _away_s(self) -> float:
        since = self._feed.away_since
        return (datetime.now(UTC) - since).total_seconds() if since else 0.0

    def _told(self) -> dict[str, Any]:
        board, since = self._feed.current, self._feed.away_since
        return {
            "version": board.version if board else None,
            "as_of": board.as_of.isoformat() if board else None,
            "database_away_since": since.isoformat() if since else None,
            "budget_s": self._budget,
        }

    def metrics(self) -> Iterator[str]:
        """Everything the server counts about itself."""
        return self._metrics.lines()
