"""What a worker's samples tell: whatever is skipped or lost on the way, growth adds up to what was counted."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.exposition import grows
from schemas.worker_metrics import SAMPLE_COLUMNS, SENTENCES, Gauge, Metric, column
from streams.samples import Samples

GAUGES = dict.fromkeys(Gauge, 0.0)
steps = st.lists(
    st.tuples(st.integers(0, 50), st.sampled_from(["confirmed", "skipped", "landed unconfirmed"])),
    max_size=30,
)


def told(samples: Samples, at: int, counted: dict[Metric, float]) -> dict[str, Any]:
    """A sample by its columns."""
    return dict(zip(SAMPLE_COLUMNS, samples.take(at, [0, 2], GAUGES, counted), strict=True))


@given(steps)
def test_the_growth_in_the_table_is_what_was_counted_up_to_its_latest_sample(
    story: list[tuple[int, str]],
) -> None:
    samples = Samples("w", "r", "c", began=0)
    counted: dict[Metric, float] = dict.fromkeys(Metric, 0)
    table: dict[int, dict[str, Any]] = {}
    latest = 0.0

    for place, (events, fate) in enumerate(story, 1):
        counted[Metric.EVENTS] += events
        sample = told(samples, place * 10, counted)
        if fate != "skipped":
            table[sample["since"]] = sample  # of one since the latest stays, as the table has it
            latest = counted[Metric.EVENTS]
        if fate == "confirmed":
            samples.confirmed()

    assert sum(each["events"] for each in table.values()) == latest
    assert all(each["since"] < each["at"] for each in table.values())


def test_a_clock_that_is_set_back_ends_no_sample_before_its_beginning() -> None:
    samples = Samples("w", "r", "c", began=1_000)

    sample = told(samples, 400, dict.fromkeys(Metric, 0))

    assert (sample["since"], sample["at"]) == (1_000, 1_001)


def test_what_only_stands_is_told_as_it_stands_and_what_grows_as_its_growth() -> None:
    samples = Samples("w", "r", "c", began=0)
    told(samples, 10, dict.fromkeys(Metric, 5))
    samples.confirmed()

    sample = told(samples, 20, dict.fromkeys(Metric, 7))

    assert (sample["records"], sample["summary_cells"], sample["insert_seconds"]) == (2, 7, 2.0)
    assert (sample["since"], sample["at"], sample["partitions"], sample["worker"]) == (10, 20, [0, 2], "w")


def test_every_number_of_a_worker_has_a_column_and_a_sentence_in_both_languages() -> None:
    names = [*Gauge, *Metric]

    assert [column(name) for name in names] == list(SAMPLE_COLUMNS)[-len(names) :]
    assert set(SENTENCES) == set(names)
    assert all(said.vi.endswith(".") and said.en.endswith(".") for said in SENTENCES.values())
    assert not grows(Gauge.LAG)
