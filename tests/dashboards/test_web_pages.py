"""Pages over HTTP: addresses, languages, caching, errors, headers."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dashboards.board.web.headers import CONTENT_SECURITY
from dashboards.board.web.metrics import BoardMetric
from dashboards.board.web.parts import Limits
from dashboards.board.web.static import StaticFiles
from tests.dashboards.board_kit import board
from tests.dashboards.web_kit import PlainRenderer, Served, newer, served, unpacked


@pytest.fixture
async def site() -> AsyncIterator[Served]:
    async with served() as running:
        yield running


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/vi/", "city / 30d tree {}"),
        ("/en/units?period=7d&scope=own", "units /units 7d own {}"),
        ("/vi/units?sort=open&q=B%C3%A1c", "units /units 30d tree {'sort': 'open', 'q': 'Bác'}"),
        ("/vi/units?utm_source=x", "units /units 30d tree {}"),
        ("/vi/wall?period=today", "wall /wall today tree {}"),
    ],
)
async def test_an_address_is_a_page_in_its_language(site: Served, path: str, title: str) -> None:
    answer = await site.ask(path)

    assert answer.status == 200
    assert f"<h1>{title} " in answer.text
    assert answer.headers["Content-Language"] == path[1:3]
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


async def test_a_unit_has_its_page_and_an_unknown_one_has_none_in_both_languages(site: Served) -> None:
    code = next(iter(board(8).units))

    there = await site.ask(f"/en/units/{code}")
    nowhere = [await site.ask(f"/{language}/units/nobody") for language in ("vi", "en")]

    assert there.status == 200
    assert f" {code}</h1>" in there.text
    assert [each.status for each in nowhere] == [404, 404]
    assert [each.headers["Content-Language"] for each in nowhere] == ["vi", "en"]


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/", "/vi/"),
        ("/?period=7d", "/vi/?period=7d"),
        ("/wall", "/vi/wall"),
        ("/units?scope=own", "/vi/units?scope=own"),
        ("/vi", "/vi/"),
        ("/en/units/", "/en/units"),
        ("/vi/units?period=never&scope=own&x=1", "/vi/units?scope=own"),
        ("/vi/units?sort=name", "/vi/units"),
        ("/vi/units?period=7d&period=year", "/vi/units?period=7d"),
        ("/vi/units?q=" + "x" * 201, "/vi/units"),
    ],
)
async def test_other_addresses_lead_to_the_one_that_a_page_has(site: Served, path: str, to: str) -> None:
    answer = await site.ask(path)
    there = await site.ask(to)

    assert (answer.status, answer.headers["Location"]) == (302, to)
    assert there.status == 200


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("en-GB,en;q=0.9", "en"), ("vi,en;q=0.8", "vi"), ("fr", "vi"), ("en;q=x", "vi"), ("en;q=0.1", "en")],
)
async def test_the_first_address_follows_the_readers_language(
    site: Served, wanted: str, language: str
) -> None:
    answer = await site.ask("/", Accept_Language=wanted)

    assert answer.headers["Location"] == f"/{language}/"
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "path",
    [
        "/vi/nothing",
        "/vi//units",
        "//evil.example/vi",
        "/vi/units/a/b",
        "/fr/",
        "/vi/units/{unit_id}",
        "/%FF",
    ],
)
async def test_any_other_address_is_not_there(site: Served, path: str) -> None:
    answer = await site.ask(path, Accept_Language="en")

    assert answer.status == 404
    assert "<h1>404</h1>" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


async def test_head_is_get_without_a_body(site: Served) -> None:
    whole, head = await site.ask("/vi/"), await site.ask("/vi/", "HEAD")

    same = ("ETag", "Content-Length", "Content-Type", "Cache-Control", "Content-Language")
    assert (head.status, head.body) == (200, b"")
    assert [head.headers[name] for name in same] == [whole.headers[name] for name in same]


async def test_nothing_but_reading_is_allowed(site: Served) -> None:
    answer = await site.ask("/vi/", "POST", b"x=1")

    assert answer.status == 405
    assert answer.headers["Allow"] == "GET,HEAD"


async def test_before_the_first_numbers_there_is_a_page_that_says_when_to_come_again() -> None:
    async with served(empty=True) as site:
        page, live, api = (
            await site.ask("/en/"),
            await site.ask("/live?page=/vi/"),
            await site.ask("/api/v1/city"),
        )

        assert [each.status for each in (page, live, api)] == [503, 503, 503]
        assert all(int(each.headers["Retry-After"]) > 0 for each in (page, live, api))
        assert "<h1>503</h1>" in page.text
        site.feed.show(board(8))
        assert (await site.ask("/en/")).status == 200


async def test_a_page_is_rendered_once_for_all_who_ask_for_the_same_of_one_board(site: Served) -> None:
    await asyncio.gather(*(site.ask("/vi/units") for _ in range(20)))
    await site.ask("/vi/units?period=30d&scope=tree&unknown=1")

    assert site.renderer.rendered == [("units", 7)]
    site.feed.show(newer(board(8)))
    await site.ask("/vi/units")
    await site.ask("/en/units")
    assert site.renderer.rendered == [("units", 7), ("units", 8), ("units", 8)]


async def test_a_page_that_is_dear_to_make_is_made_anew_only_after_a_while() -> None:
    async with served(renderer=PlainRenderer(seconds=0.15), limits=Limits(burst=1000)) as site:
        await site.ask("/vi/units")
        began = time.monotonic()
        versions: list[str] = []
        waited: list[float] = []
        for versions_on in range(1, 100):
            site.feed.show(newer(board(8), versions_on))
            asked = time.monotonic()
            versions.append((await site.ask("/vi/units")).text.partition("<b>")[2].partition("</b>")[0])
            waited.append(time.monotonic() - asked)
            await asyncio.sleep(0.02)
            if time.monotonic() - began > 1.6:
                break

        assert versions[0] == "7"
        assert sorted(waited)[len(waited) // 2] < 0.1  # nobody waits for it but the first
        assert int(versions[-1]) > 8
        assert 2 <= len(site.renderer.rendered) <= 1 + 1.6 / (0.15 * 4)


async def test_one_who_goes_away_takes_nothing_from_the_others() -> None:
    async with served(renderer=PlainRenderer(seconds=0.2)) as site:
        first = asyncio.create_task(site.ask("/vi/units"))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(site.ask("/vi/units"))
        await asyncio.sleep(0.05)
        first.cancel()

        assert (await second).status == 200
        assert len(site.renderer.rendered) == 1


async def test_a_client_that_has_the_page_is_told_so_until_the_board_changes(site: Served) -> None:
    answer = await site.ask("/vi/")
    again = await site.ask("/vi/", If_None_Match=answer.headers["ETag"])

    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert re.fullmatch(r"public, max-age=[1-5], stale-while-revalidate=\d+", again.headers["Cache-Control"])
    site.feed.show(newer(board(8)))
    assert (await site.ask("/vi/", If_None_Match=answer.headers["ETag"])).status == 200


async def test_text_is_packed_for_those_who_take_that_and_has_a_mark_of_its_own(site: Served) -> None:
    plain, packed = await site.ask("/vi/"), await site.ask("/vi/", Accept_Encoding="br, gzip;q=0.5")

    assert unpacked(packed) == plain.text
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert len(packed.body) < len(plain.body)
    assert (await site.ask("/vi/", If_None_Match=packed.headers["ETag"])).status == 304


async def test_the_cache_keeps_within_its_bound() -> None:
    async with served(limits=Limits(cache_bytes=20_000)) as site:
        for number in range(60):
            await site.ask(f"/vi/units?q={number}")

        assert 0 < site.looked_up(BoardMetric.CACHED_BYTES) <= 20_000


async def test_when_too_much_waits_to_be_rendered_more_is_turned_away() -> None:
    async with served(renderer=PlainRenderer(seconds=0.1), limits=Limits(waiting=2, burst=1000)) as site:
        answers = await asyncio.gather(*(site.ask(f"/vi/units?q={number}") for number in range(6)))

        assert sorted(each.status for each in answers) == [200, 200, 503, 503, 503, 503]


async def test_who_is_turned_away_costs_no_rendering() -> None:
    async with served(limits=Limits(rate_per_s=0.001, burst=1)) as narrow:
        turned_away = [await narrow.ask("/en/") for _ in range(5)]

        assert [each.status for each in turned_away] == [200, 429, 429, 429, 429]
        assert 'renderings_total{kind="error"} 1\n' in "".join(narrow.metrics.lines())


async def test_a_page_that_is_not_there_leads_to_the_same_address_in_the_other_language(site: Served) -> None:
    assert "data-path='/nothing/here'" in (await site.ask("/en/nothing/here")).text


async def test_a_defect_is_a_page_for_people_a_problem_for_programs_and_a_line_without_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served(renderer=PlainRenderer(fails=KeyError("Nguyen"))) as site:
        answer = await site.ask("/en/")

        assert answer.status == 500
        assert "<h1>500</h1>" in answer.text
        assert "Nguyen" not in caplog.text + answer.text
        assert "KeyError at web_kit.py:" in caplog.text
        site.renderer.fails = None
        assert (await site.ask("/en/")).status == 200


async def test_everything_says_what_browsers_may_do(site: Served, tmp_path: Path) -> None:
    paths = [
        "/vi/",
        "/",
        "/nowhere",
        "/api/v1/units",
        "/api/v1/nothing",
        "/data/v1/units.csv",
        "/live",
        "/robots.txt",
    ]

    answers = [await site.ask(path) for path in paths]

    for path, answer in zip(paths, answers, strict=True):
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "geolocation=()" in answer.headers["Permissions-Policy"]
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Server"] == "caseclock"
        is_open = path.startswith(("/api/", "/data/"))
        assert answer.headers.get("Access-Control-Allow-Origin") == ("*" if is_open else None)
        assert answer.headers["Cross-Origin-Resource-Policy"] == (
            "cross-origin" if is_open else "same-origin"
        )


async def test_files_have_the_hash_of_their_content_in_their_address_and_never_change(tmp_path: Path) -> None:
    (tmp_path / "board.css").write_text("body { color: red }" * 100)
    (tmp_path / "notes.txt").write_text("not for all")
    files = StaticFiles(tmp_path)
    async with served(static=files) as site:
        assert list(files.addresses) == ["board.css"]
        address = files.addresses["board.css"]
        assert re.fullmatch(r"/static/board\.[0-9a-f]{16}\.css", address)

        answer = await site.ask(address, Accept_Encoding="gzip")
        others = [await site.ask(f"/static/{name}") for name in ("board.css", "notes.txt", "..%2Fapp.py")]

        assert unpacked(answer).startswith("body")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
        assert [each.status for each in others] == [404, 404, 404]
    (tmp_path / "board.css").write_text("body { color: blue }")
    assert StaticFiles(tmp_path).addresses["board.css"] != address


async def test_requests_are_counted_by_kind_and_status(site: Served) -> None:
    for path in ("/vi/", "/vi/", "/vi/nothing", "/api/v1/units", "/data/v1/units.csv", "/vi/data"):
        await site.ask(path)

    told = "".join(site.metrics.lines())
    assert 'caseclock_board_requests_total{kind="page",status="200"} 2\n' in told
    assert 'caseclock_board_requests_total{kind="page",status="404"} 2\n' in told
    assert 'caseclock_board_requests_total{kind="api",status="200"} 1\n' in told
    assert 'caseclock_board_requests_total{kind="data",status="200"} 1\n' in told
    assert 'caseclock_board_renderings_total{kind="page"} 1\n' in told
