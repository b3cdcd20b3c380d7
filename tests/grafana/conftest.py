"""What the tests of the dashboards share: the demo city, once, and for no longer than they run."""

from collections.abc import Iterator

import pytest

from tests.grafana.city import DemoCity, demo_city_in


@pytest.fixture(scope="package")
def demo_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCity]:
    with demo_city_in(tmp_path_factory.mktemp("demo-city")) as city:
        yield city
