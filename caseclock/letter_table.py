"""The table of dead letters for a person: when, where, why; never a value."""

from typing import Final

from caseclock.errors import CaseclockError
from schemas.dead_letter import SENTENCES, Reason
from sinks.clickhouse.client import ClickHouse

HEADS: Final = ("seen", "source", "position", "reason", "field", "in words")
_NEWEST: Final = (
    "SELECT formatDateTime(seen_at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS seen, source, topic, partition, position,"
    " reason, field FROM v_dead_letters ORDER BY seen_at DESC, source, topic, partition, position"
    " LIMIT {limit:UInt32}"
)


def listing(store: ClickHouse, limit: int) -> list[str]:
    """The newest dead letters, a line each under a line of heads; none when there are no dead letters.

    Raises:
        CaseclockError: the database has no such table yet.
    """
    if not int(store.command("EXISTS TABLE v_dead_letters")):
        raise CaseclockError(
            f"the database {store.database} has no dead letters' table yet: `caseclock run` makes it"
        )
    found = store.columns(_NEWEST, {"limit": limit})
    rows = [
        (
            seen,
            source,
            f"{partition}:{position}" if topic else f"line {position}",
            reason,
            field,
            words(reason),
        )
        for seen, source, topic, partition, position, reason, field in zip(
            *(
                found[name]
                for name in ("seen", "source", "topic", "partition", "position", "reason", "field")
            ),
            strict=True,
        )
    ]
    return aligned([HEADS, *rows]) if rows else []


def words(reason: str) -> str:
    """What a reason means, in Vietnamese and English."""
    return " / ".join(SENTENCES[Reason(reason)]) if reason in set(Reason) else ""


def aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows as lines whose columns stand under each other.

    >>> aligned([("a", "bb", "c"), ("aaa", "", "c")])
    ['a    bb  c', 'aaa      c']
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
