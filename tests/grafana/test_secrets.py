"""`make secrets`: what it writes is what the stack reads."""

import subprocess
from pathlib import Path

from tests.grafana.compose_tool import COMPOSE, ROOT, resolved, write_secrets


def test_secrets_are_random_readable_in_a_container_and_never_written_twice(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    (folder / "grafana_admin_password").write_text("chosen by somebody")

    first = write_secrets(folder)
    kept = {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()}
    second = write_secrets(folder)

    assert kept.pop("grafana_admin_password") == "chosen by somebody"
    assert len(set(kept.values())) == len(kept)
    assert all(len(value) == 48 and value.isalnum() for value in kept.values())
    assert first.count("written") == len(kept)
    assert second.count("written") == 0
    assert {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()}.items() >= kept.items()
    assert folder.stat().st_mode & 0o777 == 0o700  # on this machine nobody else gets in
    assert {(folder / name).stat().st_mode & 0o777 for name in kept} == {
        0o444
    }  # any container's user may read


def test_an_empty_secret_is_told_and_not_taken(tmp_path: Path) -> None:
    (tmp_path / "grafana_secret_key").touch()

    done = subprocess.run(
        ["sh", "scripts/secrets.sh", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "grafana_secret_key is empty" in done.stderr


def test_every_secret_is_one_that_make_secrets_writes(tmp_path: Path) -> None:
    model, folder = resolved(COMPOSE), tmp_path / "secrets"
    write_secrets(folder)

    written = sorted(path.name for path in folder.iterdir())
    used = {each["source"] for service in model["services"].values() for each in service.get("secrets", [])}

    assert written == sorted(model["secrets"])
    assert used == set(written)
    assert {Path(each["file"]).parent for each in model["secrets"].values()} == {ROOT / "deploy/secrets"}
