"""`caseclock dead-letters list | replay`: what could not be read."""

import argparse
import sys

from caseclock.console import say
from caseclock.dead_letters import listing, send_again
from caseclock.errors import ExitCode
from caseclock.services import open_store
from caseclock.settings import Settings
from sinks.clickhouse.migrate import migrate


def run(args: argparse.Namespace, settings: Settings) -> int:
    """List on stdout, or send again and tell how many."""
    if args.action == "list":
        store = open_store(settings)
        try:
            migrate(store)
            lines = listing(store, args.limit)
        finally:
            store.close()
        sys.stdout.writelines(f"{line}\n" for line in lines)
        if not lines:
            say("no dead letters / không có bản ghi nào không đọc được")
        return ExitCode.DONE
    done = send_again(settings, args.limit, dry_run=args.dry_run)
    say(f"{done.sent} {'can be' if args.dry_run else 'were'} sent again")
    for reason, count in done.still_unreadable.most_common():
        say(f"still unreadable, {reason}: {count}")
    if done.truncated:
        say(f"too large and kept only in part, send the source again: {done.truncated}")
    if done.failed:
        say(f"not acknowledged: {done.failed}; run it again")
        return ExitCode.DEPENDENCY
    return ExitCode.DONE
