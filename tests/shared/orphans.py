"""Processes that a server of Stepflow starts, and leaves behind."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


@contextmanager
def without_orphans(pid: int) -> Iterator[None]:
    """Ends a process in the block, and then what it had started and has left behind."""
    try:
        started = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        started = []
    try:
        yield
    finally:
        for process in started:
            with suppress(psutil.NoSuchProcess):
                process.kill()
