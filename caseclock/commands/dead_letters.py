"""`caseclock dead-letters list | replay`: what could not be read."""

import argparse
import sys

from caseclock.console import say
from caseclock.errors import ExitCode
from caseclock.letter_table import listing, words
from caseclock.logs import log_to_stderr
from caseclock.services import open_store
from caseclock.settings import Settings


def run(args: argparse.Namespace, settings: Settings) -> int:
    """List on stdout, or send again and tell how many."""
    log_to_stderr("dead-letters")
    return _list(args.limit, settings) if args.action == "list" else _replay(args, settings)


def _list(limit: int, settings: Settings) -> int:
    store = open_store(settings)
    try:
        lines = listing(store, limit)
    finally:
        store.close()
    sys.stdout.writelines(f"{line}\n" for line in lines)
    if not lines:
        _tell("there are none / không có bản ghi nào không đọc được")
    return ExitCode.DONE


def _replay(args: argparse.Namespace, settings: Settings) -> int:
    from caseclock.dead_letters import send_again  # noqa: PLC0415  # Kafka's libraries: `list` need not wait

    done = send_again(settings, args.limit, dry_run=args.dry_run)
    _tell(f"{done.sent} {'can be' if args.dry_run else 'were'} sent again")
    for reason, count in done.still_unreadable.most_common():
        _tell(f"still unreadable, {reason}: {count}. {words(reason)}")
    for where in done.truncated.told():
        _tell(
            f"too large, only the beginning was kept: {where}; mend it in the source and send it from there"
        )
    if done.left:
        _tell(f"{done.left} of the unreadable ones will not be looked at again")
    if done.failed:
        _tell(f"{done.failed} were not acknowledged; run it again")
        return ExitCode.DEPENDENCY
    return ExitCode.DONE


def _tell(line: str) -> None:
    say(f"caseclock dead-letters: {line}")
