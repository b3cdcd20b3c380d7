"""How often one client may ask, and whose request it is."""

from ipaddress import ip_network

import pytest

from dashboards.board.web.limit import Buckets, client_of
from dashboards.board.web.metrics import BoardMetric
from dashboards.board.web.parts import Limits
from tests.dashboards.web_kit import served

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


class HandClock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_burst_is_allowed_and_then_as_many_as_come_back_with_time() -> None:
    clock = HandClock()
    buckets = Buckets(2.0, 5, 10, clock)

    at_once = [buckets.wait_for("a") for _ in range(6)]
    clock.at += 1
    later = [buckets.wait_for("a") for _ in range(3)]
    clock.at += 3_600
    rested = [buckets.wait_for("a") for _ in range(6)]

    assert at_once == [0, 0, 0, 0, 0, 1]
    assert later == [0, 0, 1]
    assert rested == [0, 0, 0, 0, 0, 1]
    assert buckets.wait_for("b") == 0


def test_how_long_to_wait_is_told_in_whole_seconds() -> None:
    clock = HandClock()
    buckets = Buckets(0.1, 1, 10, clock)

    assert [buckets.wait_for("a"), buckets.wait_for("a")] == [0, 10]
    clock.at += 9.99
    assert buckets.wait_for("a") == 1
    clock.at += 0.02
    assert buckets.wait_for("a") == 0


def test_only_so_many_addresses_are_remembered_the_busy_ones_longest() -> None:
    buckets = Buckets(0.001, 2, 100, HandClock())
    for number in range(10_000):
        buckets.wait_for(str(number))
        buckets.wait_for("busy")

    assert len(buckets) == 100
    assert buckets.wait_for("busy") > 0
    assert buckets.wait_for("0") == 0


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # no proxy of ours: it may say what it likes
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.3.3.3", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.1", "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::/64"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("fd00::1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", None, "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        (None, "198.51.100.7", "unknown"),
    ],
)
def test_a_client_is_whom_our_own_proxies_saw(peer: str | None, forwarded: str | None, client: str) -> None:
    assert client_of(peer, forwarded, PROXIES) == client


def test_without_proxies_the_header_is_not_looked_at() -> None:
    assert client_of("10.0.0.1", "198.51.100.7", ()) == "10.0.0.1"


async def test_who_asks_too_often_is_told_when_to_come_again_and_others_are_not_held_up() -> None:
    limits = Limits(rate_per_s=0.5, burst=3, trusted_proxies=(ip_network("127.0.0.0/8"),))
    async with served(limits=limits) as site:
        mine = [await site.ask("/vi/", X_Forwarded_For="198.51.100.7") for _ in range(4)]
        program = await site.ask("/api/v1/units", X_Forwarded_For="198.51.100.7")
        other = await site.ask("/vi/", X_Forwarded_For="198.51.100.8")
        files = [await site.ask(path, X_Forwarded_For="198.51.100.7") for path in ("/static/x.css",) * 5]

        assert [each.status for each in mine] == [200, 200, 200, 429]
        assert mine[3].headers["Retry-After"] == "2"
        assert "<h1>429</h1>" in mine[3].text
        assert program.status == 429
        assert program.headers["Content-Type"] == "application/problem+json"
        assert other.status == 200
        assert {each.status for each in files} == {404}
        assert site.metrics.value(BoardMetric.TURNED_AWAY) == 2
