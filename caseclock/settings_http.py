"""Settings of everything that answers over HTTP: the board, the intake, the staff's listener, health."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from caseclock.settings_checks import Address, Networks, OptionalClickHouseUrl, check_tokens, is_loopback
from caseclock.settings_parts import OptionalSecret, Part


class BoardSettings(Part):
    """The web board."""

    listen: Address = Field(
        "127.0.0.1:8080", validate_default=True, description="host:port; empty = no board here"
    )
    clickhouse_url: OptionalClickHouseUrl = Field(
        None,
        description="the database as the board sees it, with a user who may only read; empty = [clickhouse]'s",
    )
    clickhouse_password: OptionalSecret = Field(None, description="the password of the user in that url")
    trusted_proxies: Networks = Field(
        "",
        description="addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas",
    )
    rate_per_s: float = Field(
        50.0, gt=0, le=100_000, description="requests a second that one client address may make for long"
    )
    burst: int = Field(300, ge=1, le=1_000_000, description="requests that it may make at once")
    live_clients: int = Field(
        2_000, ge=0, le=100_000, description="live connections in all; 0 = pages do not update themselves"
    )
    live_per_address: int = Field(100, ge=0, le=100_000, description="live connections of one client address")
    cache_mb: int = Field(64, ge=1, le=100_000, description="megabytes of pages that are kept")

    @property
    def listen_was_chosen(self) -> bool:
        """Whether somebody named the address, or it is the default one."""
        return "listen" in self.model_fields_set

    @model_validator(mode="after")
    def _password_has_its_url(self) -> Self:
        if self.clickhouse_password and not self.clickhouse_url:
            raise ValueError("clickhouse_password is set, but clickhouse_url is not; set it")
        return self


class IntakeSettings(Part):
    """Events over HTTP from offices without Kafka; open only to sources that have a token."""

    tokens: dict[str, SecretStr] = Field(
        default_factory=dict, description="by source the token that it shows, of at least 16 characters"
    )
    max_body_bytes: int = Field(
        8_000_000, ge=1_000, le=1_000_000_000, description="the largest body, unpacked, in bytes"
    )

    @model_validator(mode="after")
    def _tokens_tell_sources_apart(self) -> Self:
        check_tokens({source: token.get_secret_value() for source, token in self.tokens.items()})
        return self


class StaffSettings(Part):
    """What staff may see and the public may not: the clock of a single case."""

    listen: Address = Field(None, description="host:port of its own, never the board's; empty = none")
    token: OptionalSecret = Field(
        None, description="what a request must show as bearer; needed where listen is not this machine alone"
    )

    @model_validator(mode="after")
    def _never_open_to_all(self) -> Self:
        if self.listen and not self.token and not is_loopback(self.listen[0]):
            raise ValueError("listen is not this machine alone; set a token, or listen on 127.0.0.1")
        return self


class HealthSettings(Part):
    """Health and metrics of a worker without a board."""

    listen: Address = Field(None, description="host:port; empty = none")
    fresh_budget_s: float = Field(
        60.0, gt=0, le=86_400, description="seconds without progress, although there is lag, until not fresh"
    )
