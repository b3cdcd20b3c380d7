"""What must hold of compose.yaml: rules over the resolved model, each a sentence about every service that breaks it."""

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from dashboards.grafana.names import PLUGIN_VERSION
from tests.grafana.compose_tool import ROOT, Model

Service = dict[str, Any]
Rule = Callable[[str, Service, Model], Iterator[str]]

VERSION: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
OURS: Final = f"caseclock:{VERSION}"
IMAGES: Final = {
    "kafka": "apache/kafka:4.3.1",
    "clickhouse": "clickhouse/clickhouse-server:26.9",
    "clickhouse-users": "clickhouse/clickhouse-server:26.9",
    "grafana": "grafana/grafana:13.2.3",
    "worker": OURS,
    "board": OURS,
    "bootstrap": OURS,
}
PLUGIN: Final = f"grafana-clickhouse-datasource@{PLUGIN_VERSION}"
ONCE: Final = {"clickhouse-users", "bootstrap"}
"""Services that do something and end."""
SEEN: Final = {"board", "grafana"}
"""Services that can be reached from the machine."""
_SECRET_NAME: Final = re.compile("PASSWORD|SECRET|TOKEN|_KEY")
_SECRET_FILE: Final = "/run/secrets/"
_IN_A_URL: Final = re.compile(r"://[^/@\s]*:[^/@\s]*@")


def images(name: str, service: Service, _model: Model) -> Iterator[str]:
    """Pinned, to what everything was checked against."""
    if service.get("image") != IMAGES.get(name):
        yield f"{name} runs {service.get('image')}, not {IMAGES.get(name)}"
    if service.get("image") == OURS and not service.get("build"):
        yield f"{name} has an image of ours that nobody builds"
    plugin = service.get("environment", {}).get("GF_PLUGINS_PREINSTALL_SYNC")
    if name == "grafana" and plugin != PLUGIN:
        yield f"{name} loads {plugin}, not {PLUGIN}"


def ports(name: str, service: Service, _model: Model) -> Iterator[str]:
    """On the loopback interface, and only those of what people look at."""
    for port in service.get("ports", []):
        if port.get("host_ip") != "127.0.0.1":
            yield f"{name} can be reached from everywhere on {port['published']}"
        if name not in SEEN:
            yield f"{name} can be reached at all"


def confined(name: str, service: Service, _model: Model) -> Iterator[str]:
    """No rights that are not needed, nothing to write but where it is meant, and no more than its share."""
    if not service.get("read_only"):
        yield f"{name} may write into its image"
    if service.get("cap_drop") != ["ALL"] or service.get("cap_add") or service.get("privileged"):
        yield f"{name} keeps capabilities"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield f"{name} can gain privileges"
    if str(service.get("user") or "0").partition(":")[0] in ("", "0", "root"):
        yield f"{name} runs as root"
    for limit in ("mem_limit", "cpus", "pids_limit"):
        if not service.get(limit):
            yield f"{name} has no {limit}"
    if any("size=" not in each for each in service.get("tmpfs", [])):
        yield f"{name} may fill the memory with files"
    if "max-size" not in service.get("logging", {}).get("options", {}):
        yield f"{name} may fill the disk with its log"


def lives(name: str, service: Service, _model: Model) -> Iterator[str]:
    """What runs is watched and comes back; what ends does neither."""
    check = service.get("healthcheck", {})
    if name in ONCE:
        if service.get("restart") != "no" or not check.get("disable"):
            yield f"{name} ends, and is watched or begun again"
        return
    if service.get("restart") != "unless-stopped":
        yield f"{name} does not come back"
    if check.get("disable") or not (
        check.get("test") or service.get("image") == OURS
    ):  # ours: in its Dockerfile
        yield f"{name} has no health check"


def secrets(name: str, service: Service, model: Model) -> Iterator[str]:
    """Every secret is a file that is mounted; none stands in a variable or an address."""
    mounted = {each["target"].removeprefix(_SECRET_FILE) for each in service.get("secrets", [])}
    for variable, value in service.get("environment", {}).items():
        text = str(value)
        if _IN_A_URL.search(text):
            yield f"{name}: {variable} holds a password"
        if text.startswith(_SECRET_FILE) and text.removeprefix(_SECRET_FILE) not in mounted:
            yield f"{name}: {variable} names {text}, which is not mounted"
        if _SECRET_NAME.search(variable) and not text.startswith(_SECRET_FILE):
            yield f"{name}: {variable} is a secret in the open"
    for each in mounted - set(model["secrets"]):
        yield f"{name} mounts {each}, which there is not"


def mounts(name: str, service: Service, _model: Model) -> Iterator[str]:
    """What is mounted from the repository is there, and cannot be changed from within."""
    for each in service.get("volumes", []):
        if each["type"] != "bind":
            continue
        place = Path(each["source"])
        if not place.is_relative_to(ROOT) or not place.exists():
            yield f"{name} mounts {each['source']}, which is not in the repository"
        if not each.get("read_only"):
            yield f"{name} may write to {each['source']}"


def names(name: str, service: Service, model: Model) -> Iterator[str]:
    """What a service names is there: the parser alone does not look."""
    shared = str(service.get("network_mode", "")).partition("service:")[2]
    named = {
        "services": {*service.get("depends_on", {}), *filter(None, [shared])},
        "networks": set(service.get("networks", {})),
        "volumes": {each["source"] for each in service.get("volumes", []) if each["type"] == "volume"},
    }
    for kind, wanted in named.items():
        for each in sorted(wanted - set(model[kind])):
            yield f"{name} names {each}, which is none of the {kind}"


RULES: Final[tuple[Rule, ...]] = (names, images, ports, confined, lives, secrets, mounts)


def faults(model: Model) -> list[str]:
    """Everything that is wrong, in the order of the rules."""
    services = model["services"]
    wrong = [f"there is no {name}" for name in sorted(IMAGES.keys() - services.keys())]
    for rule in RULES:
        for name, service in sorted(services.items()):
            wrong += rule(name, service, model)
    return wrong
