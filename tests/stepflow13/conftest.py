"""What every test needs: a real isoblob, and a real Stepflow orchestrator of release 0.13 whose worker knows it."""

import importlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import httpx
import pytest
from google.protobuf.json_format import MessageToDict
from stepflow_orchestrator import OrchestratorConfig, StepflowOrchestrator
from stepflow_py.client import StepflowClient
from stepflow_py.proto.common_pb2 import EXECUTION_STATUS_COMPLETED

WORKER = Path(__file__).with_name("worker.py")

# What `isoblob serve` prints once it accepts connections.
READY = "isoblob is serving "


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def isoblob(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address, `host:port`, of an isoblob process that serves a store of its own."""
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
            yield line.removeprefix(READY).split()[0].removeprefix("http://").rstrip("/")
        finally:
            process.terminate()
    assert process.returncode == 0, "isoblob ends well when told to"


@pytest.fixture(scope="session")
def sdk(isoblob: str) -> ModuleType:
    """The SDK's blob functions in this process, told where blobs are as a worker is: before it imports them."""
    assert "stepflow_py.worker.blob_store" not in sys.modules
    os.environ["STEPFLOW_BLOB_URL"] = isoblob
    return importlib.import_module("stepflow_py.worker.blob_store")


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
        flow = {"name": "test", "steps": steps, "output": output}
        stored = await self.client.store_flow(flow)
        assert stored.flow_id, stored
        response = await self.client.run(stored.flow_id, data, timeout=60.0)
        (result,) = response.results
        assert result.status == EXECUTION_STATUS_COMPLETED, result.error_message
        return MessageToDict(result.output)


@pytest.fixture(scope="session")
async def stepflow(anyio_backend: str, isoblob: str) -> AsyncIterator[Stepflow]:
    config = {
        "plugins": {"worker": {"type": "grpc", "queueName": "worker"}},
        "routes": {"/worker": [{"plugin": "worker"}]},
        # What the orchestrator makes blobs of by itself goes to its own store, where the worker does not look.
        "blobApi": {"enabled": False, "blobThreshold": 0},
    }
    # Port 0. What it logs goes into a pipe that nobody empties, so it may only log what goes wrong.
    async with StepflowOrchestrator.start(OrchestratorConfig(config=config, log_level="error")) as orchestrator:
        tasks_url = f"127.0.0.1:{orchestrator.port}"
        async with StepflowClient.connect(tasks_url) as client:
            with worker(STEPFLOW_TASKS_URL=tasks_url, STEPFLOW_QUEUE_NAME="worker", STEPFLOW_BLOB_URL=isoblob):
                with anyio.fail_after(30):
                    while "store" not in await components(client):
                        pass
                yield Stepflow(client)


@contextmanager
def worker(**environment: str) -> Iterator[None]:
    """A process of `worker.py` beside the orchestrator, as a deployment has it."""
    with subprocess.Popen([sys.executable, str(WORKER)], env=os.environ | environment) as process:
        try:
            yield
        finally:
            # Told to end, it first waits for another task.
            process.kill()


async def components(client: StepflowClient) -> set[str]:
    """What the worker has; the orchestrator asks it, and waits for it to be there."""
    listed = await client.list_components(exclude_schemas=True)
    return {component.component_id for component in listed.components}
