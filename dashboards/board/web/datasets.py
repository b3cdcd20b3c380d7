"""The open data as tables: which columns each file has, and its rows. Pure: from facts to rows.

Files are for keeping: rows say of themselves for which period and scope they stand and up to when they count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dashboards.board.model.facts import WHOLE_CITY, Board
from dashboards.board.web.api_answers import Question, procedures
from dashboards.board.web.records import Record, moment, scopes_of, unit_row
from schemas.registry import REGISTRY, UNIT_KEYS, UNIT_NUMBERS

STANDING: Final = ("suppressed", "period", "scope", "as_of")
HISTORY_NUMBERS: Final = (
    "received",
    "reopened",
    "transferred_in",
    "transferred_out",
    "completed",
    "completed_early",
    "completed_on_time",
    "completed_late",
    "withdrawn",
    "declined",
    "stopped",
    "late_first_promise",
    "open",
    "in_time",
    "due_soon",
    "overdue",
    "suspended",
    "no_deadline",
    "awaiting",
    "awaiting_overdue",
)
"""The numbers of v_units_history, in the order of its columns."""
PROCEDURE_NUMBERS: Final = (
    *UNIT_NUMBERS[: UNIT_NUMBERS.index("processing_p90_s") + 1],
    "completed_in_time",
    "late_first_promise",
)
COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "units": (*UNIT_KEYS, *UNIT_NUMBERS, *STANDING),
    "units-history": ("unit_id", "unit_name", "scope", "day", *HISTORY_NUMBERS, "corrected_at", "as_of"),
    "procedures": (
        "procedure_code",
        "procedure_name",
        "procedure_name_en",
        "authority_level",
        *PROCEDURE_NUMBERS,
        "unit_id",
        *STANDING,
    ),
    "dictionary": (
        "file",
        "column",
        "title_vi",
        "title_en",
        "measured_in",
        "description_vi",
        "description_en",
    ),
}
"""Of each file; the order is a promise, new columns come at the end."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a column that is no number of the registry means, in both languages."""

    title_vi: str
    title_en: str
    about_vi: str
    about_en: str


WORDS: Final[Mapping[str, Word]] = {
    "unit_id": Word("Mã đơn vị", "Unit", "* là toàn thành phố.", "* is everything together."),
    "unit_name": Word("Tên đơn vị", "Name of the unit", "Tiếng Việt.", "In Vietnamese."),
    "parent_id": Word("Đơn vị cấp trên", "Parent unit", "Trống: không có.", "Empty: none."),
    "procedure_code": Word("Mã thủ tục", "Procedure", "Mã TTHC quốc gia.", "Its national code."),
    "procedure_name": Word("Tên thủ tục", "Name of the procedure", "Tiếng Việt.", "In Vietnamese."),
    "procedure_name_en": Word("Tên tiếng Anh", "English name", "Trống: chưa có.", "Empty: none."),
    "authority_level": Word(
        "Cấp thẩm quyền", "Level of authority", "city, department hoặc ward.", "city, department or ward."
    ),
    "day": Word("Ngày", "Day", "Ngày địa phương, ISO 8601.", "A local day, ISO 8601."),
    "suppressed": Word(
        "Số bị ẩn",
        "Suppressed numbers",
        "Tên các số để trống vì chỉ có 1–4 hồ sơ hoặc có thể suy ra; cách nhau bằng dấu chấm phẩy.",
        "Names of numbers left empty because they are built on 1 to 4 cases or would give such away; separated by ;",
    ),
    "period": Word(
        "Kỳ",
        "Period",
        "Của các số luồng, lời hẹn, tốc độ; all là từ đầu đến nay.",
        "Of flow, promise and speed; all is all time up to now.",
    ),
    "scope": Word(
        "Phạm vi",
        "Scope",
        "own: hồ sơ của chính đơn vị; tree: gồm cả đơn vị trực thuộc.",
        "own: the unit's own cases; tree: with all units below it.",
    ),
    "as_of": Word(
        "Tính đến", "As of", "Mọi sự kiện đến lúc này đã được tính.", "Up to when all events are counted."
    ),
    "corrected_at": Word(
        "Sửa lúc",
        "Corrected at",
        "Khi sự kiện đến muộn làm thay đổi ngày đã qua; trống: chưa bao giờ.",
        "When a late event last changed the day after it was over; empty: never.",
    ),
    "file": Word("Tệp", "File", "Tên tệp dữ liệu mở.", "Name of the open data file."),
    "column": Word("Cột", "Column", "Tên cột trong tệp.", "Name of the column in the file."),
    "title_vi": Word("Tên tiếng Việt", "Vietnamese title", "Tên của cột.", "The column's title."),
    "title_en": Word("Tên tiếng Anh", "English title", "Tên của cột.", "The column's title."),
    "measured_in": Word("Đơn vị đo", "Measured in", "Trống: không phải số.", "Empty: not a number."),
    "description_vi": Word("Giải thích", "Vietnamese description", "Công thức.", "The formula."),
    "description_en": Word("Giải thích tiếng Anh", "English description", "Công thức.", "The formula."),
}


def unit_rows(board: Board, asked: Question) -> Iterator[Record]:
    """units: every unit, and ``*`` where own cases are asked for."""
    whole = [WHOLE_CITY] if asked.scope == "own" else []
    for unit_id in (*board.units, *whole):
        row = unit_row(board, unit_id, asked.scope, asked.period, UNIT_NUMBERS)
        yield {**row, "period": asked.period, "scope": asked.scope, "as_of": moment(board.as_of, board)}


def procedure_rows(board: Board, asked: Question) -> Iterator[Record]:
    """procedures: of everything together, or of one unit."""
    answer = procedures(board, asked)
    for row in answer["procedures"]:
        standing = {"period": asked.period, "scope": answer["scope"], "as_of": answer["as_of"]}
        yield {**row, **standing, "procedure_code": row["procedure"], "unit_id": asked.unit_id}


def history_rows(board: Board, unit_ids: Iterable[str], days: int) -> Iterator[list[Record]]:
    """units-history: for each unit and scope its days, oldest first; a list for each, made when it is wanted."""
    as_of = moment(board.as_of, board)
    for unit_id in unit_ids:
        name = board.units[unit_id].name if unit_id in board.units else "*"
        for scope in scopes_of(unit_id):
            yield [
                {
                    "unit_id": unit_id,
                    "unit_name": name,
                    "scope": scope,
                    "day": each.day.isoformat(),
                    **each.numbers,
                    "corrected_at": moment(each.corrected_at, board),
                    "as_of": as_of,
                }
                for each in board.trend(unit_id, scope, days)
            ]


def dictionary_rows() -> Iterator[Record]:
    """dictionary: every column of every file."""
    for file, columns in COLUMNS.items():
        for column in columns:
            about = _about(column)
            yield dict(zip(COLUMNS["dictionary"], (file, column, *about), strict=True))


def _about(column: str) -> tuple[str, ...]:
    number = REGISTRY.get(column)
    if number is not None:
        return number.title_vi, number.title_en, number.unit, number.formula_vi, number.formula_en
    word = WORDS[column]
    return word.title_vi, word.title_en, "", word.about_vi, word.about_en


def in_columns(file: str, rows: Iterable[Record]) -> Iterator[list[object]]:
    """The values of rows in the order of the file's columns; what a row has not is empty."""
    columns = COLUMNS[file]
    for row in rows:
        yield [row.get(column) for column in columns]
