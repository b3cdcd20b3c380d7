"""A case of the database, explained: what the command `explain` and the listener for staff both tell."""

from itertools import chain

from caseclock.errors import CaseclockError
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from streams.explain import Explanation, explain
from streams.explain_words import Teller
from streams.ledger import unpack
from streams.rules import Rules

_TABLES = "SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND name = 'cases'"


class NoSuchCase(CaseclockError):  # noqa: N818  # what there is not
    """The database has no such case, or none at all."""


def explained(store: ClickHouse, rules: Rules, case_id: str, now: int) -> Explanation:
    """Explain a case as of ``now`` (µs UTC). Nothing is created for it: who only reads may have no right to.

    Raises:
        NoSuchCase: it is not there.
        Unavailable: ClickHouse does not answer.
    """
    if not store.columns(_TABLES)["n"][0]:
        raise NoSuchCase(
            f"the database {store.database} has no cases yet: `caseclock run` or `replay` brings them"
        )
    found = ClickHouseCaseStore(store).ledgers([case_id])
    if not found:
        raise NoSuchCase(f"there is no case {case_id!r} in the database {store.database}; is its id right?")
    return explain(unpack(found[0][1]), rules, now)


def as_text(case_id: str, told: Explanation) -> str:
    """An explanation in words: Vietnamese, then English."""
    vietnamese, english = (Teller(told, language).lines(case_id) for language in ("vi", "en"))
    return "".join(f"{line}\n" for line in chain(vietnamese, ["\n"], english))
