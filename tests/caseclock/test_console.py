"""Progress: a bar in a terminal, plain lines elsewhere, nothing on stdout."""

import io
import sys

import pytest

from caseclock.console import Lines, progress, say
from caseclock.console_bar import Bar


class HandClock:
    """Seconds, moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_plain_lines_come_every_few_seconds_and_at_the_end() -> None:
    stream, clock = io.StringIO(), HandClock()

    with Lines("replay", 1_000, "events", stream, clock) as lines:
        for second in range(1, 12):
            clock.now = 100.0 + second
            lines.show(done=90 * second, count=10_000 * second)

    assert stream.getvalue().splitlines() == [
        "replay: 45 %, 50 000 events, 10 000/s",
        "replay: 90 %, 100 000 events, 10 000/s",
        "replay: 110 000 events in 11.0 s",
    ]


def test_without_a_total_there_is_no_share() -> None:
    stream, clock = io.StringIO(), HandClock()

    with Lines("ingest", None, "events", stream, clock) as lines:
        clock.now += 5
        lines.show(done=0, count=10)

    assert stream.getvalue().splitlines()[0] == "ingest: 10 events, 2/s"


def test_what_broke_off_does_not_look_finished() -> None:
    stream = io.StringIO()

    with pytest.raises(ValueError, match="x"), Lines("ingest", None, "events", stream, HandClock()):
        raise ValueError("x")

    assert stream.getvalue() == "ingest: 0 events in 0.0 s, not finished\n"


@pytest.mark.parametrize("total", [1_000, None])
def test_a_terminal_gets_a_bar(total: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    stream = io.StringIO()

    with Bar("replay", total, "events", stream) as bar:
        bar.show(done=500, count=407_000)
        bar.note("[a note]")

    assert "407 000 events" in stream.getvalue()
    assert ("50%" in stream.getvalue()) == (total is not None)
    assert "[a note]" in stream.getvalue()


def test_stdout_is_left_to_results(capsys: pytest.CaptureFixture[str]) -> None:
    say("a word")
    with progress("replay") as lines:
        lines.show(done=1, count=1)
        lines.note("a note")

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("a word\na note\nreplay: 1 events in 0.0 s\n")


def test_the_one_in_use_follows_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress("replay") as shown:
        assert isinstance(shown, Bar)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress("replay") as shown:
        assert isinstance(shown, Lines)
