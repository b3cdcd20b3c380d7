"""The folder of the embedded engine: one process at a time, any number of connections within it."""

from __future__ import annotations

import fcntl
import os
import sys
import threading
from pathlib import Path
from typing import Final

_LOCK_FILE: Final = "caseclock.lock"
_held: Final[dict[Path, tuple[int, int]]] = {}
_guard: Final = threading.Lock()


class FolderInUse(Exception):  # noqa: N818  # a state of the world, not a fault of the program
    """Another process has the folder; the message names it and says what to do."""


def hold(folder: Path) -> Path:
    """Take a folder for this process, made when missing; give it back with ``release``, once for each time.

    Raises:
        FolderInUse: another process has it.
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    with _guard:
        lock, times = _held.get(folder, (-1, 0))
        _held[folder] = (lock if times else _lock(folder), times + 1)
    return folder


def release(folder: Path) -> None:
    """Give back what ``hold`` returned."""
    with _guard:
        lock, times = _held.pop(folder)
        if times > 1:
            _held[folder] = (lock, times - 1)
        else:
            os.close(lock)


def _lock(folder: Path) -> int:
    """Lock the folder's file; the system lets go of it when the process is gone, however it ended."""
    lock = os.open(folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.read(lock, 200).decode("utf-8", "replace").strip() or "unknown"
        os.close(lock)
        msg = f"{folder} is in use by process {owner}; one process at a time: end it or choose another folder"
        raise FolderInUse(msg) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, _who().encode(), 0)
    return lock


def _who() -> str:
    """Number and name of this process; of its arguments only the first, for others may name people's files."""
    words = [Path(sys.argv[0]).name, *(word for word in sys.argv[1:2] if word.isalpha())]
    name = " ".join(word for word in words if word.isprintable())
    return f"{os.getpid()} ({name})" if name else f"{os.getpid()}"
