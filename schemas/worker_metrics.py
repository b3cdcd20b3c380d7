"""Every number a worker counts about itself: one registry for /metrics, its samples in ClickHouse and the panels.

A sample (``pipeline_samples``) is what a worker wrote of itself every few seconds: what only grows as its growth
since the sample before, everything else as it stands. A column bears the name that Prometheus shows, less the prefix
and ``_total``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Metric(StrEnum):
    """What the parts of a worker count. Names in Prometheus' form; ``_total`` only ever grows, the others are set."""

    RECORDS = "caseclock_records_total"
    EVENTS = "caseclock_events_total"
    DUPLICATES = "caseclock_duplicate_events_total"
    DEAD_LETTERS = "caseclock_dead_letters_total"
    MISROUTED = "caseclock_misrouted_total"
    FELL_DUE = "caseclock_cases_changed_by_time_total"
    RECOVERED_CASES = "caseclock_recovered_cases_total"
    FLUSHES = "caseclock_flushes_total"
    INSERTS = "caseclock_inserts_total"
    INSERT_SECONDS = "caseclock_insert_seconds_total"
    EVENT_ROWS = "caseclock_event_rows_total"
    CASE_ROWS = "caseclock_case_rows_total"
    UNIT_ROWS = "caseclock_unit_rows_total"
    HELD = "caseclock_waits_for_a_dependency_total"
    IMBALANCE = "caseclock_ledger_imbalance"
    NEWEST_EVENT = "caseclock_newest_event_timestamp_seconds"
    CAUGHT_UP = "caseclock_caught_up"
    SUMMARIES = "caseclock_summaries_total"
    SUMMARY_SECONDS = "caseclock_summary_seconds"
    SUMMARY_CELLS = "caseclock_summary_cells"
    SAMPLES_SKIPPED = "caseclock_samples_skipped_total"


class Gauge(StrEnum):
    """What is looked up when somebody asks, beside the worker's own counters."""

    READY = "caseclock_ready"
    WAITED = "caseclock_oldest_waiting_record_seconds"
    LAG = "caseclock_lag_records"
    CASES = "caseclock_cases_in_memory"


class Both(NamedTuple):
    """A sentence in both languages."""

    vi: str
    en: str


SENTENCES: Final[dict[Metric | Gauge, Both]] = {
    Metric.RECORDS: Both("Số bản ghi đã đọc từ chủ đề sự kiện.", "Records read from the topic of events."),
    Metric.EVENTS: Both("Số sự kiện đã nhận, kể cả trùng lặp.", "Events taken, duplicates included."),
    Metric.DUPLICATES: Both(
        "Số sự kiện đã có từ trước, không làm thay đổi gì.",
        "Events that were there already and changed nothing.",
    ),
    Metric.DEAD_LETTERS: Both(
        "Số bản ghi không đọc được, đã xác nhận ở chủ đề dead-letters.",
        "Records that could not be read, confirmed in the dead-letters topic.",
    ),
    Metric.MISROUTED: Both(
        "Số bản ghi đã gửi lại về đúng phân vùng của hồ sơ.",
        "Records sent again to the partition of their case.",
    ),
    Metric.FELL_DUE: Both(
        "Số hồ sơ chỉ thay đổi do thời gian trôi: sắp đến hạn, quá hạn, sự kiện hẹn trước có hiệu lực.",
        "Cases that time alone has changed: due soon, overdue, a later event taking effect.",
    ),
    Metric.RECOVERED_CASES: Both(
        "Số hồ sơ nạp lại vào bộ nhớ khi nhận phân vùng.",
        "Cases put back into memory when partitions were assigned.",
    ),
    Metric.FLUSHES: Both("Số lần ghi đã bền vững.", "Flushes made durable."),
    Metric.INSERTS: Both(
        "Số khối dòng (sự kiện, hồ sơ, ngày) ClickHouse đã xác nhận.",
        "Blocks of rows (events, cases, days) confirmed by ClickHouse.",
    ),
    Metric.INSERT_SECONDS: Both(
        "Thời gian từ khi trao các khối đó đến khi được xác nhận, kể cả chờ thử lại.",
        "Seconds from handing these blocks over to their confirmation, retries included.",
    ),
    Metric.EVENT_ROWS: Both(
        "Số dòng sự kiện kho dữ liệu đã xác nhận.", "Rows of events confirmed by the store."
    ),
    Metric.CASE_ROWS: Both("Số dòng hồ sơ kho dữ liệu đã xác nhận.", "Rows of cases confirmed by the store."),
    Metric.UNIT_ROWS: Both(
        "Số dòng số liệu đơn vị kho dữ liệu đã xác nhận.", "Rows of units' numbers confirmed by the store."
    ),
    Metric.HELD: Both(
        "Số lần tiến trình phải chờ vì ClickHouse hoặc Kafka không trả lời.",
        "Times the worker waited because ClickHouse or Kafka was away.",
    ),
    Metric.IMBALANCE: Both(
        "Số đơn vị có sổ không cân (nhận + đến - đi - kết thúc - còn); đúng thì bằng 0.",
        "Units whose ledger does not add up (received + in - out - ended - open); 0 when right.",
    ),
    Metric.NEWEST_EVENT: Both(
        "Thời điểm xảy ra của sự kiện mới nhất đã nhận, giây từ 1970.",
        "When the newest event taken happened, seconds since 1970.",
    ),
    Metric.CAUGHT_UP: Both(
        "1 khi mọi thứ trong các phân vùng được giao đã đọc và bền vững, nếu không là 0.",
        "1 when everything in the assigned partitions has been read and is durable, else 0.",
    ),
    Metric.SUMMARIES: Both(
        "Số lần bảng tổng hợp được tính xong tại đây.", "Refreshes of the summaries that were completed here."
    ),
    Metric.SUMMARY_SECONDS: Both(
        "Lần tính bảng tổng hợp gần nhất mất bao lâu.", "How long the last refresh of the summaries took."
    ),
    Metric.SUMMARY_CELLS: Both(
        "Số ô trong lần tính gần nhất: đơn vị theo kỳ, chiều và giá trị.",
        "Cells in the last refresh: units by period, dimension and value.",
    ),
    Metric.SAMPLES_SKIPPED: Both(
        "Số mẫu tự đo của tiến trình mà ClickHouse không nhận.",
        "Samples of the worker's own numbers that ClickHouse did not take.",
    ),
    Gauge.READY: Both(
        "1 khi mọi phân vùng được giao đã nạp lại và các dịch vụ cần thiết trả lời, nếu không là 0.",
        "1 when every assigned partition is recovered and what the worker needs answers, else 0.",
    ),
    Gauge.WAITED: Both(
        "Bản ghi chưa bền vững lâu nhất đã chờ bao lâu.",
        "How long the oldest record that is not durable yet has waited.",
    ),
    Gauge.LAG: Both(
        "Số bản ghi của chủ đề sự kiện chưa bền vững, theo phân vùng.",
        "Records of the topic of events that are not durable yet, by partition.",
    ),
    Gauge.CASES: Both(
        "Số hồ sơ giữ trong bộ nhớ: đang mở và vừa kết thúc, theo phân vùng.",
        "Cases kept in memory: the open ones and those just ended, by partition.",
    ),
}


def column(name: Metric | Gauge) -> str:
    """What it is called in a sample."""
    return name.removeprefix("caseclock_").removesuffix("_total")


def is_fraction(name: Metric | Gauge) -> bool:
    """Whether its values are no whole numbers: seconds."""
    return "seconds" in name


def _type(name: Metric | Gauge) -> str:
    return "Float64" if is_fraction(name) else "Int64"


SAMPLE_COLUMNS: Final[dict[str, str]] = {
    "since": "DateTime64(6, 'UTC')",
    "at": "DateTime64(6, 'UTC')",
    "worker": "LowCardinality(String)",
    "rules": "LowCardinality(String)",
    "calendar": "LowCardinality(String)",
    "partitions": "Array(UInt16)",
    **{column(gauge): _type(gauge) for gauge in Gauge},
    **{column(metric): _type(metric) for metric in Metric},
}
"""One row per worker and sample: ClickHouse type by column.

``at``: when it was taken; ``since``: the moment of the worker's last confirmed sample, or of its start. What grows is
what was added between the two, so that sums over samples are right. A sample is known by ``worker`` and ``since``: one
that landed without being confirmed is replaced by the next. ``rules``, ``calendar``: the versions of the rules in force
and of their default calendar. Of ``lag_records`` and ``cases_in_memory`` the sums over the partitions.
"""
SAMPLE_SECONDS: Final = 10
"""Between two samples."""
SAMPLES_KEPT_DAYS: Final = 30
"""After so many days samples are deleted."""
