"""How to reach a Kafka cluster: one description, read by the three clients that connect to it."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiokafka.errors
import kafka.errors

from schemas.stored import Unavailable

_REFUSALS = (
    kafka.errors.SaslAuthenticationFailedError,
    aiokafka.errors.AuthenticationFailedError,
    aiokafka.errors.SaslAuthenticationFailed,
)


class KafkaUnavailable(Unavailable):
    """Kafka cannot be reached or refuses us; the message is one line: what, where, what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaAccess:
    """Where a cluster is and how to prove who we are.

    Attributes:
        bootstrap_servers: `host:port`, several separated by commas.
        security_protocol: `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.
        sasl_mechanism: `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`; used with the SASL protocols only.
        sasl_username: with it.
        sasl_password: with it.
        ca_file: certificates of the authorities to trust; the system's when `None`.
        cert_file: our certificate, where the cluster asks for one.
        key_file: its private key.
        connect_seconds: how long a first connection may take.
    """

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    connect_seconds: float = 10.0

    def __repr__(self) -> str:
        return f"KafkaAccess({self.bootstrap_servers!r}, {self.security_protocol})"  # never the password

    def ssl_context(self) -> ssl.SSLContext | None:
        """Build the TLS context of the protocols that need one.

        Raises:
            KafkaUnavailable: when a certificate or key cannot be read.
        """
        if "SSL" not in self.security_protocol:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.cert_file:
                context.load_cert_chain(self.cert_file, self.key_file)
        except OSError as unreadable:
            files = ", ".join(f for f in (self.ca_file, self.cert_file, self.key_file) if f)
            msg = f"Kafka's certificates cannot be read ({unreadable}): check {files}"
            raise KafkaUnavailable(msg) from unreadable
        return context

    def client_options(self) -> dict[str, Any]:
        """Give the options kafka-python and aiokafka share."""
        options: dict[str, Any] = {
            "bootstrap_servers": [s.strip() for s in self.bootstrap_servers.split(",") if s.strip()],
            "security_protocol": self.security_protocol,
            "ssl_context": self.ssl_context(),
        }
        if self.security_protocol.startswith("SASL"):
            options["sasl_mechanism"] = self.sasl_mechanism or "PLAIN"
            options["sasl_plain_username"] = self.sasl_username
            options["sasl_plain_password"] = self.sasl_password
        return options

    @contextmanager
    def told_in_one_line(self) -> Iterator[None]:
        """Turn what the clients raise about the connection into `KafkaUnavailable`."""
        try:
            yield
        except _REFUSALS as refused:
            msg = (
                f"Kafka at {self.bootstrap_servers} refuses the credentials: "
                "check the SASL settings under CASECLOCK_KAFKA__"
            )
            raise KafkaUnavailable(msg) from refused
        except (kafka.errors.KafkaError, aiokafka.errors.KafkaError, OSError) as away:
            raise self.unavailable(away) from away

    def unavailable(self, cause: BaseException) -> KafkaUnavailable:
        """Name a failure of the connection, for those who caught it themselves."""
        name = type(cause).__name__
        what = (str(cause).splitlines() or [""])[0][:200]
        says_no_more = not what or what.startswith(name) or "bootstrap" in what
        what = name if says_no_more else f"{name}: {what}"
        return KafkaUnavailable(
            f"Kafka at {self.bootstrap_servers} does not answer ({what}): "
            "start it, or name another with CASECLOCK_KAFKA__BOOTSTRAP_SERVERS"
        )
