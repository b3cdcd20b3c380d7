from datetime import date, time
from pathlib import Path

import pytest

from schemas.calendar import always
from schemas.city import City, CityError, load_city
from schemas.events import KINDS, PRIORITIES, SUSPENSION_REASONS
from schemas.moment import EPOCH_DAY, HOUR_US
from schemas.procedure import Allotted
from schemas.thresholds import DEFAULT_RECEPTION_HOURS, DEFAULT_SUSPENSION_DAYS, Thresholds

TODAY = date(2026, 11, 24)
UNITS = """code,name,name_en,kind,parent,calendar,valid_from,valid_to,succeeded_by,head_post
H26,UBND thành phố Hà Nội,Hanoi,city,,,,,,Chủ tịch
H26.12,Sở Tư pháp,,department,H26,weekend,2025-07-01,,,
H26.12.1,"Phòng Hộ tịch, quốc tịch",,division,H26.12,,,,,
H26.100,UBND phường Hoàn Kiếm,,ward,H26,,,,,
H26.9,Quận Hoàn Kiếm,,other,H26,,,2025-06-30,H26.100,
"""
PROCEDURES = """code,name,allotted,allotted_unit,cutoff,valid_from,authority_level,field
1.001193,Đăng ký khai sinh,1,working_day,15:00,2025-01-01,ward,Hộ tịch
1.001193,Đăng ký khai sinh,3,working_day,,,ward,Hộ tịch
2.000815,Chứng thực,,,,,,
"""
WEEKEND = """zone: Asia/Ho_Chi_Minh
weekly:
  saturday: ['08:00-11:30']
overrides:
  2026-01-02: {status: closed, reason: x}
"""


def folder(path: Path, **files: str) -> Path:
    (path / "calendars").mkdir()
    lists = {"units.csv": UNITS, "procedures.csv": PROCEDURES, "calendars/weekend.yaml": WEEKEND} | files
    for name, content in lists.items():
        (path / name).write_text(content, encoding="utf-8")
    return path


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH_DAY


def test_a_city_is_read_from_its_folder(tmp_path: Path) -> None:
    city = load_city(folder(tmp_path), TODAY)

    assert [unit.code for unit in city.units] == ["H26", "H26.12", "H26.12.1", "H26.100", "H26.9"]
    assert city.by_code["H26.12.1"].name == "Phòng Hộ tịch, quốc tịch"
    assert city.children["H26"] == ("H26.12", "H26.100", "H26.9")
    assert list(city.above("H26.12.1")) == ["H26.12", "H26"]
    assert list(city.above("nowhere")) == []
    assert sorted(city.calendars) == ["always", "hanoi", "weekend"]
    assert city.calendars["weekend"].horizon == date(2027, 12, 31)


def test_a_unit_works_by_its_own_calendar_or_that_of_the_unit_above_or_the_default(tmp_path: Path) -> None:
    city = load_city(folder(tmp_path), TODAY)

    assert city.by_code["H26.12.1"].calendar == "weekend"
    assert city.calendar_of("H26.12.1").name == "weekend"
    assert city.calendar_of("H26.100").name == "hanoi"
    assert city.calendar_of("unknown").name == "hanoi"
    assert load_city(tmp_path, TODAY, "always").calendar_of("H26.100").name == "always"
    assert city.only_calendar("always").calendar_of("H26.12").name == "always"


def test_the_version_of_a_procedure_in_force_on_the_day_is_found(tmp_path: Path) -> None:
    city = load_city(folder(tmp_path), TODAY)

    before, after = (
        city.procedure("1.001193", day("2024-12-31")),
        city.procedure("1.001193", day("2025-01-01")),
    )

    assert before is not None
    assert after is not None
    assert before.allotted == Allotted(amount=3, unit="working_day")
    assert (after.allotted, after.cutoff) == (Allotted(amount=1, unit="working_day"), time(15))
    assert city.procedure("nowhere", day("2025-01-01")) is None


def test_of_an_empty_folder_and_of_none_only_the_shipped_calendars_are_known(tmp_path: Path) -> None:
    for city in (load_city(tmp_path, TODAY), load_city(None, TODAY)):
        assert (city.units, city.procedures) == ((), ())
        assert sorted(city.calendars) == ["always", "hanoi"]
        assert city.version == load_city(None, TODAY).version
    assert City.empty(always()).calendar_of("any").name == "always"


def test_a_city_has_the_limits_of_the_specification_unless_it_sets_its_own(tmp_path: Path) -> None:
    default = load_city(None, TODAY)
    own = "due_soon_hours: 16\nreception_hours:\n  feedback: {urgent: 2.5}\nsuspension_days: {payment: 5}\n"
    own += "silence_days: {source: 0.5}\n"

    city = load_city(folder(tmp_path, **{"thresholds.yaml": own}), TODAY)

    assert default.due_soon_hours == 8
    assert [
        default.reception_limit_hours("dossier", each) for each in ("urgent", "normal", "complex", None)
    ] == [4, 8, 8, 8]
    assert city.due_soon_hours == 16
    assert city.reception_limit_hours("feedback", "urgent") == 2.5
    assert city.reception_limit_hours("feedback", "normal") == 8
    assert city.reception_limit_hours("unheard of", None) == 8
    assert city.suspension_limit_us("payment") == 40 * HOUR_US
    assert city.suspension_limit_us("supplement") == default.suspension_limit_us("supplement")
    assert default.thresholds.silence_days == {"unit": 3, "source": 1}
    assert city.thresholds.silence_days == {"unit": 3, "source": 0.5}


def test_when_silence_is_told_moves_no_number_and_makes_no_new_version() -> None:
    assert Thresholds(silence_days={"unit": 9}).version == Thresholds().version
    assert Thresholds(suspension_days={"payment": 9}).version != Thresholds().version


def test_every_kind_priority_and_reason_has_a_limit() -> None:
    assert set(DEFAULT_RECEPTION_HOURS) == set(PRIORITIES)
    assert set(DEFAULT_SUSPENSION_DAYS) == set(SUSPENSION_REASONS)
    assert set(Thresholds().reception_hours) == set(KINDS)
    assert set(Thresholds().suspension_days) == set(SUSPENSION_REASONS)


def test_the_version_of_a_city_follows_each_of_its_lists(tmp_path: Path) -> None:
    for name in "abcdef":
        (tmp_path / name).mkdir()
    cities = [
        load_city(folder(tmp_path / "a"), TODAY),
        load_city(folder(tmp_path / "b", **{"units.csv": UNITS.replace("Sở Tư pháp", "Sở Nội vụ")}), TODAY),
        load_city(folder(tmp_path / "c", **{"procedures.csv": PROCEDURES.replace("15:00", "14:00")}), TODAY),
        load_city(folder(tmp_path / "d", **{"thresholds.yaml": "due_soon_hours: 4"}), TODAY),
        load_city(
            folder(tmp_path / "e", **{"calendars/weekend.yaml": WEEKEND.replace("11:30", "12:00")}), TODAY
        ),
        load_city(tmp_path / "a", TODAY, "always"),
    ]

    assert len({city.version for city in cities}) == len(cities)
    assert load_city(folder(tmp_path / "f"), TODAY).version == cities[0].version


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("units.csv", UNITS.replace("H26.12.1,", "H26.12,"), "units.csv:4: unit H26.12 is there twice"),
        (
            "units.csv",
            UNITS.replace(",ward,H26,", ",ward,H27,"),
            "units.csv:5: parent H27 is not in the list",
        ),
        (
            "units.csv",
            UNITS.replace(",H26.100,\n", ",H26.101,\n"),
            "units.csv:6: succeeded_by H26.101 is not in the list",
        ),
        ("units.csv", UNITS.replace(",weekend,", ",nights,"), "units.csv:3: there is no calendar nights"),
        (
            "units.csv",
            UNITS.replace(",city,,", ",city,H26.12.1,"),
            "units are above each other in a circle (H26 -> H26.12.1 -> H26.12 -> H26)",
        ),
        ("units.csv", UNITS.replace(",ward,", ",village,"), "units.csv:5: kind: "),
        (
            "units.csv",
            UNITS.replace("2025-07-01,,", "2025-07-01,2025-06-01,"),
            "units.csv:3: valid_to is before valid_from",
        ),
        (
            "units.csv",
            UNITS.replace('"Phòng Hộ tịch, quốc tịch"', "Phòng Hộ tịch, quốc tịch"),
            "units.csv:4: 11 cells under 10 columns",
        ),
        ("units.csv", UNITS.replace("head_post", "boss"), "units.csv:1: there is no column 'boss'"),
        ("units.csv", UNITS.replace("name_en", "name"), "units.csv:1: column name is there twice"),
        ("units.csv", "name,kind\nHanoi,city\n", "units.csv:1: column code is missing; add it"),
        ("units.csv", 'code,name,kind\n"a', "units.csv:2: not CSV"),
        (
            "procedures.csv",
            PROCEDURES.replace(",3,working_day", ",0.5,working_day"),
            "procedures.csv:3: allotted.amount: ",
        ),
        (
            "procedures.csv",
            PROCEDURES.replace(",3,working_day", ",3,"),
            "procedures.csv:3: allotted and allotted_unit go together",
        ),
        (
            "procedures.csv",
            PROCEDURES.replace(",3,working_day", ",3,fortnight"),
            "procedures.csv:3: allotted.unit: ",
        ),
        (
            "procedures.csv",
            PROCEDURES.replace("15:00,2025-01-01", "15:00,"),
            "procedures.csv:3: procedure 1.001193 has two versions",
        ),
        ("procedures.csv", PROCEDURES.replace("15:00", "3pm"), "procedures.csv:2: cutoff: "),
        (
            "calendars/weekend.yaml",
            WEEKEND + "name: other\n",
            "weekend.yaml: the calendar calls itself other",
        ),
        ("calendars/weekend.yaml", "zone: [", "weekend.yaml:1: not YAML"),
        ("calendars/weekend.yaml", "- zone", "weekend.yaml: not a mapping"),
        (
            "calendars/weekend.yaml",
            WEEKEND.replace("11:30", "25:00"),
            "weekend.yaml: weekly.saturday: '08:00-25:00' names a time",
        ),
        ("thresholds.yaml", "due_soon_hours: 0", "thresholds.yaml: due_soon_hours: "),
        (
            "thresholds.yaml",
            "reception_hours: {dossier: {urgent: -1}}",
            "thresholds.yaml: reception_hours: a limit is more than 0",
        ),
        ("thresholds.yaml", "reception_hours: [1]", "thresholds.yaml: reception_hours: "),
        ("thresholds.yaml", "suspension_days: {nothing: 1}", "thresholds.yaml: suspension_days.nothing"),
        (
            "thresholds.yaml",
            "silence_days: {source: 0}",
            "thresholds.yaml: silence_days: a limit is more than 0",
        ),
        ("thresholds.yaml", "silence_days: {officer: 1}", "thresholds.yaml: silence_days.officer"),
        ("thresholds.yaml", "speed: 1", "thresholds.yaml: speed: "),
    ],
)
def test_a_wrong_list_is_one_line_that_says_where_and_what_to_do(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    base = folder(tmp_path, **{name: content})

    with pytest.raises(CityError) as caught:
        load_city(base, TODAY)

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value)


def test_lists_that_are_not_utf8_or_not_there_are_one_line_too(tmp_path: Path) -> None:
    base = folder(tmp_path)
    (base / "units.csv").write_bytes(b"code,name,kind\nH26,H\xe0 N\xf4i,city\n")

    with pytest.raises(CityError, match="not UTF-8; save it as CSV UTF-8"):
        load_city(base, TODAY)
    with pytest.raises(CityError, match="there is no such folder"):
        load_city(tmp_path / "missing", TODAY)
    with pytest.raises(CityError, match="there is no calendar 'nights'; choose one of always, hanoi"):
        load_city(None, TODAY, "nights")


def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    base = folder(tmp_path)
    (base / "units.csv").write_bytes(
        b"\xef\xbb\xbf" + UNITS.replace("\n", "\r\n").encode() + b",,,,,,,,,\r\n"
    )

    assert len(load_city(base, TODAY).units) == 5
