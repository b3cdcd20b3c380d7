import gzip
import io
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from caseclock.sources import Bad, Line, SourceError, open_source
from caseclock.sources.lines import split_lines
from caseclock.sources.records import MOST_BYTES_OF_A_HUGE_LINE
from schemas.decode import MAX_LINE_BYTES
from tests.caseclock.sources_kit import NOW, event, read, whys, written

GOOD = event()
DEEP = event()[:-1] + b', "extra": ' + b"[" * 60 + b"]" * 60 + b"}"
BAD = [
    (b'{"event_id": "e', "not_json", ""),
    (b"[1, 2]", "not_an_object", ""),
    (b"\xff" + GOOD, "not_utf8", ""),
    (DEEP, "too_deep", ""),
    (event(case_id=...), "missing_field", "case_id"),
    (event(source=None), "missing_field", "source"),
    (event(type="vanished"), "unknown_type", "type"),
    (event(schema_version=2), "unknown_version", "schema_version"),
    (event(case_id=7), "bad_id", "case_id"),
    (event(event_id="a\u0000b"), "bad_id", "event_id"),
    (event(occurred_at="2026-01-05 09:00"), "malformed_field", "occurred_at"),
    (event(occurred_at="2026-12-24T00:00:00Z"), "time_out_of_range", "occurred_at"),
    (event(type="rated", score=9), "malformed_field", "score"),
    (event(type="completed", outcome="lost"), "unknown_value", "outcome"),
    (event(extra="x" * MAX_LINE_BYTES), "too_large", ""),
]


@pytest.mark.parametrize(("line", "reason", "field"), BAD, ids=[reason for _, reason, _ in BAD])
def test_a_line_that_cannot_be_read_is_dead_and_its_neighbours_are_not(
    tmp_path: Path, line: bytes, reason: str, field: str
) -> None:
    path = written(tmp_path, b"\n".join([event(event_id="a"), line, event(event_id="b")]), "e.ndjson")

    lines, dead = read(path)

    assert [each.event_id for each in lines] == ["a", "b"]
    assert [each.number for each in lines] == [1, 3]
    assert whys(dead) == [(2, reason, field)]


def test_a_good_line_passes_byte_for_byte(tmp_path: Path) -> None:
    odd = b'  {"type" :"delivered","event_id":"e-1", "unknown":[1.0e2],"case_id":"H-\\u1ea1",' + GOOD[1:]
    odd = (
        odd.replace(b'"case_id": "H-1", ', b"")
        .replace(b'"type": "delivered", ', b"")
        .replace(b'"event_id": "e-1", ', b"")
    )

    lines, _ = read(written(tmp_path, odd + b"\n", "e.jsonl"))

    assert lines == [Line(1, "H-ạ".encode(), odd, 1_767_578_400_000_000, "e-1")]


def test_a_dead_line_keeps_its_bytes_but_a_huge_one_only_its_beginning(tmp_path: Path) -> None:
    huge = b"x" * (MAX_LINE_BYTES + 1)

    _, dead = read(written(tmp_path, b"{oops\r\n" + huge + b"\n", "e.ndjson"))

    assert [each.raw for each in dead] == [b"{oops", huge[:MOST_BYTES_OF_A_HUGE_LINE]]


def test_a_line_of_exactly_one_megabyte_is_read(tmp_path: Path) -> None:
    line = event(extra="")
    line = line.replace(b'"extra": ""', b'"extra": "' + b"x" * (MAX_LINE_BYTES - len(line)) + b'"')

    lines, dead = read(written(tmp_path, line + b"\r\n" + GOOD, "e.ndjson"))

    assert len(line) == MAX_LINE_BYTES
    assert (len(lines), dead) == (2, [])


def test_a_huge_line_is_never_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "e.ndjson.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(GOOD + b"\n")
        for _ in range(64):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + GOOD)
    tracemalloc.start()

    lines, dead = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [each.number for each in lines] == [1, 3]
    assert whys(dead) == [(2, "too_large", "")]
    assert peak < 6_000_000


def test_blank_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    lines, dead = read(written(tmp_path, b"\n \t\r\n" + GOOD + b"\r\n\r\n" + GOOD, "e.ndjson"))

    assert [each.number for each in lines] == [3, 5]
    assert dead == []


def test_a_byte_order_mark_at_the_start_is_no_part_of_the_line(tmp_path: Path) -> None:
    lines, dead = read(written(tmp_path, b"\xef\xbb\xbf" + GOOD, "e.ndjson"))

    assert [each.value for each in lines] == [GOOD]
    assert dead == []


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert read(written(tmp_path, b"", "e.ndjson")) == ([], [])


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "e.ndjson.gz": gzip.compress,
    "e.ndjson.zst": zstandard.ZstdCompressor().compress,
}
MANY = b"".join(event(event_id=f"e-{n}") + b"\n" for n in range(5_000))


@pytest.mark.parametrize("name", PACKERS)
def test_compressed_files_hold_the_same_events(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, PACKERS[name](b"\xef\xbb\xbf" + MANY), name)

    with open_source(str(path), None, NOW) as source:
        first = next(source)
        begun = source.position
        rest = list(source)

    assert isinstance(first, Line)
    assert first.value == event(event_id="e-0")
    assert len(rest) == 4_999
    assert 0 < begun <= source.position == source.size == path.stat().st_size


@pytest.mark.parametrize("name", PACKERS)
def test_files_put_one_behind_the_other_are_one_file(tmp_path: Path, name: str) -> None:
    pack = PACKERS[name]
    path = written(tmp_path, pack(event(event_id="a")) + pack(b"\n") + pack(event(event_id="b")), name)

    assert [each.event_id for each in read(path)[0]] == ["a", "b"]


def test_zeros_after_gzip_data_are_padding(tmp_path: Path) -> None:
    path = written(
        tmp_path, gzip.compress(GOOD) + bytes(70_000) + gzip.compress(b"\n" + GOOD) + bytes(9), "e.jsonl.gz"
    )

    assert len(read(path)[0]) == 2


@pytest.mark.parametrize("name", PACKERS)
def test_a_file_that_breaks_off_gives_its_good_lines_and_then_one_clear_error(
    tmp_path: Path, name: str
) -> None:
    packed = PACKERS[name](MANY)
    path = written(tmp_path, packed[: len(packed) * 3 // 4], name)
    found: list[Line | Bad] = []

    with pytest.raises(SourceError, match="breaks off") as caught:
        found.extend(open_source(str(path), None, NOW))

    assert len(found) > 500
    assert all(isinstance(each, Line) for each in found)
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda _: b"", "is empty"),
        (lambda _: GOOD, "damaged"),
        (lambda packed: packed + b"rubbish", "damaged"),
        (lambda packed: packed[:40] + b"\0\xff\0\xff" + packed[44:], "damaged|breaks off"),
    ],
    ids=["empty", "not compressed", "rubbish behind", "bytes changed"],
)
def test_damaged_files_are_named(
    tmp_path: Path, name: str, harm: Callable[[bytes], bytes], words: str
) -> None:
    with pytest.raises(SourceError, match=words):
        read(written(tmp_path, harm(PACKERS[name](MANY)), name))


def test_a_compressed_file_without_the_ending_is_told_by_its_bytes(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, gzip.compress(GOOD), "e.ndjson"))[0]) == 1


@pytest.mark.parametrize("content", [GOOD, gzip.compress(GOOD)], ids=["plain", "gzip"])
def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    source = open_source("-", None, NOW)

    assert [each.number for each in source] == [1]
    assert (source.name, source.size, source.position) == ("-", None, len(content))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.ndjson", "there is no such file"),
        ("table.csv", "needs a mapping"),
        ("log.xes.gz", "needs a mapping"),
        ("events.json", "of what kind is it"),
    ],
)
def test_a_file_that_cannot_be_opened_says_what_to_do(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        open_source(str(tmp_path / name), None, NOW)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").mkdir()

    with pytest.raises(SourceError, match="is a folder"):
        open_source(str(tmp_path / "a.ndjson"), None, NOW)


@given(st.binary(max_size=200).map(lambda each: each.replace(b"x", b"\n")), st.lists(st.integers(0, 200)))
def test_lines_do_not_depend_on_where_the_pieces_are_cut(content: bytes, cuts: list[int]) -> None:
    at = sorted({0, *(cut for cut in cuts if cut < len(content)), len(content)})
    pieces = [content[a:b] for a, b in pairwise(at)]

    expected = [line.removesuffix(b"\r") for line in content.split(b"\n")]
    if not content.split(b"\n")[-1]:
        expected.pop()

    assert list(split_lines(pieces)) == expected
