"""Where the lists of the demo city are: shipped with the program, loaded by the demo alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path


@contextmanager
def city_folder() -> Iterator[Path]:
    """The folder of units.csv, procedures.csv, calendars and thresholds.yaml; there while the block lasts."""
    with as_file(files("caseclock.demo") / "city") as folder:
        yield folder
