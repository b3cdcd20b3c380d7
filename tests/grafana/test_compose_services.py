"""What each service of compose.yaml is given: its programs understand it, and everything that it names is there."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from caseclock.arguments import build_parser
from caseclock.settings import Settings, SettingsError, load_settings
from dashboards.grafana.build import public_uids
from dashboards.grafana.names import PUBLIC_FOLDER
from dashboards.grafana.variables import EXPLAIN_AT
from tests.grafana.compose_rules import OURS
from tests.grafana.compose_tool import COMPOSE, ROOT, Model, resolved, write_secrets
from tests.grafana.contract_server import USER, contract_server
from tests.grafana.publisher_kit import dashboard
from tests.kafka_server import KafkaMissingError, jars
from tests.missing import missing

SERVER_SQL: Final = ROOT / "sinks/clickhouse/server"
PROVISIONING: Final = ROOT / "dashboards/grafana/provisioning"
IN_THE_CONTAINER: Final = ("0.0.0.0", 8080)  # noqa: S104  # the ports of compose.yaml decide who gets there


@pytest.fixture(scope="module")
def model() -> Model:
    return resolved(COMPOSE)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stack") / "secrets"
    write_secrets(folder)
    return folder


def settings_of(service: Mapping[str, Any], secrets: Path) -> Settings:
    """What caseclock reads in that container."""
    given = {name: str(value) for name, value in service["environment"].items()}
    return load_settings(
        environ={name: value.replace("/run/secrets", str(secrets)) for name, value in given.items()}
    )


def test_every_service_of_ours_has_settings_and_a_command_that_caseclock_knows(
    model: Model, secrets: Path
) -> None:
    ours = {name: each for name, each in model["services"].items() if each["image"] == OURS}

    commands = {name: build_parser().parse_args(each["command"]).command for name, each in ours.items()}
    settings = {name: settings_of(each, secrets) for name, each in ours.items()}

    assert commands == {"worker": "run", "board": "board", "bootstrap": "grafana"}
    assert settings["worker"].clickhouse.url == "http://caseclock_writer@clickhouse:8123/caseclock"
    assert settings["worker"].board.listen is None
    assert settings["worker"].health.listen == IN_THE_CONTAINER
    assert settings["board"].clickhouse.url == "http://caseclock_reader@clickhouse:8123/caseclock"
    assert settings["board"].board.listen == IN_THE_CONTAINER
    assert settings["board"].staff.token is not None
    assert settings["bootstrap"].grafana.sign_in is not None


def test_a_setting_that_caseclock_does_not_know_is_found(model: Model, secrets: Path) -> None:
    wrong = deepcopy(model)
    wrong["services"]["worker"]["environment"]["CASECLOCK_KAFKA__BOOTSTRAP_SERVER"] = "kafka:9092"

    with pytest.raises(SettingsError, match="CASECLOCK_KAFKA__BOOTSTRAP_SERVERS"):
        settings_of(wrong["services"]["worker"], secrets)


def test_clickhouse_gets_its_users_from_the_files_that_are_shipped(
    model: Model, secrets: Path, tmp_path: Path
) -> None:
    service = model["services"]["clickhouse-users"]
    mounted = {each["target"]: Path(each["source"]) for each in service["volumes"]}
    assert mounted["/caseclock/server"] == SERVER_SQL
    client = tmp_path / "clickhouse-client"
    client.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    client.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SECRETS": str(secrets), "SQL": str(SERVER_SQL)}

    done = subprocess.run(
        ["sh", str(mounted[service["entrypoint"][1]])],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )

    told = done.stdout.splitlines()
    assert told[:2] == ["--host", "127.0.0.1"]
    for name in ("writer", "reader"):
        value = (secrets / f"caseclock_{name}_password").read_text(encoding="ascii")
        assert f"--param_{name}_password={value}" in told
    assert told[told.index("--queries-file") + 1 : -1] == sorted(map(str, SERVER_SQL.glob("*.sql")))


@pytest.mark.parametrize("content", [None, ""])
def test_clickhouse_gets_no_user_without_a_password(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        for name in ("caseclock_writer_password", "caseclock_reader_password"):
            (tmp_path / name).write_text(content)

    done = subprocess.run(
        ["sh", str(ROOT / "deploy/clickhouse/users.sh")],
        env={"PATH": "/usr/bin:/bin", "SECRETS": str(tmp_path), "SQL": str(SERVER_SQL)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "caseclock_writer_password" in done.stderr


@pytest.mark.kafka
def test_the_image_s_own_program_takes_kafka_s_environment(model: Model, tmp_path: Path) -> None:
    try:
        libraries = jars()
    except KafkaMissingError as error:
        missing("Apache Kafka", str(error))
    for name in ("default", "mounted", "final", "data"):
        (tmp_path / name).mkdir()
    for name in ("log4j2.yaml", "tools-log4j2.yaml"):
        (tmp_path / "default" / name).write_text("Configuration: {Loggers: {Root: {level: ERROR}}}\n")
    (tmp_path / "default/server.properties").write_text("process.roles=of-nobody\n")
    environ = {name: str(value) for name, value in model["services"]["kafka"]["environment"].items()}
    environ |= {"KAFKA_LOG_DIRS": str(tmp_path / "data"), "CLUSTER_ID": "5L6g3nShT-eMCtK--X86sw"}

    done = subprocess.run(
        ["java", "-cp", f"{libraries}/*", "kafka.docker.KafkaDockerWrapper", "setup"]
        + [f"--{name}-configs-dir={tmp_path / name}" for name in ("default", "mounted", "final")],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "data/meta.properties").exists()
    written = (tmp_path / "final/server.properties").read_text(encoding="utf-8").splitlines()
    assert {"auto.create.topics.enable=false", "advertised.listeners=PLAINTEXT://kafka:9092"} <= set(written)


def test_grafana_finds_what_its_files_name(model: Model) -> None:
    grafana = model["services"]["grafana"]
    mounted = {each["target"]: each.get("source", "") for each in grafana["volumes"]}
    assert Path(mounted["/etc/grafana/provisioning"]) == PROVISIONING
    inside = {
        Path("/etc/grafana/provisioning") / path.relative_to(PROVISIONING) for path in PROVISIONING.rglob("*")
    }

    sources = yaml.safe_load((PROVISIONING / "datasources/caseclock.yaml").read_text(encoding="utf-8"))
    providers = yaml.safe_load((PROVISIONING / "dashboards/caseclock.yaml").read_text(encoding="utf-8"))[
        "providers"
    ]
    points = (PROVISIONING / "alerting/contact-points.yaml").read_text(encoding="utf-8")

    source = sources["datasources"][0]
    assert source["jsonData"]["host"] in model["services"]
    password = source["secureJsonData"]["password"].removeprefix("$__file{").removesuffix("}")
    assert password in {each["target"] for each in grafana["secrets"]}
    assert {Path(each["options"]["path"]) for each in providers} <= inside
    assert Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]) in inside
    staff = model["services"]["board"]["ports"][1]
    assert f"http://{staff['host_ip']}:{staff['published']}" == EXPLAIN_AT
    assert "$CASECLOCK_ALERT_WEBHOOK" in points
    assert grafana["environment"]["CASECLOCK_ALERT_WEBHOOK"].startswith("http://127.0.0.1:")


def test_bootstrap_opens_the_public_dashboards_with_what_it_is_given(
    model: Model, secrets: Path, tmp_path: Path
) -> None:
    service = model["services"]["bootstrap"]
    (tmp_path / "password").write_text(USER[1], encoding="utf-8")
    with contract_server() as grafana:
        for uid in public_uids():
            grafana.provision(dashboard(uid), PUBLIC_FOLDER)
        given = {
            name: str(value).replace("/run/secrets", str(secrets)).replace("http://grafana:3000", grafana.url)
            for name, value in service["environment"].items()
        }
        given |= {"CASECLOCK_GRAFANA__USER": USER[0]}  # the contract server's, in place of ours
        given |= {"CASECLOCK_GRAFANA__PASSWORD_FILE": str(tmp_path / "password")}

        done = subprocess.run(
            [sys.executable, "-m", "caseclock", *service["command"]],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]} | given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    told = dict(line.split() for line in done.stdout.splitlines())
    assert told.keys() == set(public_uids())
    assert all(each.startswith("http://127.0.0.1:3000/public-dashboards/") for each in told.values())


def test_every_alert_leads_to_its_place_in_the_handbook() -> None:
    handbook = (ROOT / "docs/operate.md").read_text(encoding="utf-8")
    rules = (PROVISIONING / "alerting/rules.yaml").read_text(encoding="utf-8")

    wanted = set(re.findall(r"operate\.md#([\w-]+)", rules))

    assert wanted
    assert wanted <= set(re.findall(r'<a id="([\w-]+)"></a>', handbook))
