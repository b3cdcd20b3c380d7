"""`caseclock explain CASE_ID`: the clock of one case in words."""

import argparse
import sys
from itertools import chain

from caseclock.city import rules_of
from caseclock.clocks import WallClock
from caseclock.errors import CaseclockError, ExitCode
from caseclock.logs import log_to_stderr
from caseclock.services import open_store
from caseclock.settings import Settings
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from streams.explain import explain
from streams.explain_words import Teller
from streams.ledger import unpack


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Explain on stdout: Vietnamese, then English.

    Raises:
        CaseclockError: the database has no such case.
    """
    log_to_stderr("explain")
    rules = rules_of(settings)
    store = open_store(settings)
    try:
        ledger = _ledger(store, args.case_id)
    finally:
        store.close()
    explanation = explain(unpack(ledger), rules, WallClock().now())
    vietnamese, english = (Teller(explanation, language).lines(args.case_id) for language in ("vi", "en"))
    sys.stdout.writelines(f"{line}\n" for line in chain(vietnamese, ["\n"], english))
    return ExitCode.DONE


def _ledger(store: ClickHouse, case_id: str) -> bytes:
    """The ledger of a case; nothing is created for it: who only reads may have no right to."""
    if not int(store.command("EXISTS TABLE cases")):
        raise CaseclockError(
            f"the database {store.database} has no cases yet: `caseclock run` or `replay` brings them"
        )
    found = ClickHouseCaseStore(store).ledgers([case_id])
    if not found:
        raise CaseclockError(
            f"there is no case {case_id!r} in the database {store.database}; is its id right?"
        )
    return found[0][1]
