"""`caseclock grafana build | push | publish`: the leaders' dashboards as files, in a Grafana, open to everybody."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from caseclock.console import say
from caseclock.errors import CaseclockError, ExitCode
from caseclock.settings import GrafanaSettings, Settings
from dashboards.grafana.names import DATA_SOURCE, FOLDERS

if TYPE_CHECKING:
    from dashboards.grafana.publisher import GrafanaPublisher


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Do it: addresses and names of files on stdout, what came of it on stderr.

    Raises:
        CaseclockError: Grafana is away (3), or refuses what the settings say (2).
    """
    if args.action == "build":
        return _build(args.out, check=args.check)
    deadline = time.monotonic() + args.wait
    with _publisher(settings.grafana, args.wait) as publisher:
        if args.action == "push":
            return _push(publisher)
        return _publish(publisher, settings.grafana, max(deadline - time.monotonic(), 0))


def _build(out: Path | None, *, check: bool) -> int:
    from dashboards.grafana.build import (  # noqa: PLC0415  # Grafana's builders: `--help` need not wait
        PROVISIONING,
        build,
        drift,
        files,
    )

    folder = out or PROVISIONING
    if check:
        differing = drift(folder)
        sys.stdout.writelines(f"{line}\n" for line in differing)
        _tell(f"{len(differing)} files differ: `caseclock grafana build`" if differing else "nothing differs")
        return ExitCode.USE if differing else ExitCode.DONE
    found = {path for path in folder.rglob("*") if path.is_file()}
    strange = sorted(found - {folder / name for name in files()})
    if strange and folder != PROVISIONING:
        # below our own folder what is left over from an older version goes; anywhere else it is somebody's
        raise CaseclockError(
            f"{strange[0]} is not made by us ({len(strange)} such in {folder}); choose an empty folder"
        )
    changed = build(folder)
    sys.stdout.writelines(f"{path}\n" for path in changed)
    _tell(
        f"{len(changed)} files changed in {folder}" if changed else f"nothing had to be changed in {folder}"
    )
    return ExitCode.DONE


def _push(publisher: "GrafanaPublisher") -> int:
    from dashboards.grafana.build import dashboards as built  # noqa: PLC0415
    from dashboards.grafana.build import folder_of  # noqa: PLC0415

    changed = 0
    for uid, title in FOLDERS.items():
        change = publisher.folder(uid, title)
        changed += change != "unchanged"
        _tell(f"folder {uid}: {change}")
    for uid, dashboard in built().items():
        change = publisher.push(dashboard, folder_of(uid), f"caseclock {_version()}")
        changed += change != "unchanged"
        _tell(f"{uid}: {change}")
    if not publisher.has_data_source(DATA_SOURCE):
        _tell(f"there is no data source {DATA_SOURCE} yet: no panel shows anything until it is made")
    _tell("done" if changed else "nothing had to be changed")
    return ExitCode.DONE


def _publish(publisher: "GrafanaPublisher", settings: GrafanaSettings, seconds: float) -> int:
    from dashboards.grafana.build import public_uids  # noqa: PLC0415
    from dashboards.grafana.publisher import stable_token  # noqa: PLC0415

    secret = settings.public_secret.get_secret_value() if settings.public_secret else None
    uids = public_uids()
    publisher.wait_for(uids, seconds)
    changed = 0
    for uid in uids:
        done = publisher.publish(uid, stable_token(secret, uid) if secret else None)
        changed += done.change != "unchanged"
        if done.moved:
            _tell(f"{uid}: has a new address, the old one has ended")
        sys.stdout.write(f"{uid}  {settings.public_url or settings.url}{done.path}\n")
    _tell(
        f"{len(uids)} dashboards are public" + ("" if changed else ", as before: nothing had to be changed")
    )
    return ExitCode.DONE


@contextmanager
def _publisher(settings: GrafanaSettings, wait: float) -> Iterator["GrafanaPublisher"]:
    """A publisher on a Grafana that is well; its errors become the command's."""
    from dashboards.grafana.client import (  # noqa: PLC0415  # requests: 0.1 s that `build` need not wait for
        GrafanaAccess,
        GrafanaClient,
        GrafanaError,
        RefusedError,
    )
    from dashboards.grafana.publisher import GrafanaPublisher  # noqa: PLC0415

    if settings.sign_in is None:
        raise CaseclockError(
            "nobody said who we are in Grafana: set CASECLOCK_GRAFANA__TOKEN_FILE (a service account with the "
            "role Admin), or CASECLOCK_GRAFANA__USER and CASECLOCK_GRAFANA__PASSWORD_FILE"
        )
    access = GrafanaAccess(settings.url, settings.sign_in, settings.ca_file, settings.timeout_s)
    try:
        client = GrafanaClient(access)
        try:
            known = client.wait(wait)
            _tell(f"Grafana {known or '(it hides its version)'} answers at {settings.url}")
            yield GrafanaPublisher(client)
        finally:
            client.close()
    except GrafanaError as error:
        code = ExitCode.USE if isinstance(error, RefusedError) else ExitCode.DEPENDENCY
        raise CaseclockError(str(error), code) from None


def _version() -> str:
    try:
        return version("caseclock")
    except PackageNotFoundError:
        return "(not installed)"


def _tell(line: str) -> None:
    say(f"caseclock grafana: {line}")
