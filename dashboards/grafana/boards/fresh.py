"""How old numbers are: what descriptions say of it, and the panels that tell it."""

from __future__ import annotations

from dashboards.grafana import panels
from dashboards.grafana.columns import Column
from dashboards.grafana.text import Text


def ago(moment: str) -> str:
    """SQL: whole seconds since the newest moment; null: there is none."""
    return f"if(count() = 0, NULL, greatest(0, dateDiff('second', max({moment}), now64(6))))"


def newest(text: Text, views: str = "v_") -> panels.Panel:
    """Seconds since the newest event came."""
    return panels.stat(
        text("Sự kiện mới nhất", "Newest event"),
        text(
            "Thời gian từ khi sự kiện mới nhất của bất kỳ nguồn nào đến nơi.",
            "Time since the newest event of any source came.",
        ),
        f"SELECT {ago('last_ingested_at')} AS silent FROM {views}sources",
        [
            Column(
                name="silent",
                title=text("Từ sự kiện mới nhất", "Since the newest event"),
                unit="s",
                decimals=0,
            )
        ],
        empty=text("chưa có sự kiện nào", "no event yet"),
    )


def freshness(text: Text, views: str = "v_") -> panels.Panel:
    """How old the numbers are: the moment they count up to, and when what is dear to compute was last computed."""
    return panels.stat(
        text("Số liệu đến", "How fresh?"),
        text(
            "Thời điểm mà mọi sự kiện đã được tính, và lần tính gần nhất của tốc độ, phân chia và nguyên nhân.",
            "The moment up to which all events are counted, and that of the last computation of speed, breakdowns and "
            "causes.",
        ),
        f"SELECT (SELECT toUnixTimestamp64Milli(as_of) FROM {views}city_now) AS as_of, "
        f"(SELECT if(count() = 0, NULL, toUnixTimestamp64Milli(max(as_of))) FROM {views}summaries) AS summaries",
        [
            Column(name="as_of", title=text("Trực tiếp", "Live"), unit="time:DD/MM HH:mm:ss"),
            Column(
                name="summaries",
                title=text("Tốc độ, phân chia", "Speed, breakdowns"),
                unit="time:DD/MM HH:mm:ss",
            ),
        ],
        empty=text("chưa được tính", "not computed yet"),
        value_size=22,
        across=False,
    )


def live(text: Text) -> str:
    """For a description: counted live."""
    return text(
        "Tính trực tiếp: sự kiện đến là được đếm. 30 ngày là hôm nay và 29 ngày trước.",
        "Counted live, as events come. 30 days are today and the 29 days before.",
    )


def computed(text: Text) -> str:
    """For a description: computed now and then."""
    return text(
        "Được tính lại theo chu kỳ (đến lúc nào: ô “Số liệu đến”). Một ngày làm việc có 8 giờ.",
        "Computed anew now and then (as of: “How fresh?”). A working day has 8 hours.",
    )


def corrected(text: Text) -> str:
    """For a description: the past may change."""
    return text(
        "Sự kiện đến muộn thay đổi những ngày đã qua. Ngày cuối là hôm nay, chưa hết.",
        "Late events change days that have passed. The last day is today, not over yet.",
    )
