"""Settings of the commands that talk to Grafana: where it is, who we are there, what the public may open."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from caseclock.settings_checks import EmptyIsNone
from caseclock.settings_parts import OptionalPath, OptionalSecret, OptionalText, Part

_SHORTEST_SECRET = 16


def _url(value: str) -> str:
    """An address without what would be passed over silently, and without a slash at its end."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("is no URL; write http://127.0.0.1:3000") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError("is no http(s)://host:port; write it like http://127.0.0.1:3000")
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "holds a user; put it into CASECLOCK_GRAFANA__USER, the password into …PASSWORD_FILE"
        )
    if parts.query or parts.fragment:
        raise ValueError("has something after a ? or #; leave it out")
    return value.rstrip("/")


def _token(value: SecretStr | None) -> SecretStr | None:
    """It becomes a header as it is: what a header cannot hold would be shown in the error of the HTTP library."""
    text = value.get_secret_value() if value else "-"
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("is no token of Grafana; write the one that the service account was given")
    return value


def _secret(value: SecretStr | None) -> SecretStr | None:
    """What is derived from it is shown to everybody, so it must not be found by trying."""
    if value and len(value.get_secret_value()) < _SHORTEST_SECRET:
        raise ValueError(f"is too weak; write at least {_SHORTEST_SECRET} letters, digits or signs")
    return value


class GrafanaSettings(Part):
    """Grafana, as `caseclock grafana push` and `publish` reach it."""

    url: Annotated[str, AfterValidator(_url)] = Field(
        "http://127.0.0.1:3000", description="where Grafana answers, with its path if it has one"
    )
    public_url: Annotated[str | None, EmptyIsNone, AfterValidator(lambda value: value and _url(value))] = (
        Field(None, description="where people open Grafana, for the addresses that are told; empty = url")
    )
    token: Annotated[OptionalSecret, AfterValidator(_token)] = Field(
        None, description="the token of a service account with the role Admin"
    )
    user: OptionalText = Field(None, description="a user with the role Admin, in place of a token")
    password: OptionalSecret = Field(None, description="the user's password")
    ca_file: OptionalPath = Field(
        None, description="certificates of the authorities to trust with https; none = the usual ones"
    )
    public_secret: Annotated[OptionalSecret, AfterValidator(_secret)] = Field(
        None,
        description="public addresses are made from it and so outlive a new installation; empty = Grafana's choice",
    )
    timeout_s: float = Field(
        10.0, gt=0, le=600, description="seconds that Grafana may be silent before it counts as away"
    )

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> Self:
        if self.token and (self.user or self.password):
            raise ValueError("token and user are both set; keep one of the two")
        if bool(self.user) != bool(self.password):
            raise ValueError("a user and a password belong together; set both, or a token")
        return self

    @property
    def sign_in(self) -> str | tuple[str, str] | None:
        """A token, or user and password; None where nobody said."""
        if self.token:
            return self.token.get_secret_value()
        return (self.user, self.password.get_secret_value()) if self.user and self.password else None
