"""Child processes that must never outlive this one, and ports for them."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> Callable[[], None] | None:
    """Make a `preexec_fn` that has the kernel kill the child when this process is gone, however it ended.

    Returns:
        It, or `None` where the kernel cannot do that (only Linux can). The kernel watches the thread that
        starts the child, so start it from one that lives as long as the child shall.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up before the fork: after it only system calls
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died between the fork and the request
            os._exit(1)

    return ask_the_kernel


def free_port() -> int:
    """Find a free port of the loopback interface; another program may still take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end(process: subprocess.Popen[Any], *, patience: float = 3.0) -> None:
    """End a child: asked first, killed after `patience` seconds, and waited for."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
