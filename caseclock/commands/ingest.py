"""`caseclock ingest`: the events of files to Kafka, every record acknowledged or named as failed."""

import argparse

from caseclock.city import city_of
from caseclock.errors import ExitCode
from caseclock.ingest import ingest
from caseclock.settings import Settings
from caseclock.sources import load_mapping


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Send; exit code 3 when Kafka did not take everything, 1 with ``--strict`` and dead letters."""
    mapping = load_mapping(args.mapping, city_of(settings).calendars) if args.mapping else None
    done = ingest(args.files, mapping, settings)
    if done.failed:
        return ExitCode.DEPENDENCY
    return ExitCode.DEAD_LETTERS if done.dead and args.strict else ExitCode.DONE
