import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseclock.sources import SourceError, open_source
from caseclock.sources.mapping import CsvFormat
from caseclock.sources.tabular import Table
from schemas.decode import MAX_LINE_BYTES
from tests.caseclock.sources_kit import NOW, mapping, one_event, read, values, whys, written

AT = "2026-01-05 09:00"
HEADER = "case,at,note\n"


def row(case: str, note: str = "") -> str:
    return f"{case},{AT},{note}\n"


def test_the_header_is_line_1_and_a_row_is_where_it_begins(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + row("a", '"two\nlines, ""quoted"""') + "\n" + row("b"))

    lines, dead = read(path, mapping())

    assert [(each.number, each.key) for each in lines] == [(2, b"a"), (5, b"b")]
    assert dead == []


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + HEADER + row("a") + row("b"),
        (HEADER + row("a") + row("b")).replace("\n", "\r\n"),
        "\n" + HEADER + ",,\n" + row("a") + " , ,\n" + row("b").strip(),
        " case ,at , note\n" + row(" a ") + row("b\t"),
    ],
    ids=["byte order mark", "CRLF", "rows without anything, no last line end", "white space around cells"],
)
def test_what_spreadsheets_do_to_a_file_does_no_harm(tmp_path: Path, content: str) -> None:
    lines, dead = read(written(tmp_path, content), mapping())

    assert [each.key for each in lines] == [b"a", b"b"]
    assert dead == []


def test_a_row_with_too_few_or_too_many_cells_is_dead(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "a\n" + row("b") + f"c,{AT},x,y\n")

    lines, dead = read(path, mapping())

    assert [each.key for each in lines] == [b"b"]
    assert whys(dead) == [(2, "row_width", ""), (4, "row_width", "")]
    assert [each.raw for each in dead] == [b"a", f"c,{AT},x,y".encode()]


def test_an_open_quote_costs_its_own_line_and_no_other(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + row("a", '"never closed') + row("b") + row("c", '"fine"') + row("d"))

    lines, dead = read(path, mapping())

    assert [each.key for each in lines] == [b"b", b"c", b"d"]
    assert whys(dead) == [(2, "row_width", "")]


def test_an_open_quote_costs_no_more_in_a_file_larger_than_a_row_may_be(tmp_path: Path) -> None:
    many = "".join(row(f"c{n}", "x" * 1_000) for n in range(2_500))
    path = written(tmp_path, HEADER + row("a", '"never closed') + many)

    lines, dead = read(path, mapping())

    assert len(lines) == 2_500
    assert whys(dead) == [(2, "row_width", "")]


def test_text_behind_a_closed_quote_is_dead(tmp_path: Path) -> None:
    lines, dead = read(written(tmp_path, HEADER + f'"a"b,{AT},\n' + row("c")), mapping())

    assert [each.key for each in lines] == [b"c"]
    assert whys(dead) == [(2, "row_width", "")]


def test_a_huge_line_is_dead_and_the_file_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + row("a", "x" * MAX_LINE_BYTES) + row("b", "x" * 900_000))

    lines, dead = read(path, mapping())

    assert [(each.number, each.key) for each in lines] == [(3, b"b")]
    assert whys(dead) == [(2, "too_large", "")]
    assert len(dead[0].raw) < 10_000


def test_bytes_of_another_encoding_are_dead(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER.encode() + b"h\xf4,2026-01-05 09:00,\n" + row("b").encode())

    lines, dead = read(path, mapping())

    assert [each.key for each in lines] == [b"b"]
    assert whys(dead) == [(2, "not_utf8", "")]


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1258", "cp037", "gb18030"]
)
def test_other_encodings_are_read_when_they_are_named(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, (HEADER + row("cũ") + row("b")).replace("ũ", "ü").encode(encoding))

    lines, dead = read(path, mapping(csv={"encoding": encoding}))

    assert [each.key.decode() for each in lines] == ["cü", "b"]
    assert dead == []


def test_a_byte_order_mark_is_left_out_in_every_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, ("\ufeff" + HEADER + row("a")).encode("utf-16-le"))

    assert len(read(path, mapping(csv={"encoding": "utf-16-le"}))[0]) == 1


def test_an_error_never_shows_cells_of_a_file_without_a_header(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read(written(tmp_path, "Nguyễn Văn A,0912345678\n"), mapping())

    assert "Nguyễn" not in str(caught.value)
    assert "0912345678" not in str(caught.value)


def test_a_file_that_is_not_utf_16_all_through_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"set csv\.encoding"):
        read(written(tmp_path, b"case;at\nx"), mapping(csv={"encoding": "utf-16-le"}))


def test_delimiter_quote_and_columns_are_as_the_mapping_says(tmp_path: Path) -> None:
    by = mapping(csv={"delimiter": "|", "quote": "'", "columns": ["case", "at"]})

    lines, dead = read(written(tmp_path, f"'a|b'|{AT}\n"), by)

    assert [(each.number, each.key) for each in lines] == [(1, b"a|b")]
    assert dead == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "kase,at\n",
            "events.csv: the mapping names columns that are not there: 'case' (did you mean 'kase'?); the",
        ),
        ("case,at,at\n", "'at'; rename one"),
        ("", "is empty: there is no header line"),
        ("\n\n", "is empty: there is no header line"),
        ('"case,at\n', "line 1, the header, cannot be read"),
    ],
)
def test_a_header_that_does_not_fit_the_mapping_is_an_error_in_one_line(
    tmp_path: Path, content: str, words: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(written(tmp_path, content), mapping())

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_column_that_stands_twice_does_no_harm_where_nobody_reads_it(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, f"case,at,,\na,{AT},,\n"), mapping())[0]) == 1


def test_csv_may_be_compressed_or_come_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress((HEADER + row("a")).encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(packed)))

    from_file = read(written(tmp_path, packed, "e.csv.gz"), mapping())[0]
    from_input = list(open_source("-", mapping(), NOW))

    assert from_file == from_input
    assert len(from_file) == 1


def test_rows_that_give_no_event_are_mentioned(tmp_path: Path) -> None:
    by = one_event(when={"column": "note", "equals": "x"})
    path = written(tmp_path, HEADER + row("a") + row("b", "x") + row("c"))

    with open_source(str(path), by, NOW) as source:
        found = list(source)

    assert len(found) == 1
    assert source.notes() == ["events.csv: 2 rows gave no event by the mapping's conditions"]


def test_the_events_of_a_row_are_native_json(tmp_path: Path) -> None:
    lines, _ = read(written(tmp_path, HEADER + row("a")), one_event(id="note", recorded_at="at"))
    assert lines == []

    lines, _ = read(written(tmp_path, HEADER + row("a", "e1")), one_event(id="note", recorded_at="at"))

    assert values(lines) == [
        {
            "type": "delivered",
            "schema_version": 1,
            "source": "desk",
            "case_id": "a",
            "event_id": "e1",
            "occurred_at": "2026-01-05T09:00:00Z",
            "recorded_at": "2026-01-05T09:00:00Z",
        }
    ]


CELL = st.text(st.sampled_from('ab ,;"\n\r|é'), max_size=6)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6), st.integers(1, 9))
def test_any_table_is_read_back_as_it_was_written(rows: list[list[str]], cut: int) -> None:
    def quoted(cells: list[str]) -> str:
        return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\r\n"

    rows = [[cell.replace("\r", "") for cell in cells] for cells in rows]
    content = "".join(quoted(cells) for cells in [["x", "y", "z"], *rows]).encode()
    pieces = [content[at : at + cut] for at in range(0, len(content), cut)]

    table = Table(pieces, CsvFormat())
    found = list(table.rows())

    assert [each.cells for each in found] == [each for each in rows if any(cell.strip() for cell in each)]
    assert all(each.reason is None for each in found)
