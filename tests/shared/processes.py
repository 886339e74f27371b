"""The isoblob processes that tests start."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# What `isoblob serve` prints once it accepts connections.
READY = "isoblob is serving "


@dataclass
class Isoblob:
    """A running `isoblob serve`."""

    process: subprocess.Popen[str]
    address: str
    """Where it listens, `host:port`."""

    @property
    def root(self) -> str:
        """The root URL, without a slash at its end."""
        return f"http://{self.address}"

    @property
    def blobs(self) -> str:
        """What `blobApi.url` is set to."""
        return f"{self.root}/api/v1/blobs"

    def kill(self) -> None:
        """Ends it with SIGKILL, as a crash would."""
        self.process.kill()
        self.process.wait()


def binary() -> str:
    """The isoblob to test."""
    path = os.environ.get("ISOBLOB_BIN")
    if not path:
        pytest.exit("ISOBLOB_BIN must name the isoblob binary to test; `cargo xtask test` sets it", returncode=2)
    return path


@contextmanager
def isoblob(store: Path | str, *flags: str, listen: str = "127.0.0.1:0") -> Iterator[Isoblob]:
    """Serves a store; told to end, it must end well, unless the test has killed it."""
    command = [binary(), "serve", "--listen", listen, "--store", str(store), *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(READY), f"isoblob said {line!r} instead of where it is serving"
            yield Isoblob(process, line.removeprefix(READY).split()[0].removeprefix("http://").rstrip("/"))
            was_killed = process.poll() is not None
        finally:
            process.terminate()
    assert was_killed or process.returncode == 0, "isoblob ends well when told to"


def kill(orchestrator: Any) -> None:
    """Ends an orchestrator of `stepflow_orchestrator` with SIGKILL, of which it has no way of its own."""
    orchestrator._process.kill()
    orchestrator._process.wait()


def refusal(*flags: str) -> str:
    """What `isoblob serve` says when it does not start."""
    command = [binary(), "serve", "--listen", "127.0.0.1:0", "--store", "memory:", *flags]
    # Without the variables of the tests and of the build, of which it would say that they are none of its settings.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ISOBLOB_")}
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, env=environment)
    assert done.returncode == 1
    return done.stderr
