"""Libraries' logs as a person sees them: lines without tracebacks, and of a storm one a minute."""

import logging

from caseclock.logs import LONGEST, OneLine, Seldom


def record(name: str, message: str, *args: object, trace: bool = False) -> logging.LogRecord:
    info = (ValueError, ValueError("Nguyễn Văn A"), None) if trace else None
    return logging.LogRecord(name, logging.ERROR, "x.py", 1, message, args, info)


def test_a_record_is_one_bounded_line_and_shows_no_exception() -> None:
    line = OneLine("run").format(record("caseclock", "waiting:\n%s", "x" * 1000, trace=True))

    assert line.startswith("caseclock run: waiting: xxx")
    assert "\n" not in line
    assert "Nguyễn" not in line
    assert len(line) == LONGEST + len("caseclock run: ")


def test_a_library_is_named_and_where_faust_keeps_a_service_is_not() -> None:
    form = OneLine("run")

    assert form.format(record("aiokafka.conn", "no way")) == "caseclock run: aiokafka: no way"
    assert form.format(record("streams.transport", "[^--Thread]: left")) == "caseclock run: left"


def test_of_a_storm_one_line_a_minute_is_told_and_of_ours_all() -> None:
    now = 1000.0
    seldom = Seldom(lambda: now)

    assert [seldom.filter(record("aiokafka.conn", "%d", n)) for n in range(3)] == [True, False, False]
    assert all(seldom.filter(record("caseclock", "waiting")) for _ in range(3))
    told = 0
    for _ in range(122):
        now += 1.0
        told += seldom.filter(record("aiokafka", "still"))
    assert told == 2


def test_an_exception_is_left_to_who_raises_it() -> None:
    assert not Seldom().filter(record("streams.transport.consumer", "Error while stopping", trace=True))


def test_another_storm_is_told_at_once() -> None:
    now = 1000.0
    seldom = Seldom(lambda: now)
    seldom.filter(record("aiokafka", "the first"))

    now += 6.0

    assert seldom.filter(record("aiokafka", "the second"))
    assert not seldom.filter(record("aiokafka", "the second"))
