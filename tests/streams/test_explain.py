"""Every case explains itself, through the code that computes the numbers."""

from __future__ import annotations

from streams import ledger as ledgers
from streams.case import WAITING
from streams.explain import Explanation, explain
from streams.fold import fold
from streams.words import Words
from tests.city import RULES
from tests.oracle import histories, story
from tests.oracle.model import Event
from tests.streams.test_fold import packed, seen


def explained(events: list[Event], now: int, profile: str = "one_stop") -> Explanation:
    return explain(ledgers.unpack(packed(events)), RULES[profile], now)


def sentences(told: Explanation, language: int) -> list[str]:
    words = Words(RULES["one_stop"].default_calendar)
    lines = []
    for step in told.steps:
        lines.append(f"{words.moment(step.at)} {step.what[language]}")
        lines += [f"  {sentence[language]}" for sentence in step.sentences]
    lines += [words.span(*span)[language] for span in told.spans]
    return lines


def test_the_explained_case_is_the_case_of_the_numbers_and_names_every_event() -> None:
    for profile in RULES:
        for seed in range(150):
            events, now = histories.random_history(seed)

            told = explained(events, now, profile)

            case = fold(ledgers.unpack(packed(events)), RULES[profile], now)
            assert {step.event_id for step in told.steps} >= {event["event_id"] for event in events}
            if told.case is None:
                assert case.is_empty
            else:
                assert seen(told.case, now) == seen(case, now)


def test_the_spans_of_the_clock_add_up_to_the_times_of_the_case() -> None:
    for seed in range(300):
        events, now = histories.random_history(seed)
        told = explained(events, now)
        if told.case is None or told.case.phase == WAITING or told.case.beyond or not told.spans:
            continue
        case, times = told.case, seen(told.case, now)
        of_kind = {
            kind: sum(s.working_us for s in told.spans if s.kind == kind) for kind in ("runs", "suspended")
        }
        if case.first_ended_at and case.first_ended_at < case.received_at:
            continue  # ended before the receipt: there is no span from the one to the other
        assert of_kind["suspended"] == times["suspended_us"], seed
        assert of_kind["runs"] == times["elapsed_us"], seed


def test_a_suspension_over_tet_is_told_with_its_reasons() -> None:
    told = (
        story.Story()
        .then("received", "2025-01-20 09:00", procedure_code="P-days")
        .then("suspended", "2025-01-22 10:00")
        .then("resumed", "2025-02-04 10:00")
        .then("completed", "2025-02-05 11:00")
    )

    lines = sentences(explained(told.events, story.at("2025-02-10 08:00")), 1)

    assert lines == [
        "20/01/2025 09:00 Received (received)",
        "  Status: in process, the clock runs.",
        "  Held by: ward.",
        "  Due by the allotted time: 23/01/2025 09:00.",
        "  Received at 09:00 2025-01-20.",
        "  Allotted time: 3 working days.",
        "  Due at 09:00 2025-01-23.",
        "  First promise: 23/01/2025 09:00.",
        "  Dates are compared: in time to 23/01/2025 23:59:59.",
        "22/01/2025 10:00 Suspended (suspended)",
        "  Status: suspended, the clock stands still.",
        "04/02/2025 10:00 Resumed (resumed)",
        "  Status: in process, the clock runs.",
        "  The due moved from 23/01/2025 09:00 to 05/02/2025 09:00, by the working time the clock stood still.",
        "  Dates are compared: in time to 05/02/2025 23:59:59.",
        "04/02/2025 17:00 The moment came",
        "  Counts in: Due soon.",
        "05/02/2025 11:00 Completed (completed)",
        "  Status: completed.",
        "  Ended after 26:00 h (3.2 working days), on time.",
        "20/01/2025 09:00 – 22/01/2025 10:00: runs, 17:00 h (2.1 working days)",
        "22/01/2025 10:00 – 04/02/2025 10:00: stands (suspended), 32:00 h (4.0 working days)",
        "04/02/2025 10:00 – 05/02/2025 11:00: runs, 9:00 h (1.1 working days)",
    ]
