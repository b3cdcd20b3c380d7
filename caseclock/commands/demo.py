"""`caseclock demo`: the whole product on this machine, with a simulated city of Hanoi."""

import argparse
import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from caseclock import services
from caseclock.demo.front import Doors, addresses
from caseclock.demo.place import city_folder
from caseclock.demo.show import show
from caseclock.demo.watch import Ending
from caseclock.errors import ExitCode
from caseclock.settings import CitySettings, ClickHouseSettings, Settings

_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Run until ``--duration`` seconds are over (though not before there was something to see) or Ctrl-C.

    Its services and its data are its own and gone afterwards, whatever Kafka and ClickHouse the settings name.
    """
    ends_at = time.monotonic() + args.duration if args.duration else None
    with city_folder() as folder, _ended_in_order():
        of_its_own = {"clickhouse": ClickHouseSettings(), "city": CitySettings(folder=folder)}
        settings = settings.model_copy(update=of_its_own)
        with services.embedded(settings) as on:
            asyncio.run(_demo(args, ends_at, settings, on))
    return ExitCode.DONE


async def _demo(
    args: argparse.Namespace, ends_at: float | None, settings: Settings, on: services.Services
) -> None:
    places = addresses(settings.board, args.port)
    doors = Doors(places, browser=not args.no_browser, clickhouse_http=args.clickhouse_http)
    await show(args.seed, Ending(ends_at), settings, on, doors)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """TERM and HUP end it like Ctrl-C: broker and folder are cleared away. Being ended is no failure."""
    before = {each: signal.signal(each, signal.default_int_handler) for each in _ENDING}
    try:
        yield
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
