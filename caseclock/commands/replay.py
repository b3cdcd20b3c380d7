"""`caseclock replay`: files through the pipeline, numbers as of a moment."""

import argparse
import asyncio

from caseclock import services
from caseclock.city import city_of
from caseclock.errors import ExitCode
from caseclock.replay import Replay, replay
from caseclock.settings import Settings
from caseclock.sources import load_mapping


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Replay; exit code 1 with ``--strict`` and dead letters."""
    mapping = load_mapping(args.mapping, city_of(settings).calendars) if args.mapping else None
    what = Replay(files=args.files, mapping=mapping, as_of=args.as_of, out=args.out)
    with services.apart(settings) if args.on_services else services.embedded(settings) as on:
        dead = asyncio.run(replay(what, settings, on))
    return ExitCode.DEAD_LETTERS if dead and args.strict else ExitCode.DONE
