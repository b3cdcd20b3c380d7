"""Tables as CSV: UTF-8 with a header row, as RFC 4180 says, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

CSV: Final = "text/csv; charset=utf-8; header=present"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_rows(rows: Iterable[Sequence[object]]) -> str:
    r"""Rows as text.

    A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers are left as they are.

    >>> csv_rows([("unit_id", "open"), ("=1+1", -3), ("Hà Nội, Ba Đình", None)])
    "unit_id,open\r\n'=1+1,-3\r\n\"Hà Nội, Ba Đình\",\r\n"
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return value
