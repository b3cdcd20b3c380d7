"""The board of units against the plain sum: it adds up only what changed, and must not differ by a digit."""

from __future__ import annotations

import random
from typing import Any

from schemas.columns import UNIT_NOW_COLUMNS
from schemas.unit_partial import UnitPartial
from streams import numbers
from streams.units import UnitBoard
from tests.city import CITY, RULES

RULE = RULES["one_stop"]
CODES = [*(unit.code for unit in CITY.units), "unknown", ""]
COUNTED = ("received", "overdue", "in_time", "completed_late", "transferred_in", "transferred_in_tree")


def buckets(chance: random.Random) -> dict[int, tuple[int, int]]:
    return {chance.randrange(500): (chance.randint(1, 5), chance.randint(1, 10**6)) for _ in range(3)}


def snapshot(chance: random.Random) -> dict[str, Any]:
    return {
        "counts": {name: chance.randint(0, 9) for name in COUNTED},
        "processing": buckets(chance),
        "open_age": buckets(chance),
        "worst_overdue_us": chance.choice((None, chance.randint(1, 10**12))),
    }


def told(rows: list[Any]) -> dict[tuple[str, str], list[Any]]:
    return {(row[0], row[1]): list(row[4:-3]) for row in rows}


def added_up(partitions: dict[int, dict[str, Any]], shown: set[tuple[str, str]]) -> dict[Any, list[Any]]:
    """The same rows from everything that was said."""
    own = numbers.merge(partitions.values())
    found = {}
    for code, scope in shown:
        if code == numbers.EVERYTHING:
            row = numbers.whole(own.values())
        elif scope == "own":
            row = numbers.own(own.get(code, numbers.Totals()))
        else:
            row = numbers.tree(code, [t for each, t in own.items() if code in RULE.path(each)], own)
        found[code, scope] = list(row.values())
    return found


def test_what_changed_gives_the_rows_that_everything_added_up_anew_gives() -> None:
    for seed in range(20):
        chance = random.Random(seed)
        board, partitions = UnitBoard(RULE), dict[int, dict[str, Any]]()
        for moment in range(30):
            number, full = chance.randrange(3), chance.random() < 0.1
            changed = {code: snapshot(chance) for code in chance.sample(CODES, chance.randint(0, 2))}
            partitions[number] = ({} if full else partitions.get(number, {})) | changed
            board.take(UnitPartial(partition=number, epoch=1, full=full, as_of=moment, units=changed))
            if chance.random() < 0.5:
                rows, _ = board.rows(moment)
                assert told(rows) == added_up(partitions, set(told(rows)))
                above = {(code, "tree") for each in changed if each for code in RULE.path(each)}
                assert above <= set(told(rows))
                assert "" not in {code for code, _ in told(rows)}
                assert not board.changed


def test_every_unit_of_the_city_has_rows_before_anything_was_said() -> None:
    rows, unbalanced = UnitBoard(RULE).rows(0)

    assert {row[0] for row in rows} == {unit.code for unit in CITY.units} | {numbers.EVERYTHING}
    assert {len(row) for row in rows} == {len(UNIT_NOW_COLUMNS)}
    assert unbalanced == 0


def test_an_older_epoch_is_not_heard_any_more() -> None:
    board = UnitBoard(RULE)
    new, old = ({"ward": snapshot(random.Random(n))} for n in range(2))
    board.take(UnitPartial(partition=0, epoch=2, full=True, as_of=0, units=new))
    board.take(UnitPartial(partition=0, epoch=1, full=True, as_of=0, units=old))

    rows, _ = board.rows(0)

    assert told(rows) == added_up({0: new}, set(told(rows)))
