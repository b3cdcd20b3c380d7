"""The table that the demo shows: the city's line, the units that lag most, how the machine itself does."""

from datetime import datetime
from typing import Final, NamedTuple

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from caseclock.demo.figures import Figures, Lagging
from caseclock.demo.look import what_to_look_at
from caseclock.demo.words import CAUSES, NOT_NAMED, Language, count, days, decimal, percent
from caseclock.embedded.clickhouse_http import DATABASE, USER
from schemas.registry import number

_STOCK: Final = {
    "open": "bold",
    "in_time": "green",
    "due_soon": "yellow",
    "overdue": "bold red",
    "suspended": "cyan",
    "no_deadline": "default",
    "awaiting": "magenta",
}
"""Columns of the city's line, each with its colour; colour is never all that tells them apart."""
_ALL_COLUMNS: Final = 108
_CAUSES_IN_BOTH: Final = 130
_NAMES_IN_BOTH: Final = 165
"""Columns of a terminal from which nothing is left out, causes and then units' names stand in English too."""


class Pulse(NamedTuple):
    """How the machine itself does.

    Attributes:
        now: local time.
        events: processed in all.
        a_second: events of the last seconds; None before there is anything to measure.
        board: address of the board.
        clickhouse: address for clients of ClickHouse; None: not asked for.
    """

    now: datetime
    events: int
    a_second: float | None
    board: str
    clickhouse: str | None = None


def page(figures: Figures, pulse: Pulse, width: int, most: int | None = None) -> RenderableType:
    """The whole table for a terminal so many columns wide, with at most so many units (None: all)."""
    return Group(
        *_title(pulse),
        Text.assemble(
            ("Bảng công khai · The public board: ", "bold"),
            (f"{pulse.board}/vi/", f"bold underline link {pulse.board}/vi/"),
            (f"   {pulse.board}/en/   {pulse.board}/wall", "dim"),
        ),
        *_clickhouse(pulse),
        _city(figures, width),
        _promise(figures),
        _units(figures.lagging[:most], pulse, width),
        Text.assemble(("Cần chú ý: ", "bold"), what_to_look_at(figures, "vi")),
        Text.assemble(("What to look at: ", "bold"), what_to_look_at(figures, "en"), style="dim"),
        Text(),
        Text(machine_line(figures, pulse, "vi")),
        Text(machine_line(figures, pulse, "en"), style="dim"),
    )


def city_line(figures: Figures) -> str:
    """The city in one line, for logs."""
    city = figures.city
    stock = " · ".join(f"{_vi(name)} / {_en(name).lower()} {count(city[name])}" for name in _STOCK)
    strict = percent(city["on_time_rate_strict"])
    rate = f"đúng hạn / on time {percent(city['on_time_rate'])} (n = {count(city['completed'])})"
    return f"{stock} · {rate}, kể cả đang quá hạn / counting open overdue {strict}"


def machine_line(figures: Figures, pulse: Pulse, language: Language) -> str:
    """How many events come, how old the numbers are, what could not be read."""
    rate = "–" if pulse.a_second is None else decimal(pulse.a_second, language)
    events, age = count(pulse.events), decimal(figures.age_s, language)
    letters = count(sum(figures.letters.values()))
    if language == "vi":
        return (
            f"{rate} sự kiện/giây, tổng {events} · số liệu cách đây {age} giây · "
            f"{letters} bản ghi không đọc được · Ctrl-C: kết thúc"
        )
    return f"{rate} events a second, {events} in all · numbers {age} s old · {letters} dead letters · Ctrl-C: end"


def _title(pulse: Pulse) -> tuple[RenderableType, RenderableType]:
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right", no_wrap=True)
    city = Text.assemble(("CASECLOCK", "bold"), "  Hà Nội mô phỏng", (" · simulated Hanoi", "dim"))
    line.add_row(city, Text(f"{pulse.now:%d/%m/%Y %H:%M:%S}", style="bold"))
    said = ("Số liệu mô phỏng, không phải số liệu thật. ", "yellow"), ("Every figure is invented.", "dim")
    return line, Text.assemble(*said)


def _clickhouse(pulse: Pulse) -> tuple[RenderableType, ...]:
    """For a data source of Grafana, or any other client of ClickHouse."""
    if pulse.clickhouse is None:
        return ()
    said = Text.assemble(
        ("ClickHouse HTTP, chỉ đọc · read only: ", "bold"),
        (pulse.clickhouse, "underline"),
        (f"   database {DATABASE}, user {USER}, không · no password", "dim"),
    )
    return (said,)


def _city(figures: Figures, width: int) -> Table:
    table = _box()
    table.pad_edge = width >= _ALL_COLUMNS
    for name, style in _STOCK.items():
        longest = max(map(len, f"{_vi(name)} {_en(name)}".split()))
        table.add_column(_heading(_vi(name), _en(name), style), justify="right", min_width=longest)
    table.add_row(*(Text(count(figures.city[name]), style=style) for name, style in _STOCK.items()))
    return table


def _promise(figures: Figures) -> Table:
    city = figures.city
    judged = city["completed"] + city["overdue"]
    half, most = days(city["processing_p50_s"]), days(city["processing_p90_s"])
    table = _box()
    table.add_column(_heading("Tỷ lệ đúng hạn", "On-time rate"))
    table.add_column(_heading("Kể cả hồ sơ đang quá hạn", "Counting open overdue"))
    table.add_column(_heading("Giải quyết (ngày làm việc)", "Processing, working days"))
    table.add_row(
        Text.assemble((percent(city["on_time_rate"]), "bold"), f"  n = {count(city['completed'])}"),
        Text.assemble((percent(city["on_time_rate_strict"]), "bold"), f"  n = {count(judged)}"),
        Text.assemble("p50 ", (half, "bold"), "  p90 ", (most, "bold")),
    )
    return table


def _box() -> Table:
    return Table(box=box.ROUNDED, expand=True, header_style="")


def _units(lagging: tuple[Lagging, ...], pulse: Pulse, width: int) -> Table:
    n = len(lagging)
    table = Table(
        title=Text.assemble((f"{n} đơn vị chậm nhất", "bold"), (f" · The {n} units that lag most", "dim")),
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        expand=True,
        pad_edge=False,
        header_style="",
    )
    roomy = width >= _ALL_COLUMNS
    names, causes = (1, 1) if _CAUSES_IN_BOTH <= width < _NAMES_IN_BOTH else (3, 2)
    table.add_column("", justify="right", style="dim")
    table.add_column(_heading("Đơn vị", "Unit"), ratio=names, no_wrap=True)
    table.add_column(_heading("Quá hạn", "Overdue", "bold red"), justify="right", style="bold red")
    table.add_column(_heading("Chậm nhất", "Days late"), justify="right")
    if roomy:
        table.add_column(_heading("Cũ nhất", "Oldest"), justify="right")
        table.add_column(_heading("Đúng hạn       n", "On time        n"), justify="right")
    table.add_column(_heading("Thường do", "Most often"), ratio=causes, no_wrap=True)
    for place, unit in enumerate(lagging, 1):
        english = f" · {unit.name_en}" if width >= _NAMES_IN_BOTH else ""
        oldest = f"{unit.oldest.astimezone(pulse.now.tzinfo):%d/%m}" if unit.oldest else "–"
        on_time = f"{percent(unit.on_time_rate)}  {count(unit.completed):>6}"
        table.add_row(
            str(place),
            Text.assemble(unit.name, (english, "dim")),
            count(unit.overdue),
            days(unit.worst_overdue_s),
            *((oldest, on_time) if roomy else ()),
            _why(unit, in_both=width >= _CAUSES_IN_BOTH),
        )
    return table


def _why(unit: Lagging, *, in_both: bool) -> Text:
    words = NOT_NAMED if unit.why is None else CAUSES[unit.why.cause]
    return Text.assemble(words["vi"], (f" · {words['en']}" if in_both else "", "dim"))


def _heading(vietnamese: str, english: str, style: str = "default") -> Text:
    return Text.assemble((vietnamese, style), "\n", (english, "dim"))


def _vi(name: str) -> str:
    """The Vietnamese title, without what stands in brackets there."""
    return number(name).title_vi.split(" (")[0]


def _en(name: str) -> str:
    """The English title, short: what awaits does so at the counter."""
    return number(name).title_en.removesuffix(" reception")
