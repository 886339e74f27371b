"""What every test needs: a real isoblob, and a real Stepflow orchestrator that was told where it is."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from stepflow_orchestrator import OrchestratorConfig, StepflowOrchestrator
from stepflow_py import StepflowClient
from stepflow_py.worker import blob_store

import processes
from flows import flow

WORKER = Path(__file__).with_name("worker.py")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def isoblob(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The root URL of an isoblob process that serves a store of its own, without a slash at its end."""
    with processes.isoblob(tmp_path_factory.mktemp("isoblob") / "store") as running:
        yield running.root


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


@pytest.fixture
def worker() -> Iterator[str]:
    """The URL of a component server that nobody has initialized."""
    with subprocess.Popen([sys.executable, str(WORKER)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        finally:
            process.terminate()


@dataclass
class Stepflow:
    """A running orchestrator with the worker of `worker.py` under `/worker/…`."""

    client: StepflowClient

    async def run(self, steps: list[dict[str, Any]], output: Any, data: dict[str, Any]) -> Any:
        """Stores a flow of these steps, runs it with this input, and returns its output."""
        return await self.result(await self.submit(flow(steps, output), data))

    async def submit(self, flow: dict[str, Any], data: dict[str, Any]) -> str:
        """Stores a flow and starts it with this input; returns the id of the run."""
        stored = await self.client.store_flow(flow)
        assert stored.flow_id is not None, stored.diagnostics
        return (await self.client.submit(stored.flow_id, data)).run_id

    async def result(self, run_id: str) -> Any:
        """Waits for a run, and returns its output."""
        outcome = await self.outcome(run_id)
        assert outcome["outcome"] == "success", outcome
        return outcome["result"]

    async def outcome(self, run_id: str) -> dict[str, Any]:
        """Waits for a run, and returns what came of it."""
        await self.client.get_run(run_id, wait=True, timeout=60.0)
        (item,) = await self.client.get_run_items(run_id)
        return item["result"]


@asynccontextmanager
async def orchestrator(
    blob_api: dict[str, Any], plugin: dict[str, Any] | None = None, **sections: Any
) -> AsyncIterator[StepflowOrchestrator]:
    """An orchestrator with this `blobApi`, which starts the worker itself unless `plugin` says where one is."""
    config = {
        "plugins": {"worker": {"type": "stepflow"} | (plugin or {"command": sys.executable, "args": [str(WORKER)]})},
        "routes": {"/worker/{component}": [{"plugin": "worker"}]},
        "blobApi": blob_api,
        **sections,
    }
    settings = OrchestratorConfig(
        config=config,
        # What it logs goes into a pipe that nobody empties, so it may only log what goes wrong.
        log_level="error",
        # Under the id that it had, it takes up its runs when it starts again, not when its lease has expired.
        env={"STEPFLOW_ORCHESTRATOR_ID": "tests"},
    )
    async with StepflowOrchestrator.start(settings) as running:
        yield running


@pytest.fixture(scope="session")
async def stepflow(anyio_backend: str, blobs_url: str) -> AsyncIterator[Stepflow]:
    # The orchestrator keeps what it blobs of its own accord, past a threshold of 1 MiB, in its own store, where a
    # worker that was given another URL cannot find it. With a separate blob service that has to be off.
    async with orchestrator({"enabled": False, "url": blobs_url, "blobThreshold": 0}) as running:
        async with StepflowClient.connect(running.url) as client:
            yield Stepflow(client)
