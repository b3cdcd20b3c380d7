"""`caseclock ingest`: every record acknowledged or named, every unreadable line buried and counted."""

import gzip
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from caseclock import ingest as module
from caseclock.embedded.broker import embedded_broker
from caseclock.embedded.child import end
from caseclock.grouping import grouped
from caseclock.ingest import Ingested, ingest
from caseclock.sources import Bad, Line, Mapping, Source, SourceError, load_mapping, open_source
from caseclock.sources.records import MOST_BYTES_OF_A_HUGE_LINE
from caseclock.worker import topic_names
from schemas.dead_letter import DeadLetter
from sinks.kafka import KafkaAccess, KafkaUnavailable, Sender
from tests.caseclock.commands_kit import NOBODY, SECRET, caseclock, event, records, settings_of, variables
from tests.conftest import Broker

BAD = [b"no json " + SECRET.encode(), b"", b'{"case_id": "%s"}' % SECRET.encode(), b"[1]"]
WARD = Path(__file__).parent / "data" / "ward_office.csv"
MAPPING = Path(__file__).parents[2] / "docs" / "mappings" / "ward_office.yaml"


def written(folder: Path, *lines: bytes, name: str = "events.ndjson") -> Path:
    path = folder / name
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def test_every_event_arrives_under_its_case_and_every_bad_line_in_the_dead_letters(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    good = [event(f"c{number % 7}", f"e{number}") for number in range(40)]
    file = written(tmp_path, *good[:20], *BAD, *good[20:])

    ended = caseclock(tmp_path, "ingest", file.name, settings=variables(broker, prefix))

    topics = topic_names(prefix)
    found = records(broker, topics.events)
    letters = records(broker, topics.dead_letters)
    assert ended.returncode == 0, ended.stderr
    assert sorted((each.key, each.value) for each in found) == sorted(
        (f"c{number % 7}".encode(), line) for number, line in enumerate(good)
    )
    assert [each.value for each in letters] == [line for line in BAD if line]
    told = [DeadLetter.from_headers(each.headers) for each in letters]
    assert [(each.source, each.line, each.reason, each.field) for each in told] == [
        ("events.ndjson", 21, "not_json", ""),
        ("events.ndjson", 23, "missing_field", "type"),
        ("events.ndjson", 24, "not_an_object", ""),
    ]
    assert ended.stdout == ""
    assert SECRET not in ended.stderr
    said = [line.removeprefix("caseclock ingest: ") for line in ended.stderr.splitlines()]
    assert "40 events acknowledged; 3 lines unreadable" in said
    assert "unreadable: events.ndjson, line 23: missing_field (type)" in said


def test_standard_input_is_a_file_and_strict_tells_of_dead_letters_by_the_exit_code(
    tansu_broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = b"\n".join([event("c1"), *BAD, event("c2")])
    settings = variables(tansu_broker, prefix)

    strict = caseclock(tmp_path, "ingest", "-", "--strict", settings=settings, given=given)
    clean = caseclock(tmp_path, "ingest", "-", "--strict", settings=settings, given=event("c3"))

    assert (strict.returncode, clean.returncode) == (1, 0)
    found = records(tansu_broker, topic_names(prefix).events)
    assert sorted(each.key for each in found) == [b"c1", b"c2", b"c3"]
    assert "unreadable: -, line 1:" not in strict.stderr
    assert "unreadable: -, line 2: not_json" in strict.stderr


def test_a_mapped_file_is_sent_as_native_events(tansu_broker: Broker, prefix: str) -> None:
    done = Ingested()

    ingest([str(WARD)], load_mapping(MAPPING, None), settings_of(tansu_broker, prefix), done)

    found = records(tansu_broker, topic_names(prefix).events)
    assert done.acknowledged == len(found) > 0
    assert len(records(tansu_broker, topic_names(prefix).dead_letters)) == done.dead
    assert all(each.value.startswith(b"{") and b'"schema_version":1' in each.value for each in found)


@pytest.mark.parametrize("second", ["nowhere.ndjson", "table.csv", "."])
def test_a_fault_in_the_last_file_is_told_before_the_first_is_sent(
    second: str, tansu_broker: Broker, prefix: str, tmp_path: Path
) -> None:
    first = written(tmp_path, event("c1"))
    written(tmp_path, b"a,b", name="table.csv")
    done = Ingested()

    with pytest.raises(SourceError):
        ingest([str(first), str(tmp_path / second)], None, settings_of(tansu_broker, prefix), done)

    assert records(tansu_broker, topic_names(prefix).events) == []


def test_what_came_before_the_end_of_a_broken_file_is_sent_and_counted(
    tansu_broker: Broker, prefix: str, tmp_path: Path
) -> None:
    whole = gzip.compress(b"\n".join(event(f"c{number}") for number in range(2_000)))
    (tmp_path / "half.ndjson.gz").write_bytes(whole[: len(whole) // 2])

    ended = caseclock(tmp_path, "ingest", "half.ndjson.gz", settings=variables(tansu_broker, prefix))

    sent = len(records(tansu_broker, topic_names(prefix).events))
    assert ended.returncode == 2
    assert 0 < sent < 2_000
    assert f"caseclock ingest: {grouped(sent)} events acknowledged\n" in ended.stderr
    assert "half.ndjson.gz: the gzip data breaks off" in ended.stderr.splitlines()[-1]


def test_of_a_huge_line_the_beginning_is_buried(tansu_broker: Broker, prefix: str, tmp_path: Path) -> None:
    file = written(tmp_path, event("c1", source="x" * 1_000_000))
    done = Ingested()

    ingest([str(file)], None, settings_of(tansu_broker, prefix), done)

    (letter,) = records(tansu_broker, topic_names(prefix).dead_letters)
    assert len(letter.value) == MOST_BYTES_OF_A_HUGE_LINE
    assert done.reasons == {"too_large": 1}


def killing(process: "subprocess.Popen[bytes]", lines: Iterator[Line | Bad]) -> Iterator[Line | Bad]:
    """The same lines; the process is gone in the middle of them."""
    for count, line in enumerate(lines):
        if count == 250:
            end(process, patience=0)
        yield line


def test_when_kafka_dies_every_line_is_acknowledged_or_named(
    prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "Sender", partial(Sender, deliver_within=3.0, in_flight=100))
    files = [
        str(written(tmp_path, *(event(f"c{n}") for n in range(500)), name=f"{name}.ndjson")) for name in "ab"
    ]
    done = Ingested()
    with embedded_broker() as embedded:
        broker = Broker("tansu", KafkaAccess(bootstrap_servers=embedded.bootstrap_servers), 2.0)
        settings = settings_of(broker, prefix)
        ingest([str(written(tmp_path, event("first"), name="first.ndjson"))], None, settings, Ingested())

        def dies_in_the_middle(path: str, mapping: Mapping | None, now: int) -> Source:
            source = open_source(path, mapping, now)
            source._lines = killing(embedded.process, source._lines)
            return source

        monkeypatch.setattr(module, "open_source", dies_in_the_middle)
        with pytest.raises(KafkaUnavailable):
            ingest(files, None, settings, done)

    assert done.failed.count > 0
    assert f"not sent: {files[1]}, all of it" in list(done.told())
    (rest,) = (line for line in done.rest if "what follows line" in line)
    handed_over = int(rest.rpartition(" ")[2])
    assert done.acknowledged + done.failed.count == handed_over


def test_without_kafka_it_is_one_line_that_says_what_to_do(tmp_path: Path, prefix: str) -> None:
    file = written(tmp_path, event("c1"))

    ended = caseclock(tmp_path, "ingest", file.name, settings=variables(NOBODY, prefix))

    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.count("\n") == 1
    assert "CASECLOCK_KAFKA__BOOTSTRAP_SERVERS" in ended.stderr
