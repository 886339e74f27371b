"""What every test needs: a real isoblob, and a real Stepflow orchestrator of release 0.13 whose worker knows it."""

import importlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import httpx
import pytest
from stepflow_orchestrator import OrchestratorConfig, StepflowOrchestrator
from stepflow_py.client import StepflowClient

import processes
from flows import flow
from orphans import without_orphans

WORKER = Path(__file__).with_name("worker.py")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def isoblob(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address, `host:port`, of an isoblob process that serves a store of its own."""
    with processes.isoblob(tmp_path_factory.mktemp("isoblob") / "store") as running:
        yield running.address


@pytest.fixture(scope="session")
def sdk(isoblob: str) -> ModuleType:
    """The SDK's blob functions in this process, told where blobs are as a worker is, which they read when imported."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("STEPFLOW_BLOB_URL", isoblob)
        return importlib.reload(importlib.import_module("stepflow_py.worker.blob_store"))


@dataclass
class Http:
    """The same store by HTTP, without the SDK."""

    client: httpx.Client

    def raw(self, blob_id: str) -> httpx.Response:
        response = self.client.get(f"/api/v1/blobs/{blob_id}", headers={"accept": "application/octet-stream"})
        return response.raise_for_status()

    def put(self, text: str) -> str:
        """Stores a JSON text."""
        headers = {"content-type": "application/json"}
        response = self.client.post("/api/v1/blobs", content=f'{{"data": {text}}}'.encode(), headers=headers)
        return response.raise_for_status().json()["blobId"]


@pytest.fixture(scope="session")
def http(isoblob: str) -> Iterator[Http]:
    with httpx.Client(base_url=f"http://{isoblob}") as client:
        yield Http(client)


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
        assert stored.flow_id, stored
        return (await self.client.submit(stored.flow_id, data)).summary.run_id

    async def result(self, run_id: str) -> Any:
        """Waits for a run, and returns its output."""
        outcome = await self.outcome(run_id)
        assert outcome["status"] == "EXECUTION_STATUS_COMPLETED", outcome
        return outcome["output"]

    async def outcome(self, run_id: str) -> dict[str, Any]:
        """Waits for a run, and returns what came of it."""
        await self.client.get_run(run_id, wait=True, timeout=60.0)
        (item,) = await self.client.get_run_items(run_id)
        return item


@asynccontextmanager
async def orchestrator(
    blob_api: dict[str, Any], plugin: dict[str, Any] | None = None, **sections: Any
) -> AsyncIterator[StepflowOrchestrator]:
    """An orchestrator with this `blobApi`, and workers that are started by `plugin` or that come by themselves."""
    config = {
        "plugins": {"worker": {"type": "grpc", "queueName": "worker"} | (plugin or {})},
        "routes": {"/worker": [{"plugin": "worker"}]},
        "blobApi": blob_api,
        **sections,
    }
    settings = OrchestratorConfig(
        config=config,
        # What it logs goes into a pipe that nobody empties, so it may only log what goes wrong.
        log_level="error",
        # Under the id that it had, it takes up its runs when it starts again, not when its lease has expired.
        env={"STEPFLOW_ORCHESTRATOR_ID": "tests"},
        # Told to end, it waits for its workers, and they for it.
        shutdown_timeout=0.1,
    )
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(StepflowOrchestrator.start(settings))
        pid = running._process.pid
        try:
            yield running
        finally:
            with without_orphans(pid):
                await stack.aclose()


@asynccontextmanager
async def connect(running: StepflowOrchestrator) -> AsyncIterator[Stepflow]:
    """A client, once the worker is there."""
    async with StepflowClient.connect(f"127.0.0.1:{running.port}") as client:
        with anyio.fail_after(30):
            while not await components(client):
                await anyio.sleep(0.01)
        yield Stepflow(client)


async def components(client: StepflowClient) -> set[str]:
    """What the worker has; the orchestrator asks it, and waits for it to be there."""
    listed = await client.list_components(exclude_schemas=True)
    return {component.component_id for component in listed.components}


@contextmanager
def worker(**environment: str) -> Iterator[None]:
    """A process of `worker.py` beside the orchestrator, as a deployment has it."""
    with subprocess.Popen([sys.executable, str(WORKER)], env=os.environ | environment) as process:
        try:
            yield
        finally:
            # Told to end, it first waits for another task.
            process.kill()


@asynccontextmanager
async def with_worker(running: StepflowOrchestrator, **environment: str) -> AsyncIterator[Stepflow]:
    """A worker beside an orchestrator, and a client of it."""
    tasks = f"127.0.0.1:{running.port}"
    with worker(STEPFLOW_TASKS_URL=tasks, STEPFLOW_QUEUE_NAME="worker", **environment):
        async with connect(running) as stepflow:
            yield stepflow


@pytest.fixture(scope="session")
async def stepflow(anyio_backend: str, isoblob: str) -> AsyncIterator[Stepflow]:
    # What the orchestrator makes blobs of by itself goes to its own store, where the worker does not look.
    async with orchestrator({"enabled": False, "blobThreshold": 0}) as running:
        async with with_worker(running, STEPFLOW_BLOB_URL=isoblob) as stepflow:
            yield stepflow
