"""The settings: what they are, what they are when nobody says anything, and what they may be.

`caseclock.toml` (or `--config F`) is read first, then the environment: `CASECLOCK_KAFKA__GROUP_ID` is
`group_id` under `[kafka]`. A secret may be in a file of its own: `CASECLOCK_CLICKHOUSE__PASSWORD_FILE`,
`password_file`. What nobody knows is an error, for a setting with a typing mistake was not made at all.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from caseclock.settings_checks import Address, Addresses, ClickHouseUrl, KafkaName, ProfileName, TopicPrefix
from caseclock.settings_grafana import GrafanaSettings
from caseclock.settings_http import BoardSettings, HealthSettings, IntakeSettings, StaffSettings
from caseclock.settings_parts import OptionalPath, OptionalSecret, OptionalText, Part
from caseclock.settings_sources import Given, SettingsError, describe, from_environment, from_toml, nested
from schemas.profile import DEFAULT_PROFILE

if TYPE_CHECKING:
    from sinks.kafka import KafkaAccess

__all__ = [
    "Address",
    "BoardSettings",
    "GrafanaSettings",
    "HealthSettings",
    "IntakeSettings",
    "Settings",
    "SettingsError",
    "StaffSettings",
    "load_settings",
]

CONFIG_FILE = "caseclock.toml"
"""Read from the working directory when `--config` names no other."""


class KafkaSettings(Part):
    """Where Kafka is and how it knows us."""

    bootstrap_servers: Addresses = Field(
        "127.0.0.1:9092", description="host:port, several separated by commas"
    )
    topic_prefix: TopicPrefix = Field("caseclock.", description="what the names of all topics begin with")
    group_id: KafkaName = Field(
        "caseclock", description="the consumer group; workers of one group share the work"
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"
    )
    sasl_username: OptionalText = Field(None, description="the user, with a SASL protocol")
    sasl_password: OptionalSecret = Field(None, description="the user's password, with a SASL protocol")
    ca_file: OptionalPath = Field(
        None, description="certificates of the authorities to trust; none = the system's"
    )
    cert_file: OptionalPath = Field(None, description="our own certificate, where the cluster asks for one")
    key_file: OptionalPath = Field(None, description="its private key")
    connect_seconds: float = Field(
        10.0, gt=0, le=600, description="how long a first connection may take, seconds"
    )

    @model_validator(mode="after")
    def _credentials_fit_protocol(self) -> Self:
        sasl = self.security_protocol.startswith("SASL")
        if sasl and not (self.sasl_username and self.sasl_password):
            raise ValueError(f"{self.security_protocol} needs sasl_username and sasl_password; set both")
        if not sasl and (self.sasl_username or self.sasl_password):
            raise ValueError(
                "a SASL user is set, but security_protocol is not SASL_SSL or SASL_PLAINTEXT; set it"
            )
        return self

    def access(self) -> "KafkaAccess":
        """The same, as the Kafka clients of `sinks.kafka` want it."""
        from sinks.kafka import KafkaAccess  # noqa: PLC0415  # two Kafka libraries: 0.3 s that --help need not wait

        return KafkaAccess(
            bootstrap_servers=self.bootstrap_servers,
            security_protocol=self.security_protocol,
            sasl_mechanism=self.sasl_mechanism,
            sasl_username=self.sasl_username,
            sasl_password=self.sasl_password.get_secret_value() if self.sasl_password else None,
            ca_file=str(self.ca_file) if self.ca_file else None,
            cert_file=str(self.cert_file) if self.cert_file else None,
            key_file=str(self.key_file) if self.key_file else None,
            connect_seconds=self.connect_seconds,
        )


class ClickHouseSettings(Part):
    """Where the numbers are kept."""

    url: ClickHouseUrl = Field(
        "http://127.0.0.1:8123/caseclock",
        description="http(s)://user@host:8123/database, or chdb:///folder for the embedded engine",
    )
    password: OptionalSecret = Field(None, description="the password of the user in the url")

    @property
    def folder(self) -> Path | None:
        """The folder of the embedded engine; None where a server is meant."""
        return Path(self.url.removeprefix("chdb://")) if self.url.startswith("chdb://") else None


class WorkerSettings(Part):
    """How a worker works."""

    partitions: int = Field(
        8,
        ge=1,
        le=1000,
        description="partitions of the topic of events when it is made; the most workers there can be",
    )
    batch_rows: int = Field(50_000, ge=1, le=1_000_000, description="events after which rows are written")
    batch_ms: int = Field(
        250, ge=1, le=60_000, description="milliseconds after which rows are written all the same"
    )
    hot_cases: int = Field(
        50_000, ge=0, le=100_000_000, description="states of cases kept ready in memory, for each partition"
    )
    session_timeout_s: float = Field(
        10.0, ge=6, le=300, description="seconds of silence after which a worker is taken for dead"
    )
    rebalance_timeout_s: float = Field(
        12.0, ge=6, le=600, description="seconds a worker has to hand its partitions over"
    )

    @model_validator(mode="after")
    def _rebalance_outlasts_session(self) -> Self:
        if self.rebalance_timeout_s < self.session_timeout_s:
            raise ValueError(
                "rebalance_timeout_s is shorter than session_timeout_s; make it at least as long"
            )
        return self


class CitySettings(Part):
    """The city that is served."""

    folder: OptionalPath = Field(
        None, description="the folder of units, procedures, calendars and thresholds"
    )
    change_reason: OptionalText = Field(
        None,
        description="why a list, a calendar, the thresholds or the profile changed; noted beside the change",
    )


class Settings(BaseSettings):
    """All settings. Made by `load_settings`: `Settings()` alone reads no file and no environment."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    profile: ProfileName = Field(DEFAULT_PROFILE, description="the rules by which due and late are judged")
    calendar: OptionalText = Field(None, description="replaces the calendar of every unit")
    kafka: KafkaSettings = KafkaSettings()
    clickhouse: ClickHouseSettings = ClickHouseSettings()
    worker: WorkerSettings = WorkerSettings()
    board: BoardSettings = BoardSettings()
    intake: IntakeSettings = IntakeSettings()
    staff: StaffSettings = StaffSettings()
    health: HealthSettings = HealthSettings()
    grafana: GrafanaSettings = GrafanaSettings()
    city: CitySettings = CitySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The library's own reading of the environment passes over unknown names, so ours comes first."""
        return (init_settings,)


def load_settings(
    config: Path | None = None,
    *,
    options: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings: file, then environment, then command line; the later one wins.

    Args:
        config: the file of `--config`; None reads `caseclock.toml` of the working directory, if there is one.
        options: settings chosen on the command line, `{"profile": "instant"}`; named `--profile` in errors.
        environ: the environment; the process's own when None.

    Raises:
        SettingsError: with a line for every problem.
    """
    given: list[Given] = []
    problems: list[str] = []
    known = describe(Settings)
    path = config or Path(CONFIG_FILE)
    if config is not None or path.exists():
        given += from_toml(path, known, problems)
    given += from_environment(os.environ if environ is None else environ, known, problems)
    given += [Given((name,), value, f"--{name.replace('_', '-')}") for name, value in (options or {}).items()]
    if problems:
        raise SettingsError(problems)
    try:
        return Settings(**nested(given))
    except ValidationError as error:
        raise SettingsError(known.problems_of(error, given)) from None
