"""A defect met while answering, told in a line of the log: what and where, never a value."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Final

log = logging.getLogger("caseclock")
_HOME: Final = Path(__file__).parents[3]


def tell_defect(error: BaseException) -> None:
    """Log it. Its own words are left out: they may hold what somebody sent."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame
        for frame in frames
        if Path(frame.filename).is_relative_to(_HOME) and "site-packages" not in frame.filename
    ]
    last = (ours or frames)[-1:]
    place = f"{Path(last[0].filename).name}:{last[0].lineno}" if last else "?"
    log.error(
        "the board could not answer: a defect (%s at %s); please report it", type(error).__name__, place
    )
