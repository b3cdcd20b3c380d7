"""The events of a case: one TypedDict per type, validated by pydantic, and the dict they become inside.

Two shapes live here. On the wire an event is JSON with times as RFC 3339 strings: `Registered` … `Voided`,
joined in the discriminated union `AnyEvent`; pydantic validates them strictly, drops unknown keys and
generates the JSON Schemas. Inside it is an `Event`: the same keys, times as integer microseconds since the
epoch (UTC), no nulls. TypedDicts, because they were measured to be the quickest thing pydantic can build.

Every optional field may be null, which means absent. `null` in a required field means that it is missing.
"""

from typing import Annotated, Any, Final, Literal, NotRequired, get_args

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from schemas.fields import (
    CODE_PATTERN,
    TIME_PATTERN,
    Absent,
    Code,
    LookupHash,
    ProcedureCode,
    SchemaVersion,
    Score,
    Step,
    Text,
    Time,
    UnitCode,
)
from schemas.vocabulary import (
    APPLICANT_KINDS,
    ASPECTS,
    ATTRIBUTES,
    CAUSES,
    CHANNELS,
    CODE_FIELDS,
    EVENT_TYPES,
    KINDS,
    OUTCOMES,
    PAID_ONLINE,
    PRIORITIES,
    RANK,
    SCHEMA_VERSION,
    SUSPENSION_REASONS,
    TIME_FIELDS,
    TITLES,
    ApplicantKind,
    Aspect,
    Cause,
    Channel,
    EventType,
    Kind,
    Outcome,
    PaidOnline,
    Priority,
    SuspensionReason,
)

__all__ = [
    "APPLICANT_KINDS",
    "ASPECTS",
    "ATTRIBUTES",
    "CAUSES",
    "CHANNELS",
    "CODE_FIELDS",
    "CODE_PATTERN",
    "EVENT_TYPES",
    "FIELDS",
    "KINDS",
    "MODELS",
    "OUTCOMES",
    "PAID_ONLINE",
    "PRIORITIES",
    "RANK",
    "SCHEMA_VERSION",
    "SUSPENSION_REASONS",
    "TIME_FIELDS",
    "TIME_PATTERN",
    "TITLES",
    "Absent",
    "Amended",
    "Answered",
    "AnyEvent",
    "ApplicantKind",
    "Aspect",
    "Assigned",
    "Attributes",
    "Cause",
    "Channel",
    "Code",
    "Completed",
    "Consulted",
    "Declined",
    "Delivered",
    "Envelope",
    "Event",
    "EventType",
    "Kind",
    "Opening",
    "Outcome",
    "PaidOnline",
    "Priority",
    "Rated",
    "Reasoned",
    "Received",
    "Registered",
    "Reopened",
    "Rescheduled",
    "Resumed",
    "Stopped",
    "Suspended",
    "SuspensionReason",
    "Time",
    "Transferred",
    "Voided",
    "Withdrawn",
]


def _shape(name: EventType) -> ConfigDict:
    """Strict (no coercion), unknown keys ignored, titled in both languages."""
    vietnamese, english = TITLES[name]
    return ConfigDict(strict=True, extra="ignore", title=f"{vietnamese} / {english}")


class Envelope(TypedDict):
    """What every event has."""

    schema_version: SchemaVersion
    event_id: Annotated[Code, Field(description="Unique within its case; the same id is the same event.")]
    case_id: Annotated[Code, Field(description="Mã hồ sơ. The case; also the key of the Kafka record.")]
    occurred_at: Annotated[Time, Field(description="When it happened in the office. RFC 3339 with offset.")]
    source: Annotated[Code, Field(description="The system that reports it.")]
    recorded_at: NotRequired[
        Annotated[
            Time | Absent, Field(description="When it was entered in the source. RFC 3339 with offset.")
        ]
    ]


class Attributes(TypedDict):
    """Dimensions of a case: no effect on its clocks, except that `priority` chooses the reception limit."""

    priority: NotRequired[Priority | Absent]
    applicant_kind: NotRequired[ApplicantKind | Absent]
    fee_due: NotRequired[bool | Absent]
    digitised: NotRequired[bool | Absent]
    vneid: NotRequired[bool | Absent]
    reused_data: NotRequired[bool | Absent]
    paid_online: NotRequired[PaidOnline | Absent]
    bundle_id: NotRequired[Annotated[Code | Absent, Field(description="Links procedures of one life event.")]]
    duplicate_of: NotRequired[Annotated[Code | Absent, Field(description="The case this one repeats.")]]
    lookup_hash: NotRequired[LookupHash | Absent]


class Opening(Envelope):
    """What a case is opened with."""

    unit_id: UnitCode
    procedure_code: ProcedureCode
    kind: Kind
    channel: Channel


class Reasoned(Envelope):
    """An event that may be accompanied by a free text, which is read and dropped."""

    reason: NotRequired[Text | Absent]


@with_config(_shape("registered"))
class Registered(Opening, Attributes):
    """Hồ sơ đã nộp, chưa được tiếp nhận. Handed in, not yet accepted: only the reception clock runs."""

    type: Literal["registered"]


@with_config(_shape("received"))
class Received(Opening, Attributes):
    """Hồ sơ được tiếp nhận, hẹn trả. Accepted: the clock starts, the promise is made."""

    type: Literal["received"]
    due_at: NotRequired[Time | Absent]


@with_config(_shape("declined"))
class Declined(Reasoned):
    """Hồ sơ không được tiếp nhận. Not accepted."""

    type: Literal["declined"]


@with_config(_shape("assigned"))
class Assigned(Envelope):
    """Phân công người xử lý trong đơn vị. Who has it in the unit, by an opaque reference."""

    type: Literal["assigned"]
    officer: Annotated[Code, Field(description="Opaque reference, never a name.")]
    step: NotRequired[Step | Absent]
    step_due_at: NotRequired[Time | Absent]


@with_config(_shape("transferred"))
class Transferred(Envelope):
    """Chuyển đơn vị xử lý. Another unit holds the case from now on."""

    type: Literal["transferred"]
    unit_id: UnitCode
    step: NotRequired[Step | Absent]
    step_due_at: NotRequired[Time | Absent]


@with_config(_shape("consulted"))
class Consulted(Envelope):
    """Xin ý kiến đơn vị khác. Another unit is asked for its opinion: a clock of its own on the asked unit."""

    type: Literal["consulted"]
    request_id: Code
    unit_id: UnitCode
    due_at: NotRequired[Time | Absent]


@with_config(_shape("answered"))
class Answered(Envelope):
    """Đơn vị được hỏi đã trả lời. The asked unit has given its opinion."""

    type: Literal["answered"]
    request_id: Code


@with_config(_shape("suspended"))
class Suspended(Envelope):
    """Tạm dừng, chờ bổ sung hoặc nghĩa vụ tài chính. The clock stops."""

    type: Literal["suspended"]
    reason: SuspensionReason
    waiting_on: NotRequired[Annotated[UnitCode | Absent, Field(description="The unit that is waited for.")]]
    cause: NotRequired[Cause | Absent]


@with_config(_shape("resumed"))
class Resumed(Envelope):
    """Tiếp tục xử lý. The clock runs again, perhaps towards a new promise."""

    type: Literal["resumed"]
    due_at: NotRequired[Time | Absent]


@with_config(_shape("rescheduled"))
class Rescheduled(Reasoned):
    """Hẹn lại ngày trả, có hoặc không có phiếu xin lỗi. A new promise, with or without an apology."""

    type: Literal["rescheduled"]
    due_at: Time
    apology: bool
    cause: NotRequired[Cause | Absent]


@with_config(_shape("completed"))
class Completed(Envelope):
    """Xử lý xong. Processing ended: the moment by which lateness is judged."""

    type: Literal["completed"]
    outcome: Outcome
    e_result: NotRequired[Annotated[bool | Absent, Field(description="The result is electronic.")]]
    cause: NotRequired[Cause | Absent]


@with_config(_shape("withdrawn"))
class Withdrawn(Reasoned):
    """Công dân rút hồ sơ. Ended by the citizen."""

    type: Literal["withdrawn"]


@with_config(_shape("stopped"))
class Stopped(Reasoned):
    """Dừng xử lý. Ended (or, by some profiles, paused) by the office."""

    type: Literal["stopped"]


@with_config(_shape("delivered"))
class Delivered(Envelope):
    """Đã trả kết quả. The result was handed over."""

    type: Literal["delivered"]


@with_config(_shape("reopened"))
class Reopened(Reasoned):
    """Mở lại hồ sơ. In process again, perhaps with a new promise."""

    type: Literal["reopened"]
    due_at: NotRequired[Time | Absent]


@with_config(_shape("amended"))
class Amended(Envelope, Attributes):
    """Sửa thông tin hồ sơ. Corrects the opening; the last value counts for the whole case."""

    type: Literal["amended"]
    procedure_code: NotRequired[ProcedureCode | Absent]
    kind: NotRequired[Kind | Absent]
    channel: NotRequired[Channel | Absent]


@with_config(_shape("rated"))
class Rated(Envelope):
    """Công dân đánh giá. Satisfaction of the citizen."""

    type: Literal["rated"]
    score: Score
    solved: NotRequired[bool | Absent]
    aspect: NotRequired[Aspect | Absent]


@with_config(_shape("voided"))
class Voided(Envelope):
    """Hủy một sự kiện ghi nhầm. That event was entered by mistake: as if it had never been."""

    type: Literal["voided"]
    voids: Annotated[Code, Field(description="The event_id that never was.")]


AnyEvent = Annotated[
    Registered
    | Received
    | Declined
    | Assigned
    | Transferred
    | Consulted
    | Answered
    | Suspended
    | Resumed
    | Rescheduled
    | Completed
    | Withdrawn
    | Stopped
    | Delivered
    | Reopened
    | Amended
    | Rated
    | Voided,
    Field(discriminator="type"),
]
"""Any event as it travels."""

MODELS: Final[dict[str, Any]] = {
    get_args(model.__annotations__["type"])[0]: model for model in get_args(get_args(AnyEvent)[0])
}
"""The TypedDict of each type, in RANK order."""


FIELDS: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(MODELS[name].__annotations__) for name in EVENT_TYPES
}
"""The fields of each type in their order: the first wrong one is the one that a dead letter names."""


class Event(TypedDict, total=False):
    """An event inside: times are integer microseconds (epoch, UTC), an absent optional is no key.

    `reason` is only there on `suspended`. Made by `schemas.decode.decode`; nothing else may build one
    unchecked.
    """

    type: EventType
    schema_version: int
    event_id: str
    case_id: str
    occurred_at: int
    source: str
    recorded_at: int
    unit_id: str
    procedure_code: str
    kind: Kind
    channel: Channel
    due_at: int
    officer: str
    step: str
    step_due_at: int
    request_id: str
    reason: SuspensionReason
    waiting_on: str
    cause: Cause
    apology: bool
    outcome: Outcome
    e_result: bool
    score: int
    solved: bool
    aspect: Aspect
    voids: str
    priority: Priority
    applicant_kind: ApplicantKind
    fee_due: bool
    digitised: bool
    vneid: bool
    reused_data: bool
    paid_online: PaidOnline
    bundle_id: str
    duplicate_of: str
    lookup_hash: str
