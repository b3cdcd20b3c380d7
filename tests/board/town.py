"""A small invented town: its lists as files, two months of its events, and the same rules for the oracle.

Every history is made from a seed and from the day on which the test runs, so that all periods of the board have
something to count. Nothing falls due while a test looks: promises end with a day, and none of them today.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.oracle.model import PROFILES, Allotted, Event, Rules
from tests.oracle.worktime import EPOCH, HOUR, MICROSECOND, SECOND, Calendar

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
DAY: Final = 24 * HOUR
CASES: Final = 240
DAYS: Final = 75
"""Over so many days the receipts are spread, today among them."""
_OFFICE: Final = [(8 * 3600, 12 * 3600), (13 * 3600, 17 * 3600)]

UNITS: Final[dict[str, tuple[str | None, str, str, str]]] = {
    "T": (None, "city", "Thành phố Thử", "Testville"),
    "T.S1": ("T", "department", "Sở Giấy tờ", "Department of Papers"),
    "T.S1.1": ("T.S1", "division", "Phòng Con dấu", "Division of Stamps"),
    "T.S2": ("T", "department", "Sở Đường sá", "Department of Roads"),
    "T.P1": ("T", "ward", "Phường Hoa Sen", "Lotus Ward"),
    "T.P1.1": ("T.P1", "division", "Phòng Kinh tế phường Hoa Sen", "Economy Division of Lotus Ward"),
    "T.P2": ("T", "ward", "Phường Hoa Mai", "Apricot Ward"),
    "T.P3": ("T", "ward", "Phường Im Lặng", "Silent Ward"),
    "T.X": ("T", "ward", "Xã Ngày Xưa", "Bygone Commune"),
}
"""Code: parent, kind, name, name in English. From Silent Ward nothing ever comes; Bygone Commune is no more."""
PARENTS: Final = {code: parent for code, (parent, *_) in UNITS.items()}
PROCEDURES: Final[dict[str, Allotted | None]] = {
    "P.1": Allotted(1, "working_day"),
    "P.3": Allotted(3, "working_day"),
    "P.10": Allotted(10, "working_day"),
    "P.month": Allotted(1, "month"),
    "P.none": None,
    "P.rare": Allotted(5, "working_day"),
}
HANDLERS: Final = ("T.P1", "T.P2", "T.S1")
SELDOM: Final = ("access", "access", "procedure", "")
"""What some ratings are about; '': they do not say."""
SOURCES: Final = ("motcua", "motcua", "phananh")
SILENT_SOURCE: Final = "kho-cu"
"""A system from which something came long ago (tests/board/product.py), and nothing since."""
SECRET: Final = "Bimatxyz"
"""Stands wherever an office has put personal data that nobody asked for."""
OFFICER: Final = "canbo-"
"""What every reference of an officer begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The town at a moment.

    Attributes:
        folder: its lists.
        events: everything that its offices have sent, moments in µs.
        unreadable: records that are no events, with what is of persons in them.
    """

    folder: Path
    events: list[Event]
    unreadable: list[bytes]


def calendar() -> Calendar:
    """Office hours from Monday to Friday, without holidays: the same in every year."""
    return Calendar("Asia/Ho_Chi_Minh", dict.fromkeys(range(5), _OFFICE))


def rules() -> Rules:
    """As the oracle judges."""
    hanoi = calendar()
    return Rules(
        calendar_of=lambda _: hanoi,
        profile=PROFILES["one_stop"],
        procedures={code: () if time is None else (time,) for code, time in PROCEDURES.items()},
        known_units=frozenset(UNITS),
    )


def write(folder: Path) -> Path:
    """The town's lists as any city writes them."""
    (folder / "calendars").mkdir(parents=True)
    week = "".join(
        f"  {day}: [08:00-12:00, 13:00-17:00]\n"
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    )
    (folder / "calendars" / "hanoi.yaml").write_text(f"zone: Asia/Ho_Chi_Minh\nweekly:\n{week}")
    lines = ["code,name,name_en,kind,parent,valid_to,succeeded_by,head_post"]
    for code, (parent, kind, name, name_en) in UNITS.items():
        gone = "2025-06-30,T.P1" if code == "T.X" else ","
        lines.append(f"{code},{name},{name_en},{kind},{parent or ''},{gone},Trưởng đơn vị")
    (folder / "units.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = ["code,name,name_en,allotted,allotted_unit,field"]
    for code, time in PROCEDURES.items():
        allotted = f"{time.amount},{time.unit}" if time else ","
        lines.append(f"{code},Thủ tục {code},Procedure {code},{allotted},Thử")
    (folder / "procedures.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def found(folder: Path, now: datetime, seed: int = 1) -> Town:
    """The town as it stands at a moment."""
    return Town(
        folder=write(folder),
        events=list(_Chronicle(random.Random(seed), now).tell()),
        unreadable=[
            f"{SECRET} Thị Đào, 09{SECRET}".encode(),
            f'{{"case_id": "T-0001", "type": "received", "applicant_name": "{SECRET}"}}'.encode(),
            f'{{"case_id": "T-0001", "type": "{SECRET}", "event_id": "x", "source": "motcua"}}'.encode(),
        ],
    )


class _Chronicle:
    """Makes up what happened."""

    def __init__(self, chance: random.Random, now: datetime) -> None:
        self.chance = chance
        self.now = (now - EPOCH) // MICROSECOND
        self.today = now.astimezone(ZONE).date()

    def tell(self) -> Iterator[Event]:
        for number in range(CASES):
            yield from self.case(number)

    def moment(self, day: date) -> int:
        """Some time of a day, in the past."""
        wall = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(
            seconds=self.chance.randint(0, 86_399)
        )
        return min((wall - EPOCH) // MICROSECOND, self.now - self.chance.randint(60, 600) * SECOND)

    def case(self, number: int) -> Iterator[Event]:
        chance = self.chance
        at = self.moment(self.today - timedelta(days=int(chance.expovariate(1 / 18)) % DAYS))
        history = _History(f"T-{number:04}", chance.choice(SOURCES))
        unit = chance.choice(HANDLERS)
        about = {
            "unit_id": unit,
            "procedure_code": "P.rare" if number % 80 == 0 else chance.choice(list(PROCEDURES)[:-1]),
            "kind": chance.choice(("dossier", "dossier", "dossier", "feedback", "task")),
            "channel": "post" if number % 60 == 0 else chance.choice(("counter", "online")),
            "digitised": chance.random() < 0.5,
            "vneid": chance.random() < 0.3,
            "applicant_kind": chance.choice(("citizen", "citizen", "business")),
        }
        if chance.random() < 0.3:
            history.add("registered", at, **about)
            if chance.random() < 0.3:
                yield from history.events
                return
            at = self.later(at, 6)
        history.add("received", at, **about)
        self.work(history, unit, at)
        yield from history.events

    def later(self, at: int, hours: int) -> int:
        return min(at + self.chance.randint(1, hours * 3600) * SECOND, self.now - SECOND)

    def work(self, history: "_History", unit: str, at: int) -> None:
        chance = self.chance
        at = self.later(at, 30)
        history.add(
            "assigned", at, officer=f"{OFFICER}{chance.randint(1, 9)}", step=chance.choice(("xem", "ky"))
        )
        if chance.random() < 0.35:
            at = self.later(at, 40)
            history.add(
                "transferred",
                at,
                unit_id=chance.choice([u for u in ("T.P1.1", "T.S1.1", "T.S2") if u != unit]),
            )
        if chance.random() < 0.15:
            due = at + chance.choice((-3, 4)) * DAY
            history.add("consulted", at, request_id="r1", unit_id="T.S2", due_at=max(due, at + HOUR))
            if chance.random() < 0.6:
                history.add("answered", self.later(at, 120), request_id="r1")
        if chance.random() < 0.25:
            at = self.later(at, 60)
            reason = chance.choice(("supplement", "payment", "other_agency"))
            more = {"waiting_on": "T.S2"} if reason == "other_agency" else {}
            history.add(
                "suspended", at, reason=reason, cause=chance.choice(("missing_documents", "workload")), **more
            )
            if chance.random() < 0.3:
                return
            at = self.later(at, 100)
            history.add("resumed", at)
        if chance.random() < 0.1:
            at = self.later(at, 50)
            history.add(
                "rescheduled", at, due_at=self.end_of_day(at + 9 * DAY), apology=True, cause="workload"
            )
        if chance.random() < 0.65:
            self.end(history, self.later(at, 200))

    def end(self, history: "_History", at: int) -> None:
        chance = self.chance
        if chance.random() < 0.1:
            if chance.random() < 0.5:
                history.add("withdrawn", at, reason=f"{SECRET} cho biết")
            else:
                history.add("stopped", at)
            return
        history.add(
            "completed", at, outcome=chance.choice(("granted", "granted", "refused")), cause="field_check"
        )
        if chance.random() < 0.6:
            at = self.later(at, 30)
            history.add("delivered", at)
        if chance.random() < 0.1:
            history.add("suspended", self.later(at, 5), reason="other")  # after the end: an anomaly
        if chance.random() < 0.3:
            self.rate(history, at, chance.randint(1, 5), solved=chance.random() < 0.7)
        if chance.random() < 0.06:
            history.add("reopened", self.later(at, 30), reason=f"{SECRET} khiếu nại")

    def rate(self, history: "_History", at: int, score: int, *, solved: bool) -> None:
        """Of staff and result everybody says something; of another thing some do, and not whether it was solved."""
        history.add("rated", at, score=score, solved=solved, aspect="staff")
        history.add("rated", at, score=max(1, score - 1), solved=solved, aspect="result")
        seldom = SELDOM[at // SECOND % len(SELDOM)]
        history.add("rated", at, score=min(5, score + 1), **({"aspect": seldom} if seldom else {}))

    def end_of_day(self, at: int) -> int:
        return calendar().day_start(calendar().local_date(at)) + 17 * HOUR


class _History:
    """The events of one case, with ids of their own."""

    def __init__(self, case_id: str, source: str) -> None:
        self.case_id, self.source = case_id, source
        self.events: list[Event] = []

    def add(self, what: str, at: int, /, **fields: Any) -> None:
        common: Event = {
            "event_id": f"e{len(self.events) + 1}",
            "type": what,
            "case_id": self.case_id,
            "occurred_at": at,
            "source": self.source,
            "schema_version": 1,
            # what nobody asked for, as offices send it by mistake
            "applicant_name": f"{SECRET} Thị Đào",
            "contact": {"phone": f"09{SECRET}", "id_number": f"{SECRET}001"},
        }
        self.events.append(common | fields)
