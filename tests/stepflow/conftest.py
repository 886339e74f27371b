"""What every test needs: a real isoblob, and a real Stepflow orchestrator that was told where it is."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from stepflow_orchestrator import OrchestratorConfig, StepflowOrchestrator
from stepflow_py import StepflowClient
from stepflow_py.worker import blob_store

WORKER = Path(__file__).with_name("worker.py")

# What `isoblob serve` prints once it accepts connections.
READY = "isoblob is serving "


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def isoblob(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The root URL of an isoblob process that serves a store of its own, without a slash at its end."""
    binary = os.environ.get("ISOBLOB_BIN")
    if not binary:
        pytest.exit("ISOBLOB_BIN must name the isoblob binary to test; `cargo xtask test` sets it", returncode=2)
    store = tmp_path_factory.mktemp("isoblob") / "store"
    with subprocess.Popen(
        [binary, "serve", "--listen", "127.0.0.1:0", "--store", str(store)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(READY), f"isoblob said {line!r} instead of where it is serving"
            yield line.removeprefix(READY).split()[0].rstrip("/")
        finally:
            process.terminate()
    assert process.returncode == 0, "isoblob ends well when told to"


@pytest.fixture(scope="session")
def blobs_url(isoblob: str) -> str:
    """What `blobApi.url` is set to."""
    return f"{isoblob}/api/v1/blobs"


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """Plain HTTP, without the SDK."""
    with httpx.Client() as client:
        yield client


@pytest.fixture
async def sdk(blobs_url: str) -> AsyncIterator[None]:
    """The SDK's blob functions in this process, set up as its worker sets them up."""
    async with httpx.AsyncClient(timeout=30.0) as client:
        tokens = blob_store.configure(blob_api_url=blobs_url, http_client=client)
        yield
        blob_store.reset(tokens)


@dataclass
class Stepflow:
    """A running orchestrator with the worker of `worker.py` under `/worker/…`."""

    client: StepflowClient

    async def run(self, steps: list[dict[str, Any]], output: Any, data: dict[str, Any]) -> Any:
        """Stores a flow of these steps, runs it with this input, and returns its output."""
        flow = {"name": "test", "steps": steps, "output": output}
        stored = await self.client.store_flow(flow)
        assert stored.flow_id is not None, stored.diagnostics
        response = await self.client.run(stored.flow_id, data, timeout=60.0)
        assert response.results is not None
        outcome = response.results[0].result.actual_instance
        assert outcome.outcome == "success", outcome.error
        return outcome.result


@pytest.fixture(scope="session")
async def stepflow(anyio_backend: str, blobs_url: str) -> AsyncIterator[Stepflow]:
    config = {
        "plugins": {"worker": {"type": "stepflow", "command": sys.executable, "args": [str(WORKER)]}},
        "routes": {"/worker/{component}": [{"plugin": "worker"}]},
        # The orchestrator keeps what it blobs of its own accord, past a threshold of 1 MiB, in its own store, where a
        # worker that was given another URL cannot find it. With a separate blob service that has to be off.
        "blobApi": {"enabled": False, "url": blobs_url, "blobThreshold": 0},
    }
    # Port 0. What it logs goes into a pipe that nobody empties, so it may only log what goes wrong.
    async with StepflowOrchestrator.start(OrchestratorConfig(config=config, log_level="error")) as orchestrator:
        async with StepflowClient.connect(orchestrator.url) as client:
            yield Stepflow(client)
