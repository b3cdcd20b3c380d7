"""What could not be read, and why: the letter names record, field and reason, never a value."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Reason(StrEnum):
    """Why a record could not be read (domain.md §2). The second half is only met in mapped files."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    TOO_DEEP = "too_deep"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    MISSING_FIELD = "missing_field"
    MALFORMED_FIELD = "malformed_field"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_VALUE = "unknown_value"
    UNKNOWN_VERSION = "unknown_version"
    BAD_ID = "bad_id"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    MISSING_COLUMN = "missing_column"
    UNMAPPED_VALUE = "unmapped_value"
    BAD_TIME = "bad_time"
    AMBIGUOUS_TIME = "ambiguous_time"
    ROW_WIDTH = "row_width"


SENTENCES: Final[dict[Reason, tuple[str, str]]] = {
    Reason.TOO_LARGE: ("Bản ghi lớn hơn 1 MB.", "The record is larger than 1 MB."),
    Reason.NOT_UTF8: ("Bản ghi không phải văn bản UTF-8.", "The record is not UTF-8 text."),
    Reason.TOO_DEEP: ("Bản ghi lồng nhau quá 50 tầng.", "The record is nested more than 50 levels deep."),
    Reason.NOT_JSON: ("Bản ghi không phải JSON hợp lệ.", "The record is not valid JSON."),
    Reason.NOT_AN_OBJECT: (
        "Bản ghi không phải một đối tượng JSON.",
        "The record is JSON, but not an object.",
    ),
    Reason.MISSING_FIELD: ("Thiếu một trường bắt buộc.", "A required field is missing or null."),
    Reason.MALFORMED_FIELD: ("Một trường sai kiểu hoặc sai dạng.", "A field has the wrong type or shape."),
    Reason.UNKNOWN_TYPE: ("Loại sự kiện không có trong danh mục.", "There is no such type of event."),
    Reason.UNKNOWN_VALUE: (
        "Giá trị không có trong danh mục của trường.",
        "The value is none of those which the field may have.",
    ),
    Reason.UNKNOWN_VERSION: (
        "Phiên bản lược đồ chưa được hỗ trợ.",
        "There is no such schema_version; this software reads version 1.",
    ),
    Reason.BAD_ID: (
        "Mã trống, dài hơn 200 ký tự, chứa ký tự điều khiển hoặc không phải chuỗi.",
        "An id or code is not a string of 1 to 200 characters without control characters.",
    ),
    Reason.TIME_OUT_OF_RANGE: (
        "Thời điểm trước năm 2000, quá một ngày trong tương lai, hoặc hạn sau năm 2100.",
        "A moment is before 2000, more than a day ahead of the clock, or (a due time) after 2100.",
    ),
    Reason.MISSING_COLUMN: (
        "Tệp thiếu cột mà bản ánh xạ cần.",
        "A column that the mapping needs is missing or empty.",
    ),
    Reason.UNMAPPED_VALUE: (
        "Bản ánh xạ không nói giá trị này nghĩa là gì.",
        "The mapping does not say what this value means.",
    ),
    Reason.BAD_TIME: (
        "Thời gian không theo định dạng nào của bản ánh xạ.",
        "A time has none of the formats that the mapping names.",
    ),
    Reason.AMBIGUOUS_TIME: (
        "Giờ địa phương xảy ra hai lần hoặc không xảy ra (đổi giờ).",
        "A local time happened twice or never (a clock was changed), and no offset says which is meant.",
    ),
    Reason.ROW_WIDTH: (
        "Dòng có số ô khác với dòng tiêu đề.",
        "The row has more or fewer cells than the header.",
    ),
}
"""One sentence per reason: Vietnamese, English."""


class Unreadable(Exception):  # noqa: N818 - no error of the program: a record that it cannot read
    """A record that goes to the dead letters. Holds no value of the record.

    `reason` says why, `field` names the first wrong field ("" when the record as a whole is wrong).
    """

    def __init__(self, reason: Reason, field: str = "") -> None:
        super().__init__(f"{reason.value}: {field}" if field else reason.value)
        self.reason = reason
        self.field = field

    def __reduce__(self) -> tuple[type["Unreadable"], tuple[Reason, str]]:
        return type(self), (self.reason, self.field)


HEADER_PREFIX: Final = "caseclock-"
"""Our headers of a dead letter; all others are those of the original record."""


class DeadLetter(BaseModel):
    """One record that could not be read, by its coordinates: the value itself is never kept here.

    From Kafka `topic`, `partition` and `offset` are set, from a file `line` (counted from 1). `seen_at` is
    when it was read, by the wall clock.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", title="Thư chết / Dead letter")

    source: str = Field(description="The file's name, or the topic.")
    topic: str | None = None
    partition: int | None = Field(default=None, ge=0)
    offset: int | None = Field(default=None, ge=0)
    line: int | None = Field(default=None, ge=1)
    reason: Reason
    field: str = Field(description="The first wrong field; empty when the record as a whole is wrong.")
    seen_at: AwareDatetime

    @property
    def position(self) -> int:
        """The offset in the topic, or the line of the file."""
        return self.offset if self.offset is not None else self.line or 0

    def headers(self) -> list[tuple[str, bytes]]:
        """As headers of a record in the dead-letters topic."""
        told = self.model_dump(mode="json", exclude_none=True)
        return [(HEADER_PREFIX + name, str(value).encode()) for name, value in told.items()]

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> Self:
        """Read what `headers` wrote; headers of others beside it are passed over.

        Raises:
            ValueError: they describe no dead letter.
        """
        told = {
            name.removeprefix(HEADER_PREFIX): value.decode("utf-8", "replace")
            for name, value in headers
            if name.startswith(HEADER_PREFIX) and name.removeprefix(HEADER_PREFIX) in cls.model_fields
        }
        return cls.model_validate_strings(told)
