"""The end of a command that runs until somebody ends it."""

import asyncio
import os
import signal


def end_on_signals() -> asyncio.Event:
    """Set by SIGTERM and SIGINT; a second signal ends the process at once. Call it in the running loop."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end(number: int) -> None:
        if ended.is_set():
            os._exit(128 + number)
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    return ended
