"""`caseclock ingest`: the events of files to Kafka, every record acknowledged or named as failed."""

import argparse

from caseclock.city import city_of
from caseclock.console import say
from caseclock.errors import ExitCode
from caseclock.ingest import Ingested, ingest
from caseclock.logs import log_to_stderr
from caseclock.settings import Settings
from caseclock.sources import load_mapping


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Send; exit code 3 when Kafka did not take everything, 1 with ``--strict`` and dead letters."""
    log_to_stderr("ingest")
    mapping = load_mapping(args.mapping, city_of(settings).calendars) if args.mapping else None
    done = Ingested()
    try:
        ingest(args.files, mapping, settings, done)
    finally:
        if done.acknowledged or done.failed.count or done.dead:
            for line in done.told():
                say(f"caseclock ingest: {line}")
    if done.failed.count:
        return ExitCode.DEPENDENCY
    return ExitCode.DEAD_LETTERS if done.dead and args.strict else ExitCode.DONE
