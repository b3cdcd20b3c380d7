"""Where the real data lies, and the one skip allowed when it does not."""

import csv
import gzip
import os
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest

FOLDER: Final = Path(os.environ.get("CASECLOCK_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


def real_file(name: str) -> Path:
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(
            f"REAL DATA ABSENT: {path} is not there; set CASECLOCK_TEST_DATA to the folder that holds it"
        )
    return path


def rows_in(name: str) -> list[dict[str, str]]:
    with gzip.open(real_file(name), "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
