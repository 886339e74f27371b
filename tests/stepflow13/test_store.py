"""One store for the orchestrator and isoblob: what one of them keeps, the other serves under the same id.

The orchestrator of the wheel is built without its feature `postgres`; that store is in the server's own tests.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import grpc
import httpx
import pytest
from stepflow_orchestrator import OrchestratorConfig, StepflowOrchestrator
from stepflow_py.client import StepflowClient
from stepflow_py.proto.blobs_pb2 import GetBlobRequest, PutBlobRequest
from stepflow_py.proto.blobs_pb2_grpc import BlobServiceStub

import processes
from conftest import Http, Stepflow, components, worker
from flows import of, step

pytestmark = pytest.mark.anyio

# A queue that a worker of its own serves. An orchestrator that has one waits for the worker whenever it looks for a
# component.
WORKER = {"worker": {"type": "grpc", "queueName": "worker"}}

# The orchestrator writes numbers as Rust does, and members in any order.
NUMBER = {"n": 1e20}
OF_RUST = b'{"n":1e+20}'
CANONICAL = b'{"n":100000000000000000000}'


def builtin(name: str, **data: Any) -> dict[str, Any]:
    return {"id": name, "component": f"/builtin/{name}", "input": data}


@dataclass
class Orchestrator:
    """A running orchestrator."""

    address: str
    flows: Stepflow
    blobs: BlobServiceStub

    async def builtin(self, component: str, data: dict[str, Any]) -> Any:
        """The output of a builtin component, run as the only step of a flow."""
        return await self.flows.run([builtin(component, **data)], {"$step": component}, {})

    async def put(self, data: Any) -> str:
        return (await self.builtin("put_blob", {"data": data, "blob_type": "data"}))["blob_id"]

    async def get(self, blob_id: str) -> Any:
        return (await self.builtin("get_blob", {"blob_id": blob_id}))["data"]


@dataclass
class Store:
    """A place for blobs, as each of the two is told."""

    storage: dict[str, Any]
    location: str

    @asynccontextmanager
    async def orchestrator(self, plugins: dict[str, Any] | None = None) -> AsyncIterator[Orchestrator]:
        plugins = {"builtin": {"type": "builtin"}} | (plugins or {})
        config = {
            "plugins": plugins,
            "routes": {f"/{plugin}": [{"plugin": plugin}] for plugin in plugins},
            "storageConfig": self.storage,
        }
        async with StepflowOrchestrator.start(OrchestratorConfig(config=config, log_level="error")) as process:
            address = f"127.0.0.1:{process.port}"
            async with StepflowClient.connect(address) as client, grpc.aio.insecure_channel(address) as channel:
                yield Orchestrator(address, Stepflow(client), BlobServiceStub(channel))

    @contextmanager
    def isoblob(self) -> Iterator[Http]:
        with processes.isoblob(self.location) as running, httpx.Client(base_url=running.root) as client:
            yield Http(client)


@pytest.fixture(params=["sqlite", "filesystem"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        url = f"sqlite:{tmp_path}/stepflow.db?mode=rwc"
        return Store({"type": "sqlite", "databaseUrl": url}, f"stepflow+{url}")
    blobs = {"type": "filesystem", "directory": f"{tmp_path}/blobs"}
    in_memory = {"type": "inMemory"}
    storage = {"metadata": in_memory, "journal": in_memory, "blobs": blobs}
    return Store(storage, f"stepflow+file:{blobs['directory']}")


def raw(isoblob: Http, blob_id: str) -> httpx.Response:
    """A blob's bytes, which hash to its id."""
    response = isoblob.raw(blob_id)
    assert hashlib.sha256(response.content).hexdigest() == blob_id
    return response


async def test_what_the_orchestrator_stores_isoblob_serves(store: Store) -> None:
    async with store.orchestrator() as orchestrator:
        with store.isoblob() as isoblob:
            response = raw(isoblob, await orchestrator.put(NUMBER))
            assert response.content == OF_RUST
            assert response.headers["x-blob-canonical"] == "false"

            canonical = await orchestrator.put({"name": "Zoë"})
            assert "x-blob-canonical" not in raw(isoblob, canonical).headers
            assert isoblob.put('{"name": "Zo\\u00eb"}') == canonical


async def test_what_isoblob_stores_the_orchestrator_reads(store: Store) -> None:
    """Whichever of them was there first."""
    data = {"z": 1.5, "a": ["Zoë", 9007199254740991]}
    with store.isoblob() as isoblob:
        blob_id = isoblob.put(json.dumps(data))
        async with store.orchestrator() as orchestrator:
            assert await orchestrator.get(blob_id) == data
            later = isoblob.put(json.dumps([data]))
            assert await orchestrator.get(later) == [data]


async def test_both_start_again(store: Store) -> None:
    async with store.orchestrator() as orchestrator:
        theirs = await orchestrator.put({"z": "theirs", "a": None})
    with store.isoblob() as isoblob:
        ours = isoblob.put('{"z": "ours", "a": null}')
        assert raw(isoblob, theirs).json() == {"z": "theirs", "a": None}
    async with store.orchestrator() as orchestrator:
        assert await orchestrator.get(ours) == {"z": "ours", "a": None}
        with store.isoblob() as isoblob:
            assert raw(isoblob, theirs).headers["x-blob-type"] == "data"


async def test_flows_are_flows(store: Store) -> None:
    flow = {"steps": [], "output": 7}
    async with store.orchestrator() as orchestrator:
        with store.isoblob() as isoblob:
            client = orchestrator.flows.client
            flow_id = (await client.store_flow(flow)).flow_id
            assert raw(isoblob, flow_id).headers["x-blob-type"] == "flow"

            body = {"data": flow | {"name": "of isoblob"}, "blobType": "flow"}
            flow_id = isoblob.client.post("/api/v1/blobs", json=body).raise_for_status().json()["blobId"]
            (result,) = (await client.run(flow_id, {}, timeout=60.0)).results
            assert result.output.number_value == 7, result.error_message


async def test_bytes_and_their_names(store: Store) -> None:
    content = bytes(range(256))
    headers = {"content-type": "application/octet-stream", "x-blob-filename": "a b.bin"}
    async with store.orchestrator() as orchestrator:
        with store.isoblob() as isoblob:
            put = PutBlobRequest(raw_data=content, blob_type="binary", filename="a b.bin")
            response = raw(isoblob, (await orchestrator.blobs.PutBlob(put)).blob_id)
            assert (response.content, response.headers["x-blob-type"]) == (content, "binary")
            assert 'filename="a b.bin"' in response.headers["content-disposition"]

            answer = isoblob.client.post("/api/v1/blobs", content=content[1:], headers=headers).raise_for_status()
            got = await orchestrator.blobs.GetBlob(GetBlobRequest(blob_id=answer.json()["blobId"]))
            assert (got.raw_data, got.blob_type, got.filename) == (content[1:], "binary", "a b.bin")


async def test_workers_and_the_orchestrator_find_what_the_other_put(store: Store) -> None:
    """A worker's blobs go to isoblob, the builtin components' into the orchestrator's own store: the same one."""
    steps = [
        step("store", data={"$input": "$.data"}),
        builtin("get_blob", blob_id=of("store", "id")),
        builtin("put_blob", data={"$input": "$.data"}, blob_type="data"),
        step("load", id=of("put_blob", "blob_id")),
    ]
    output = {name: {"$step": name} for name in ("store", "get_blob", "put_blob", "load")}
    with store.isoblob() as isoblob:
        async with store.orchestrator(WORKER) as orchestrator:
            environment = {"STEPFLOW_TASKS_URL": orchestrator.address, "STEPFLOW_QUEUE_NAME": "worker"}
            with worker(**environment, STEPFLOW_BLOB_URL=isoblob.client.base_url.netloc.decode()):
                with anyio.fail_after(30):
                    while "store" not in await components(orchestrator.flows.client):
                        pass
                result = await orchestrator.flows.run(steps, output, {"data": NUMBER})
        assert result["get_blob"]["data"] == result["load"]["data"] == NUMBER
        assert raw(isoblob, result["store"]["id"]).content == CANONICAL
        assert raw(isoblob, result["put_blob"]["blob_id"]).content == OF_RUST
