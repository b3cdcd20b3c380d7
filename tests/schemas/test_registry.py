import re

import pytest

from schemas import anomalies, dead_letter
from schemas.anomalies import Anomaly
from schemas.dead_letter import Reason
from schemas.profile import DEFAULT_PROFILE, PROFILES
from schemas.registry import REGISTRY, UNIT_KEYS, UNIT_NUMBERS, number

PROMISED = """unit_id, unit_name, parent_id,
received, transferred_in, transferred_out, open, in_time, due_soon, overdue, suspended, no_deadline, completed, completed_early, completed_on_time,
completed_late, withdrawn, declined, stopped, on_time_rate, on_time_rate_strict, processing_mean_s, processing_p50_s,
processing_p90_s, open_age_p50_s, open_age_p90_s, worst_overdue_s, anomalies, awaiting, awaiting_overdue, reopened, late_first_promise"""  # noqa: E501 - as it stands in the promise


def test_the_columns_of_units_csv_are_the_promised_ones_and_each_is_defined() -> None:
    assert [*UNIT_KEYS, *UNIT_NUMBERS] == re.split(r",\s+", PROMISED)
    assert set(UNIT_NUMBERS) <= set(REGISTRY)


@pytest.mark.parametrize("name", REGISTRY)
def test_each_number_is_told_in_two_languages_and_made_of_numbers_that_exist(name: str) -> None:
    one = number(name)

    assert one.id == name
    assert all((one.title_vi, one.title_en, one.formula_vi.endswith("."), one.formula_en.endswith(".")))
    assert "  " not in one.formula_vi + one.formula_en
    assert (one.numerator is None) == (one.denominator is None)
    assert {one.numerator, one.denominator} - {None} <= set(REGISTRY)


def test_every_fraction_says_of_what() -> None:
    fractions = [one for one in REGISTRY.values() if one.unit == "fraction"]

    assert fractions
    assert all(one.numerator and one.denominator for one in fractions)


def test_no_two_numbers_have_one_title_and_unknown_ones_are_an_error() -> None:
    assert len({one.title_vi for one in REGISTRY.values()}) == len(REGISTRY)
    assert len({one.title_en for one in REGISTRY.values()}) == len(REGISTRY)
    with pytest.raises(KeyError):
        number("speed")


def test_every_anomaly_and_every_reason_has_a_sentence_in_two_languages() -> None:
    assert set(anomalies.SENTENCES) == set(Anomaly)
    assert set(dead_letter.SENTENCES) == set(Reason)
    for vietnamese, english in (*anomalies.SENTENCES.values(), *dead_letter.SENTENCES.values()):
        assert vietnamese.endswith(".")
        assert english.endswith(".")
        assert vietnamese != english


def test_the_shipped_profiles_are_those_of_the_specification() -> None:
    rows = {
        name: (each.precision, each.stopped, each.second_supplement, each.no_due)
        for name, each in PROFILES.items()
    }

    assert rows == {
        "one_stop": ("date", "pauses", "ignored", "statutory"),
        "national_766": ("date", "ends", "late", "statutory"),
        "instant": ("instant", "ends", "ignored", "no_deadline"),
    }
    assert DEFAULT_PROFILE == "one_stop"
    assert len({each.version for each in PROFILES.values()}) == 3
