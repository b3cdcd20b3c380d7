"""A refresh over HTTP: parameters, joins and views as on the embedded engine."""

from __future__ import annotations

import pytest

from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from streams.summaries import refresh_once
from tests.sinks.store_kit import count
from tests.sinks.test_summaries import city, land, summaries

__all__ = ["summaries"]


@pytest.mark.parametrize("engine", ["http"], indirect=True)
def test_a_server_takes_a_refresh(
    cases: ClickHouseCaseStore, store: ClickHouse, summaries: object, request: pytest.FixtureRequest
) -> None:
    events, now = city(4, 20)
    land(cases, events, now)

    done = refresh_once(request.getfixturevalue("summaries"), now, now)

    assert count(store, "v_public_cells") == done.cells > 100
