"""The production stack: what docker compose makes of compose.yaml, and that planted faults are found."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest

from tests.doc_blocks import blocks_of
from tests.grafana.compose_rules import confined, faults
from tests.grafana.compose_rules import secrets as secret_rules
from tests.grafana.compose_tool import COMPOSE, ROOT, ComposeError, Model, resolved

ALLOWED: Final = ("has no cpus", "has no pids_limit", "may fill the disk with its log")
"""What an example of the documentation may leave to its reader."""


@pytest.fixture(scope="module")
def model() -> Model:
    return resolved(COMPOSE)


def test_nothing_is_wrong_with_the_stack(model: Model) -> None:
    assert faults(model) == []


def change(service: str, **values: object) -> Callable[[Model], None]:
    """A fault planted into one service."""
    return lambda model: model["services"][service].update(values)


def environment(service: str, **values: str) -> Callable[[Model], None]:
    """A fault planted into one service's environment."""
    return lambda model: model["services"][service]["environment"].update(values)


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (lambda model: model["services"].pop("bootstrap"), "there is no bootstrap"),
        (change("kafka", networks={"evens": None}), "kafka names evens, which is none of the networks"),
        (
            change("kafka", volumes=[{"type": "volume", "source": "kafka-date"}]),
            "kafka names kafka-date, which is none of the volumes",
        ),
        (change("board", depends_on={"wroker": {}}), "board names wroker, which is none of the services"),
        (change("kafka", image="apache/kafka:latest"), "kafka runs apache/kafka:latest"),
        (change("worker", build=None), "worker has an image of ours that nobody builds"),
        (environment("grafana", GF_PLUGINS_PREINSTALL_SYNC="other@1"), "grafana loads other@1"),
        (
            change("board", ports=[{"published": "8080", "target": 8080}]),
            "board can be reached from everywhere",
        ),
        (
            change("clickhouse", ports=[{"host_ip": "127.0.0.1", "published": "8123", "target": 8123}]),
            "clickhouse can be reached at all",
        ),
        (change("worker", read_only=False), "worker may write into its image"),
        (change("grafana", cap_drop=[]), "grafana keeps capabilities"),
        (change("grafana", cap_add=["NET_ADMIN"]), "grafana keeps capabilities"),
        (change("kafka", security_opt=[]), "kafka can gain privileges"),
        (change("worker", user="root"), "worker runs as root"),
        (change("kafka", user=None), "kafka runs as root"),
        (change("clickhouse", mem_limit=None), "clickhouse has no mem_limit"),
        (change("board", tmpfs=["/run"]), "board may fill the memory"),
        (change("board", logging={}), "board may fill the disk"),
        (change("worker", restart="no"), "worker does not come back"),
        (change("bootstrap", restart="always"), "bootstrap ends, and is watched or begun again"),
        (change("kafka", healthcheck={}), "kafka has no health check"),
        (change("worker", healthcheck={"disable": True}), "worker has no health check"),
        (
            environment("grafana", GF_SECURITY_ADMIN_PASSWORD="admin"),
            "GF_SECURITY_ADMIN_PASSWORD is a secret",
        ),
        (environment("board", CASECLOCK_CLICKHOUSE__URL="http://a:b@c:8123/d"), "holds a password"),
        (change("worker", secrets=[]), "which is not mounted"),
        (
            lambda model: model["secrets"].pop("grafana_secret_key"),
            "grafana mounts grafana_secret_key, which",
        ),
        (
            change("board", volumes=[{"type": "bind", "source": str(ROOT / "nowhere"), "read_only": True}]),
            "which is not in the repository",
        ),
        (
            change("grafana", volumes=[{"type": "bind", "source": str(ROOT / "deploy")}]),
            "grafana may write to",
        ),
    ],
)
def test_a_planted_fault_is_found(model: Model, plant: Callable[[Model], object], found: str) -> None:
    wrong = deepcopy(model)

    plant(wrong)

    assert found in "\n".join(faults(wrong))


@pytest.mark.parametrize(
    ("find", "put"),
    [
        ('    restart: "no"\n', '    restrat: "no"\n'),
        ("condition: service_healthy", "condition: service_heathly"),
        ("cap_drop: [ALL]", "cap_drop: ALL"),
        ('ports: ["127.0.0.1:${GRAFANA_PORT:-3000}:3000"]', 'ports: ["127.0.0.1:${GRAFANA_PORT:-3000"]'),
    ],
)
def test_the_parser_of_docker_compose_refuses_what_is_no_compose_file(
    find: str, put: str, tmp_path: Path
) -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    assert find in text
    (tmp_path / "compose.yaml").write_text(text.replace(find, put), encoding="utf-8")

    with pytest.raises(ComposeError):
        resolved(tmp_path / "compose.yaml")


def test_a_service_begins_when_what_it_needs_is_there(model: Model) -> None:
    waits = {
        name: {needed: how["condition"] for needed, how in each.get("depends_on", {}).items()}
        for name, each in model["services"].items()
    }

    assert waits == {
        "kafka": {},
        "clickhouse": {},
        "clickhouse-users": {"clickhouse": "service_healthy"},
        "worker": {"kafka": "service_healthy", "clickhouse-users": "service_completed_successfully"},
        "board": {"worker": "service_healthy"},
        "grafana": {"clickhouse-users": "service_completed_successfully"},
        "bootstrap": {"worker": "service_healthy", "grafana": "service_healthy"},
    }


def test_only_who_needs_kafka_or_clickhouse_shares_a_network_with_them(model: Model) -> None:
    services = model["services"]
    members = {
        network: {name for name, each in services.items() if network in each.get("networks", {})}
        for network in model["networks"]
    }

    assert members["events"] == {"kafka", "worker"}
    assert members["numbers"] == {"clickhouse", "worker", "board", "grafana"}
    assert all(model["networks"][name].get("internal") for name in ("events", "numbers"))


@pytest.mark.parametrize("page", ["docs/deploy.md", "docs/operate.md"])
def test_the_compose_files_of_the_documentation_are_some_and_open_nothing_to_the_world(
    page: str, tmp_path: Path
) -> None:
    blocks = [each for each in blocks_of((ROOT / page).read_text(encoding="utf-8")) if each.name]
    files = [each for each in blocks if each.kind == "yaml"]
    assert files

    for number, block in enumerate(files):
        path = tmp_path / f"{number}.yaml"
        path.write_text(block.body, encoding="utf-8")
        over = [COMPOSE] if block.name == "compose.override.yaml" else []
        model = resolved(*over, path)
        told = [
            each for name, one in sorted(model["services"].items()) for each in openings(name, one, model)
        ]
        assert told == [], f"{page}, line {block.line}"


def openings(name: str, service: Mapping[str, Any], model: Model) -> list[str]:
    """What an example must never do."""
    told = [*secret_rules(name, dict(service), model), *confined(name, dict(service), model)]
    ports = [each for each in service.get("ports", []) if each.get("host_ip") != "127.0.0.1"]
    return [each for each in told if not each.endswith(ALLOWED)] + [f"{name}: {each}" for each in ports]
