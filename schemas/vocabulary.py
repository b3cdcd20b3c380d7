"""The words of events: types, enumerations, kinds of fields (domain.md §2)."""

from typing import Final, Literal, get_args

EventType = Literal[
    "registered",
    "received",
    "declined",
    "assigned",
    "transferred",
    "consulted",
    "answered",
    "suspended",
    "resumed",
    "rescheduled",
    "completed",
    "withdrawn",
    "stopped",
    "delivered",
    "reopened",
    "amended",
    "rated",
    "voided",
]
"""All types of events, in the order in which they count when they happened at the same moment."""
Kind = Literal["dossier", "feedback", "task"]
Channel = Literal["counter", "online", "post"]
SuspensionReason = Literal["supplement", "payment", "other_agency", "other"]
Outcome = Literal["granted", "refused", "resolved", "noted", "referred", "duplicate", "not_actionable"]
Cause = Literal[
    "workload",
    "missing_documents",
    "other_agency",
    "field_check",
    "legal_unclear",
    "system_outage",
    "absence",
    "other",
]
Priority = Literal["urgent", "normal", "complex"]
ApplicantKind = Literal["citizen", "business", "agency", "other"]
PaidOnline = Literal["none", "national", "local"]
Aspect = Literal["access", "procedure", "staff", "result", "feedback"]

EVENT_TYPES: Final[tuple[EventType, ...]] = get_args(EventType)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
SUSPENSION_REASONS: Final[tuple[SuspensionReason, ...]] = get_args(SuspensionReason)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)
PRIORITIES: Final[tuple[Priority, ...]] = get_args(Priority)
APPLICANT_KINDS: Final[tuple[ApplicantKind, ...]] = get_args(ApplicantKind)
PAID_ONLINE: Final[tuple[PaidOnline, ...]] = get_args(PaidOnline)
ASPECTS: Final[tuple[Aspect, ...]] = get_args(Aspect)

RANK: Final[dict[str, int]] = {name: rank for rank, name in enumerate(EVENT_TYPES)}
"""Events of one moment are taken in this order."""
TIME_FIELDS: Final = ("occurred_at", "recorded_at", "due_at", "step_due_at")
"""The fields that are RFC 3339 strings on the wire and integer microseconds inside."""
ATTRIBUTES: Final = (
    "priority",
    "applicant_kind",
    "fee_due",
    "digitised",
    "vneid",
    "reused_data",
    "paid_online",
    "bundle_id",
    "duplicate_of",
    "lookup_hash",
)
"""Dimensions of a case without effect on its clocks; fields of `registered`, `received` and `amended`."""
CODE_FIELDS: Final = frozenset(
    {
        "event_id",
        "case_id",
        "source",
        "unit_id",
        "procedure_code",
        "officer",
        "step",
        "request_id",
        "waiting_on",
        "voids",
        "bundle_id",
        "duplicate_of",
    }
)
"""The fields that are ids or codes."""
SCHEMA_VERSION: Final = 1

TITLES: Final[dict[str, tuple[str, str]]] = {
    "registered": ("Nộp hồ sơ", "Registered"),
    "received": ("Tiếp nhận", "Received"),
    "declined": ("Không tiếp nhận", "Declined"),
    "assigned": ("Phân công", "Assigned"),
    "transferred": ("Chuyển xử lý", "Transferred"),
    "consulted": ("Xin ý kiến", "Consulted"),
    "answered": ("Trả lời ý kiến", "Answered"),
    "suspended": ("Tạm dừng", "Suspended"),
    "resumed": ("Tiếp tục xử lý", "Resumed"),
    "rescheduled": ("Hẹn lại ngày trả", "Rescheduled"),
    "completed": ("Xử lý xong", "Completed"),
    "withdrawn": ("Rút hồ sơ", "Withdrawn"),
    "stopped": ("Dừng xử lý", "Stopped"),
    "delivered": ("Trả kết quả", "Delivered"),
    "reopened": ("Mở lại", "Reopened"),
    "amended": ("Sửa thông tin", "Amended"),
    "rated": ("Đánh giá", "Rated"),
    "voided": ("Hủy sự kiện ghi nhầm", "Voided"),
}
"""Vietnamese and English title of each type."""
