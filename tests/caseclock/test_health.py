"""Health and metrics of a worker, and what its log tells, on real services; what is away is played by a gate."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from caseclock.embedded.child import free_port
from caseclock.errors import CaseclockError, ExitCode
from caseclock.health import PROMETHEUS, health_server
from caseclock.oversight import Oversight
from schemas.stored import Unavailable
from sinks.clickhouse.client import ClickHouse
from tests.caseclock.commands_kit import event
from tests.conftest import Broker
from tests.pipeline.kit import HandClock, Stage, at_work, make_topics, send_raw, until, until_committed
from tests.pipeline.test_faults import Gate

BUDGET_S = 0.6
NOW = 1_741_000_000_000_000  # 2025-03-03


@dataclass
class Ward:
    """A worker that is looked after: its address, what was told of it, and the gate before its store."""

    stage: Stage
    oversight: Oversight
    gate: Gate
    base: str
    told: list[str]
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, path: str) -> tuple[int, dict[str, Any]]:
        async with aiohttp.ClientSession() as session, session.get(f"{self.base}{path}") as answer:
            return answer.status, json.loads(await answer.text())

    async def metrics(self) -> tuple[str, dict[str, float]]:
        async with aiohttp.ClientSession() as session, session.get(f"{self.base}/metrics") as answer:
            lines = (await answer.text()).splitlines()
            numbers = (line.rpartition(" ") for line in lines if not line.startswith("#"))
            return answer.headers["Content-Type"], {name: float(value) for name, _, value in numbers}

    def is_told(self, beginning: str) -> Callable[[], bool]:
        return lambda: any(line.startswith(beginning) for line in self.told)

    async def send(self, *names: str) -> dict[int, int]:
        return await send_raw(self.stage, [n.encode() for n in names], [event(n) for n in names])


@pytest.fixture
def stage(tansu_broker: Broker, tmp_path: Path, prefix: str) -> Iterator[Stage]:
    store = ClickHouse(f"chdb://{tmp_path / 'store'}")
    yield Stage(broker=tansu_broker, store=store, prefix=prefix)
    store.close()


@asynccontextmanager
async def looked_after(stage: Stage) -> AsyncIterator[Ward]:
    """The server first, then the worker, as `caseclock run` does it."""
    told: list[str] = []
    port = free_port()
    ward = Ward(stage, Oversight(told.append), Gate(), f"http://127.0.0.1:{port}", told)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(health_server(("127.0.0.1", port), ward.oversight, BUDGET_S))
        assert (await ward.ask("/healthz/live"))[0] == 200
        assert (await ward.ask("/healthz/ready"))[0] == 503
        assert (await ward.metrics())[1]["caseclock_ready"] == 0
        await make_topics(stage)
        ward.oversight.running = await stack.enter_async_context(
            at_work(stage, HandClock(NOW), through=ward.gate.before)
        )
        watching = asyncio.create_task(ward.oversight.watch(ward.ended))
        yield ward
        ward.ended.set()
        await watching


async def test_a_worker_is_ready_waits_is_not_fresh_goes_on_and_is_counted(stage: Stage) -> None:
    async with looked_after(stage) as ward:
        await until(ward.is_told("working on partitions 0, 1, 2, 3"))
        status, ready = await ward.ask("/healthz/ready")
        assert (status, ready) == (200, {"ready": True, "partitions": [0, 1, 2, 3], "waiting": False})
        assert (await ward.ask("/healthz/fresh"))[1]["lag"] == 0

        ward.gate.trouble = Unavailable("the store is away")
        ends = await ward.send(*(f"c{number}" for number in range(40)))
        await until(lambda: ward.oversight.waiting_since is not None)
        status, ready = await ward.ask("/healthz/ready")
        assert (status, ready["waiting"]) == (503, True)
        assert (await ward.ask("/healthz/fresh"))[0] == 200  # within the budget
        await asyncio.sleep(BUDGET_S + 0.3)
        status, fresh = await ward.ask("/healthz/fresh")
        assert (status, fresh["fresh"]) == (503, False)
        assert 0 < fresh["lag"] <= 40  # nothing was durable since the start: where it began is known in part
        assert fresh["waited_s"] > BUDGET_S
        assert (await ward.metrics())[1]["caseclock_oldest_waiting_record_seconds"] > BUDGET_S

        ward.gate.trouble = None
        await until_committed(stage, ends)
        await until(ward.is_told("goes on after "))
        assert (await ward.ask("/healthz/ready"))[0] == 200
        status, fresh = await ward.ask("/healthz/fresh")
        assert (status, fresh["fresh"], fresh["lag"]) == (200, True, 0)
        assert fresh["newest_event"] == "2025-03-03T02:00:00Z"
        assert fresh["as_of"] == "2025-03-03T11:06:40Z"
        kind, counted = await ward.metrics()
        assert kind == PROMETHEUS
        assert (counted["caseclock_ready"], counted["caseclock_events_total"]) == (1, 40)
        assert sum(counted[f'caseclock_lag_records{{partition="{n}"}}'] for n in range(4)) == 0
        assert sum(counted[f'caseclock_cases_in_memory{{partition="{n}"}}'] for n in range(4)) == 40
        assert len(ward.told) == 2

        ward.gate.trouble = Unavailable("the store is away")
        await ward.send("another")
        await until(lambda: sum(ward.oversight.freshness.lag().values()) == 1)
        ward.gate.trouble = None
        await until(lambda: sum(ward.oversight.freshness.lag().values()) == 0)


async def test_an_address_that_is_taken_is_told_in_a_line() -> None:
    port = free_port()
    async with health_server(("127.0.0.1", port), Oversight(), 1.0):
        with pytest.raises(CaseclockError) as raised:
            async with health_server(("127.0.0.1", port), Oversight(), 1.0):
                pass

    assert raised.value.exit_code == ExitCode.USE
    assert f"127.0.0.1:{port}" in raised.value.message
    assert "CASECLOCK_HEALTH__LISTEN" in raised.value.message


async def test_a_port_that_the_system_chose_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    async with health_server(("127.0.0.1", 0), Oversight(), 1.0):
        base = capsys.readouterr().err.split()[-1]
        async with aiohttp.ClientSession() as session, session.get(f"{base}/healthz/live") as answer:
            assert answer.status == 200


async def test_without_an_address_nothing_listens(capsys: pytest.CaptureFixture[str]) -> None:
    async with health_server(None, Oversight(), 1.0):
        assert capsys.readouterr().err == ""
