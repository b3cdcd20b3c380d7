"""Apache Kafka itself, for tests: KRaft, one node, jars from Maven Central, data in a temporary folder.

The jars (45 MB) are fetched once into `.cache/kafka` under the repository, or are taken from the
folder named by `CASECLOCK_TEST_KAFKA_LIB`.
"""

import base64
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from caseclock.embedded.child import die_with_parent, end, free_port

VERSION = "4.3.1"
CACHE = Path(__file__).parent.parent / ".cache" / "kafka" / VERSION

_POM = f"""<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>caseclock</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version>
    </dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
"""

_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/data
num.network.threads=2
num.io.threads=4
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""


class KafkaMissingError(Exception):
    """Apache Kafka cannot be had on this machine; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class KafkaServer:
    """A running server.

    Attributes:
        bootstrap_servers: `127.0.0.1:PORT`.
        log: what it says.
        process: the Java process.
    """

    bootstrap_servers: str
    log: Path
    process: "subprocess.Popen[bytes]"


@contextmanager
def kafka_server(*, ready_within: float = 60.0) -> Iterator[KafkaServer]:
    """Run a server for as long as the block lasts; ready when it begins."""
    java = shutil.which("java")
    if java is None:
        raise KafkaMissingError("Apache Kafka needs Java 17: install a JRE")
    found = jars()
    with tempfile.TemporaryDirectory(prefix="caseclock-kafka-") as folder:
        server = _start(java, found, Path(folder))
        try:
            _wait_until_ready(server, time.monotonic() + ready_within)
            yield server
        finally:
            end(server.process, patience=0)  # its data goes with it: nothing to shut down in order


def jars() -> Path:
    """Where Apache Kafka's libraries are; fetched if they are not.

    Raises:
        KafkaMissingError: they cannot be had.
    """
    named = os.environ.get("CASECLOCK_TEST_KAFKA_LIB")
    if named:
        return Path(named)
    if CACHE.is_dir():
        return CACHE
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaMissingError("Apache Kafka is fetched by Maven: install mvn")
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE.parent) as folder:
        (Path(folder) / "pom.xml").write_text(_POM)
        command = [maven, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"]
        fetched = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )
        if fetched.returncode != 0:
            last = (fetched.stdout.strip().splitlines() or ["no reason given"])[-1]
            raise KafkaMissingError(f"Maven could not fetch Apache Kafka: {last}")
        with suppress(OSError):  # another run was faster
            (Path(folder) / "lib").rename(CACHE)
    return CACHE


def _start(java: str, jars: Path, folder: Path) -> KafkaServer:
    port, controller = free_port(), free_port()
    properties = folder / "server.properties"
    properties.write_text(_PROPERTIES.format(port=port, controller=controller, folder=folder))
    command = [java, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*"]
    name = "k" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]  # "-…" were an option
    subprocess.run(
        [*command, "kafka.tools.StorageTool", "format", "-t", name, "-c", str(properties)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "kafka.Kafka", str(properties)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
        )
    return KafkaServer(f"127.0.0.1:{port}", log, process)


def _wait_until_ready(server: KafkaServer, deadline: float) -> None:
    while time.monotonic() < deadline and server.process.poll() is None:
        with suppress(KafkaError):
            KafkaAdminClient(bootstrap_servers=server.bootstrap_servers, bootstrap_timeout_ms=500).close()
            return
        time.sleep(0.1)
    tail = server.log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"Apache Kafka did not start:\n{tail}")
