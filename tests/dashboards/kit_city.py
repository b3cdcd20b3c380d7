"""An invented city for tests of the board: its units, some of them former, and its procedures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from schemas.procedure import Allotted, Procedure
from schemas.unit import Unit

CITY: Final = "H99"
MERGED_ON: Final = date(2026, 3, 31)

_DEPARTMENTS: Final = (
    ("Sở Nội vụ", "Department of Home Affairs"),
    ("Sở Tư pháp", "Department of Justice"),
    ("Sở Xây dựng", "Department of Construction"),
    ("Sở Nông nghiệp và Môi trường", "Department of Agriculture and Environment"),
    ("Sở Tài chính", "Department of Finance"),
    ("Sở Y tế", "Department of Health"),
    ("Sở Giáo dục và Đào tạo", "Department of Education and Training"),
    ("Sở Văn hóa và Thể thao", "Department of Culture and Sports"),
    ("Sở Công Thương", "Department of Industry and Trade"),
    ("Sở Du lịch", "Department of Tourism"),
)
_WARDS: Final = (
    "Sông Mây", "Cầu Gỗ Lim", "Hồ Sen Trắng", "Đồng Lúa Vàng", "Bến Trăng", "Gò Chuối", "Vườn Nhãn", "Phố Đá",
    "Ngã Ba Đa", "Làng Giấy", "Chợ Mai", "Đê Quai",
)  # fmt: skip

PROCEDURES: Final = (
    Procedure(
        code="1.900001", name="Đăng ký khai sinh", name_en="Birth registration",
        allotted=Allotted(amount=1, unit="working_day"), authority_level="ward", field="Hộ tịch",
    ),
    Procedure(
        code="1.900002", name="Chứng thực bản sao", name_en="Certified copies",
        allotted=Allotted(amount=4, unit="working_hour"), authority_level="ward", field="Chứng thực",
    ),
    Procedure(
        code="1.900003", name="Cấp giấy phép xây dựng nhà ở riêng lẻ", name_en="Building permit for a house",
        allotted=Allotted(amount=15, unit="working_day"), authority_level="department", field="Xây dựng",
    ),
    Procedure(
        code="1.900004", name="Cấp phiếu lý lịch tư pháp", name_en="Criminal record certificate",
        allotted=Allotted(amount=10, unit="calendar_day"), authority_level="department", field="Tư pháp",
    ),
    Procedure(
        code="1.900005", name="Xét tặng danh hiệu", name_en=None,
        allotted=None, authority_level="city", field="Thi đua",
    ),
    Procedure(
        code="1.900006", name="Gia hạn sử dụng đất", name_en="Extension of land use",
        allotted=Allotted(amount=1, unit="month"), authority_level="department", field="Đất đai",
    ),
)  # fmt: skip


def units(count: int) -> tuple[Unit, ...]:
    """So many units, the city first, parents before those below.

    From 4 on one is a former ward, from 40 on three are; each names its successor.

    Raises:
        ValueError: fewer than 4 or more than 700.
    """
    if not 4 <= count <= 700:
        raise ValueError("the invented city has 4 to 700 units")
    former = 3 if count >= 40 else 1
    living = list(_living(count - former))
    wards = [each for each in living if each.kind in {"ward", "commune"}]
    return (*living, *(_former(place, wards[place % len(wards)].code) for place in range(former)))


def _living(count: int) -> Iterator[Unit]:
    yield Unit(
        code=CITY, name="Ủy ban nhân dân thành phố Mẫu", name_en="People's Committee of Sample City",
        kind="city", head_post="Chủ tịch Ủy ban nhân dân thành phố",
    )  # fmt: skip
    departments = min(len(_DEPARTMENTS), 1 + count // 8)
    divisions = departments if count >= 30 else 0
    for place, (name, name_en) in enumerate(_DEPARTMENTS[:departments]):
        yield Unit(
            code=f"{CITY}.{place + 1}", name=name, name_en=name_en, kind="department", parent=CITY,
            head_post="Giám đốc Sở",
        )  # fmt: skip
    for place in range(divisions):
        yield Unit(
            code=f"{CITY}.{place + 1}.1", name=f"Phòng Một cửa {place + 1}",
            name_en=f"One-stop Division {place + 1}", kind="division", parent=f"{CITY}.{place + 1}",
            head_post="Trưởng phòng",
        )  # fmt: skip
    for place in range(count - 1 - departments - divisions):
        name, round_ = _WARDS[place % len(_WARDS)], place // len(_WARDS)
        title = f"{name} {round_ + 1}" if round_ else name
        kind, word = ("ward", "Phường") if place % 5 < 3 else ("commune", "Xã")
        yield Unit.model_validate(
            {
                "code": f"{CITY}.{100 + place}", "name": f"{word} {title}",
                "name_en": f"{title} {kind.title()}", "kind": kind, "parent": CITY,
                "head_post": f"Chủ tịch Ủy ban nhân dân {word.lower()}",
            }
        )  # fmt: skip


def _former(place: int, successor: str) -> Unit:
    return Unit(
        code=f"{CITY}.{900 + place}", name=f"Phường Cũ {place + 1}", name_en=f"Former Ward {place + 1}",
        kind="ward", parent=CITY, valid_to=MERGED_ON, succeeded_by=successor,
        head_post="Chủ tịch Ủy ban nhân dân phường",
    )  # fmt: skip
