"""`caseclock demo` as a process: it shows the city, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

ROOT = Path(__file__).parents[2]


@contextmanager
def demo(folder: Path, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """`caseclock demo` with a folder of its own for what is temporary; killed if it takes for ever."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CASECLOCK_")}
    environ |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TMPDIR": str(folder)}
    command = [sys.executable, "-m", "caseclock", "demo", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ, cwd=folder
    ) as process:
        patience = Timer(90, process.kill)
        patience.start()
        try:
            yield process
        finally:
            patience.cancel()
            if process.poll() is None:
                process.kill()


def until(process: "subprocess.Popen[str]", word: str) -> str:
    """What it says until a line holds this word."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if word in line:
            return said
    pytest.fail(f"it ended without {word!r}:\n{said}")


def children(pid: int) -> list[int]:
    """The processes below one."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()]
    below = [child for child, parent in pairs if parent == pid]
    return [*below, *(deeper for child in below for deeper in children(child))]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_shows_the_city_and_ends_by_itself_without_leaving_anything(tmp_path: Path) -> None:
    with demo(tmp_path, "--duration", "5", "--no-browser", "--port", "0", "--seed", "2") as process:
        said = until(process, "What to look at")
        address = re.search(r"http://127\.0\.0\.1:\d+/vi/", said)
        assert address, said
        with urllib.request.urlopen(address[0], timeout=30) as answer:
            board = answer.read().decode()
        started = children(process.pid)
        rest = process.stdout.read() if process.stdout else ""
        code = process.wait(timeout=30)

    assert code == 0, said + rest
    assert "Đang giải quyết" in said
    assert "Dữ liệu mô phỏng" in board
    assert re.search(r'<data [^>]*data-number="open"', board)
    assert "10 đơn vị chậm nhất" in said
    assert "sự kiện/giây" in rest
    assert rest.count("CASECLOCK") == 1  # the last table
    assert "Traceback" not in said + rest
    assert started  # the broker
    assert not any(map(alive, started))
    assert list(tmp_path.iterdir()) == []


def test_whoever_ends_it_while_it_is_still_starting_need_not_wait(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        until(process, "history")
        started = children(process.pid)
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        rest = process.stdout.read() if process.stdout else ""
        code = process.wait(timeout=30)
        took = time.monotonic() - asked

    assert code == 0, rest
    assert "Traceback" not in rest
    assert took < 15
    assert not any(map(alive, started))
    assert list(tmp_path.iterdir()) == []
