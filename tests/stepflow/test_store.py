"""One store for the orchestrator and isoblob: what one of them keeps, the other serves under the same id.

This orchestrator has no store in PostgreSQL.
"""

import hashlib
import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from stepflow_orchestrator import OrchestratorConfig, StepflowOrchestrator
from stepflow_py import StepflowClient

import processes
from conftest import WORKER, Stepflow
from flows import of, step

pytestmark = pytest.mark.anyio

RAW = {"accept": "application/octet-stream"}


@dataclass
class Store:
    """A place for blobs, as each of the two is told."""

    storage: dict[str, Any]
    location: str
    path: Path

    @asynccontextmanager
    async def orchestrator(self, blobs_url: str | None = None) -> AsyncIterator[StepflowOrchestrator]:
        """One that serves blobs itself, or tells its workers another URL."""
        worker = {"type": "stepflow", "command": sys.executable, "args": [str(WORKER)]}
        config = {
            "plugins": {"builtin": {"type": "builtin"}, "worker": worker},
            "routes": {
                "/builtin/{component}": [{"plugin": "builtin"}],
                "/worker/{component}": [{"plugin": "worker"}],
            },
            "storageConfig": self.storage,
            # What is longer becomes a blob by itself.
            "blobApi": {"enabled": blobs_url is None, "url": blobs_url, "blobThreshold": 1000},
        }
        async with StepflowOrchestrator.start(OrchestratorConfig(config=config, log_level="error")) as orchestrator:
            yield orchestrator

    @contextmanager
    def isoblob(self) -> Iterator[httpx.Client]:
        with processes.isoblob(self.location) as running, httpx.Client(base_url=running.root) as client:
            yield client

    def blobs(self) -> set[str]:
        """The ids of all blobs."""
        if self.path.is_dir():
            return {path.stem for path in self.path.glob("??/*.blob")}
        with closing(sqlite3.connect(self.path)) as database:
            return {blob_id for (blob_id,) in database.execute("SELECT id FROM blobs")}


@pytest.fixture(params=["sqlite", "filesystem"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        path = tmp_path / "stepflow.db"
        url = f"sqlite:{path}?mode=rwc"
        return Store({"type": "sqlite", "databaseUrl": url}, f"stepflow+{url}", path)
    path = tmp_path / "blobs"
    in_memory = {"type": "inMemory"}
    storage = {"metadata": in_memory, "journal": in_memory, "blobs": {"type": "filesystem", "directory": str(path)}}
    return Store(storage, f"stepflow+file:{path}", path)


async def run(orchestrator: StepflowOrchestrator, component: str, data: dict[str, Any]) -> Any:
    """The output of a builtin component, run as the only step of a flow."""
    only = {"id": "only", "component": f"/builtin/{component}", "input": data}
    async with StepflowClient.connect(orchestrator.url) as client:
        return await Stepflow(client).run([only], {"$step": "only"}, {})


async def put(orchestrator: StepflowOrchestrator, data: Any) -> str:
    return (await run(orchestrator, "put_blob", {"data": data, "blob_type": "data"}))["blob_id"]


async def get(orchestrator: StepflowOrchestrator, blob_id: str) -> Any:
    return (await run(orchestrator, "get_blob", {"blob_id": blob_id}))["data"]


def put_json(isoblob: httpx.Client, data: Any) -> str:
    return isoblob.post("/api/v1/blobs", json={"data": data}).raise_for_status().json()["blobId"]


def raw(isoblob: httpx.Client, blob_id: str) -> httpx.Response:
    """A blob's bytes, which hash to its id."""
    response = isoblob.get(f"/api/v1/blobs/{blob_id}", headers=RAW).raise_for_status()
    assert hashlib.sha256(response.content).hexdigest() == blob_id
    return response


async def test_what_the_orchestrator_stores_isoblob_serves(store: Store) -> None:
    data = {"z": 1.0, "a": ["Zoë", 505874924095815681]}
    async with store.orchestrator() as orchestrator:
        with store.isoblob() as isoblob:
            blob_id = await put(orchestrator, data)
            response = raw(isoblob, blob_id)
            # The members as they came: their order is not the canonical one.
            assert response.content == '{"z":1.0,"a":["Zoë",505874924095815681]}'.encode()
            assert response.headers["x-blob-canonical"] == "false"
            envelope = isoblob.get(f"/api/v1/blobs/{blob_id}")
            assert envelope.json() == {"data": data, "blobType": "data", "blobId": blob_id}
            assert envelope.headers["x-blob-canonical"] == "false"

            canonical = await put(orchestrator, {"a": 1, "z": "é"})
            assert "x-blob-canonical" not in raw(isoblob, canonical).headers
            assert put_json(isoblob, {"z": "é", "a": 1}) == canonical


async def test_what_isoblob_stores_the_orchestrator_reads(store: Store) -> None:
    """Whichever of them was there first."""
    data = {"z": 1.5, "a": ["Zoë", 505874924095815681]}
    with store.isoblob() as isoblob:
        blob_id = put_json(isoblob, data)
        async with store.orchestrator() as orchestrator:
            assert await get(orchestrator, blob_id) == data
            later = put_json(isoblob, [data])
            assert await get(orchestrator, later) == [data]


async def test_both_start_again(store: Store) -> None:
    async with store.orchestrator() as orchestrator:
        theirs = await put(orchestrator, {"z": "theirs", "a": None})
    with store.isoblob() as isoblob:
        ours = put_json(isoblob, {"z": "ours", "a": None})
        assert json.loads(raw(isoblob, theirs).content) == {"z": "theirs", "a": None}
    async with store.orchestrator() as orchestrator:
        assert await get(orchestrator, ours) == {"z": "ours", "a": None}
        with store.isoblob() as isoblob:
            assert raw(isoblob, theirs).headers["x-blob-type"] == "data"


async def test_flows_are_flows(store: Store) -> None:
    flow = {"steps": [], "output": 7}
    async with store.orchestrator() as orchestrator, StepflowClient.connect(orchestrator.url) as client:
        with store.isoblob() as isoblob:
            flow_id = (await client.store_flow(flow)).flow_id
            assert flow_id is not None
            assert raw(isoblob, flow_id).headers["x-blob-type"] == "flow"

            body = {"data": flow | {"name": "of isoblob"}, "blobType": "flow"}
            flow_id = isoblob.post("/api/v1/blobs", json=body).raise_for_status().json()["blobId"]
            response = await client.run(flow_id, {}, timeout=60.0)
            assert response.results is not None
            assert response.results[0].result.actual_instance.result == 7


async def test_bytes_and_their_names(store: Store) -> None:
    content = bytes(range(256))
    headers = {"content-type": "application/octet-stream", "x-blob-filename": "a b.bin"}
    async with store.orchestrator() as orchestrator, httpx.AsyncClient(base_url=orchestrator.url) as client:
        with store.isoblob() as isoblob:
            answer = await client.post("/api/v1/blobs", content=content, headers=headers)
            response = raw(isoblob, answer.raise_for_status().json()["blobId"])
            assert (response.content, response.headers["x-blob-type"]) == (content, "binary")
            assert 'filename="a b.bin"' in response.headers["content-disposition"]

            answer = isoblob.post("/api/v1/blobs", content=content[1:], headers=headers).raise_for_status()
            response = await client.get(f"/api/v1/blobs/{answer.json()['blobId']}", headers=RAW)
            assert response.content == content[1:]
            assert "a b.bin" in response.headers["content-disposition"]


async def test_what_becomes_a_blob_by_itself(store: Store) -> None:
    """With one store the orchestrator's own blobs and those of its workers, which go to isoblob, are in one place."""
    long = {"z": "x" * 2000, "a": 1}
    steps = [step("store", data={"$input": "$.data"}), step("load", id=of("store", "id"))]
    with store.isoblob() as isoblob:
        async with store.orchestrator(blobs_url=f"{isoblob.base_url}/api/v1/blobs") as orchestrator:
            async with StepflowClient.connect(orchestrator.url) as client:
                stepflow = Stepflow(client)
                result = await stepflow.run(steps, {"id": of("store", "id"), "data": of("load", "data")}, {"data": long})
                assert result["data"] == long
                # It puts a flow where its blobs go, and the orchestrator looks for it in its own store.
                assert "id" in await stepflow.run([step("evaluate", data=None)], {"$step": "evaluate"}, {})
        held = {blob_id: raw(isoblob, blob_id) for blob_id in store.blobs()}
    # The worker's, which isoblob made canonical, and the orchestrator's, of the field that became too long.
    assert held[result["id"]].content == compact({"a": 1, "z": "x" * 2000})
    assert compact(long) in [response.content for response in held.values()]


def compact(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()
