"""`caseclock explain CASE_ID`: the clock of one case in words."""

import argparse
import sys
from collections.abc import Iterator

from caseclock.city import prepare, rules_of
from caseclock.clocks import WallClock
from caseclock.errors import CaseclockError, ExitCode
from caseclock.services import open_store
from caseclock.settings import Settings
from streams.explain import Explanation, explain
from streams.ledger import unpack
from streams.words import Words


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Explain on stdout: Vietnamese, then English."""
    rules = rules_of(settings)
    store = open_store(settings)
    try:
        found = prepare(store, rules).ledgers([args.case_id])
    finally:
        store.close()
    if not found:
        raise CaseclockError(f"there is no case {args.case_id!r} in {store.database}; is its id right?")
    _, ledger, _ = found[0]
    explanation = explain(unpack(ledger), rules, WallClock().now())
    words = Words(explanation.case.calendar if explanation.case else rules.default_calendar)
    for language, heads in enumerate((_VIETNAMESE, _ENGLISH)):
        sys.stdout.writelines(
            f"{line}\n" for line in _lines(args.case_id, explanation, words, heads, language)
        )
    return ExitCode.DONE


_VIETNAMESE = ("Hồ sơ", "tính đến", "Sự kiện", "không làm thay đổi gì", "Sổ đồng hồ", "Kết quả")
_ENGLISH = ("Case", "as of", "Events", "changes nothing", "Ledger of the clock", "Result")


def _lines(
    case_id: str, told: Explanation, words: Words, heads: tuple[str, ...], language: int
) -> Iterator[str]:
    case, as_of, events, nothing, ledger, result = heads
    yield f"{case} {case_id}, {as_of} {words.moment(told.now)}"
    yield f"\n{events}"
    for step in told.steps:
        name = f"  [{step.event_id}]" if step.event_id is not None else ""
        yield f"  {words.moment(step.at)}  {step.what[language]}{name}"
        for sentence in step.sentences:
            yield f"      {sentence[language]}"
        if not step.sentences:
            yield f"      {nothing}"
    yield f"\n{ledger}"
    for span in told.spans:
        yield f"  {words.span(*span)[language]}"
    yield f"\n{result}"
    for sentence in told.result:
        yield f"  {sentence[language]}"
    yield ""
