"""The server holds to its document: schemathesis reads it, and looks for an answer that is not as it says."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# What `isoblob serve` prints once it accepts connections.
READY = "isoblob is serving "


@pytest.fixture
def isoblob(tmp_path: Path) -> Iterator[str]:
    """The root URL of an isoblob process that serves a store of its own, without a slash at its end."""
    binary = os.environ.get("ISOBLOB_BIN")
    if not binary:
        pytest.exit("ISOBLOB_BIN must name the isoblob binary to test; `cargo xtask test` sets it", returncode=2)
    command = [binary, "serve", "--listen", "127.0.0.1:0", "--store", str(tmp_path / "store"), "--log", "warn"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(READY), f"isoblob said {line!r} instead of where it is serving"
            yield line.removeprefix(READY).split()[0].rstrip("/")
        finally:
            process.terminate()
    assert process.returncode == 0, "isoblob ends well when told to"


def test_every_answer_is_as_the_document_says(isoblob: str, tmp_path: Path) -> None:
    folder = Path(__file__).parent
    schemathesis = Path(sys.executable).with_name("schemathesis")
    command = [schemathesis, "--config-file", folder / "schemathesis.toml", "run", f"{isoblob}/api/v1/openapi.json"]
    # What it leaves behind, it leaves there.
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
