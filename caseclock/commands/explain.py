"""`caseclock explain CASE_ID`: the clock of one case in words."""

import argparse
import sys

from caseclock.city import rules_of
from caseclock.clocks import WallClock
from caseclock.errors import ExitCode
from caseclock.explained import as_text, explained
from caseclock.logs import log_to_stderr
from caseclock.services import open_store
from caseclock.settings import Settings


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Explain on stdout: Vietnamese, then English.

    Raises:
        CaseclockError: the database has no such case.
    """
    log_to_stderr("explain")
    rules = rules_of(settings)
    store = open_store(settings)
    try:
        explanation = explained(store, rules, args.case_id, WallClock().now())
    finally:
        store.close()
    sys.stdout.write(as_text(args.case_id, explanation))
    return ExitCode.DONE
