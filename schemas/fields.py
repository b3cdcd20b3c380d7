"""The kinds of fields that events are made of, as pydantic judges them and as JSON Schema describes them."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticOmit

from schemas.vocabulary import SCHEMA_VERSION

CODE_PATTERN: Final = r"^[^\u0000-\u001f\u007f-\u009f]*$"
"""Ids and codes hold no control character (C0, DEL, C1); no other pattern is asked of them."""
TIME_PATTERN: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)


def _absent(_null: None) -> None:
    """Drop the key: null means absent."""
    raise PydanticOmit


Absent = Annotated[None, AfterValidator(_absent)]
"""A null of an optional field: its key is dropped while the event is read."""

Code = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=CODE_PATTERN)]
UnitCode = Annotated[Code, Field(description="Mã đơn vị. Code of a unit.")]
ProcedureCode = Annotated[Code, Field(description="Mã thủ tục hành chính. Code of a procedure.")]
Step = Annotated[Code, Field(description="Bước xử lý. Step of the process.")]
Text = Annotated[
    str, StringConstraints(max_length=500), Field(description="Free text; read and dropped, never stored.")
]
# Shape and calendar are judged by schemas.decode, in one go with the conversion: twice would cost double.
Time = Annotated[
    str,
    Field(
        description="RFC 3339 date-time with offset.",
        json_schema_extra={"format": "date-time", "pattern": TIME_PATTERN},
    ),
]
LookupHash = Annotated[
    str,
    StringConstraints(pattern="^[0-9a-fA-F]{64}$", to_lower=True),
    Field(description="Keyed hash of the receipt code, for the citizen's own look-up. Stored, never shown."),
]
# Not Literal[1]: pydantic lets 1.0 and true pass for it, even when strict.
SchemaVersion = Annotated[
    int,
    Field(
        ge=SCHEMA_VERSION,
        le=SCHEMA_VERSION,
        description="Version of this schema.",
        json_schema_extra={"const": 1},
    ),
]
Score = Annotated[int, Field(ge=1, le=5)]
