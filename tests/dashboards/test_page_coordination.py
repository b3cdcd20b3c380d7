"""The page on who waits for whom."""

from dashboards.board.model.facts import Pair
from dashboards.board.pages.coordination import LISTED, MATRIX
from tests.dashboards.board_kit import KitBoard, board
from tests.dashboards.html_check import faults, read
from tests.dashboards.page_reader import context, show


class Quiet(KitBoard):
    def pairs(self, _unit_id: str | None = None) -> list[Pair]:
        return []


def test_the_list_begins_with_the_pair_that_waits_most_and_ends_with_the_hidden_ones() -> None:
    waiting = context("coordination")["waiting"].rows
    numbers = [pair.waiting for pair in waiting]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 0
    assert all(pair.waiting or "waiting" in pair.hidden for pair in waiting)
    assert "waiting" in waiting[-1].hidden


def test_the_matrix_holds_the_pairs_that_wait_most_and_no_more_than_fit() -> None:
    matrix = context("coordination", board(700))["matrix"]
    most = max(board(700).pairs(), key=lambda pair: pair.waiting)
    assert len(matrix.waiting) <= MATRIX
    assert len(matrix.waited_for) <= MATRIX
    assert matrix.pairs[most.unit_id, most.other_id] == most
    assert matrix.most == most.waiting
    assert all(any((row, column) in matrix.pairs for column in matrix.waited_for) for row in matrix.waiting)


def test_a_hidden_number_of_a_pair_is_named_as_such_and_never_shown_as_zero() -> None:
    shown = show("coordination", "en")
    hidden = next(pair for pair in context("coordination")["waiting"].rows if "waiting" in pair.hidden)
    row = next(each for each in shown.fragments["waiting"].split("</tr>") if f'/{hidden.unit_id}"' in each)
    assert row.count("hidden</span>") == 2
    assert "so that nobody can be recognised" in shown.text


def test_a_long_list_is_cut_and_says_how_many_rows_are_missing() -> None:
    waiting = context("coordination", board(700))["waiting"]
    assert len(waiting.rows) == LISTED
    shown = show("coordination", "en", of=board(700))
    assert f"none of them greater: {waiting.all - LISTED}." in shown.text
    assert 'href="/api/v1/coordination"' in shown.html


def test_answers_are_the_asked_units_own_numbers_the_most_overdue_first() -> None:
    shown = show("coordination", "en")
    answers = context("coordination")["answers"].rows
    overdue = [each.figures["consultations_overdue"].value for each in answers]
    assert overdue == sorted(overdue, reverse=True)
    first = board(40).period(answers[0].unit_id, "own", "30d")
    row = read(shown.fragments["answers"].split("</tr>")[0] + "</tr>").text
    for name in ("consultations_open", "consultations_overdue", "consultations_answered_late"):
        assert f"{first[name].value}" in row.split()


def test_units_are_named_and_linked() -> None:
    shown = show("coordination", "en")
    pair = context("coordination")["waiting"].rows[0]
    first = shown.fragments["waiting"].split("</tr>")[0]
    assert f'href="/en/units/{pair.unit_id}"' in first
    assert f'href="/en/units/{pair.other_id}"' in first
    assert str(pair.waiting) in read(first + "</tr>").text.split()


def test_inherited_lateness_and_hand_backs_have_lists_of_their_own() -> None:
    found = context("coordination")
    assert found["inherited"].rows[0].inherited_overdue > found["inherited"].rows[-1].inherited_overdue
    assert found["back"].rows[0].handed_back > found["back"].rows[-1].handed_back
    assert {"inherited", "back"} <= set(show("coordination").fragments)


def test_where_nobody_waits_the_page_says_so_in_both_languages() -> None:
    city = board(8)
    quiet = Quiet(city.year, city.units, city.procedures, city.reporting)
    shown = show("coordination", "en", of=quiet)
    assert faults(shown.html) == []
    assert "No case waits for another unit at present" in shown.text
    assert "Nothing was handed over when it was overdue" in shown.text
    assert "Hiện không có hồ sơ nào chờ đơn vị khác" in show("coordination", "vi", of=quiet).text


def test_a_unit_that_the_lists_do_not_know_is_shown_by_its_code() -> None:
    city = board(8)
    units = {code: unit for code, unit in city.units.items() if code != "H99.101"}
    strange = KitBoard(city.year, units, city.procedures, city.reporting)
    assert "H99.101" in show("coordination", "en", of=strange).text
