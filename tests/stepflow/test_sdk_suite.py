"""The SDK's own tests of blobs, as released, with isoblob where they have a stand-in for a blob service."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, Request, Response
from stepflow_py import StepflowClient
from stepflow_py.worker import StepflowServer, blob_store
from stepflow_py.worker.http_server import create_test_app

import processes
from conftest import orchestrator
from sdk_suite import suite

SOURCES = Path(__file__).with_name("sdist.txt")

blob_ref = suite("test_blob_ref", SOURCES)
TestBlobRef = blob_ref.TestBlobRef
TestBlobifyInputs = blob_ref.TestBlobifyInputs
TestResolveBlobRefs = blob_ref.TestResolveBlobRefs
TestBinaryBlobStore = blob_ref.TestBinaryBlobStore

http_server = suite("test_http_server", SOURCES)
test_http_blob_api = http_server.test_http_blob_api
test_initialize_with_blob_threshold = http_server.test_initialize_with_blob_threshold
test_auto_blobify_resolve_and_blobify = http_server.test_auto_blobify_resolve_and_blobify
core_server = http_server.core_server
test_server = http_server.test_server

batch = suite("integration/test_batch_execution", SOURCES)
test_batch_execution_basic = batch.test_batch_execution_basic
test_batch_execution_with_max_concurrent = batch.test_batch_execution_with_max_concurrent
test_batch_execution_results = batch.test_batch_execution_results
test_batch_execution_with_failures = batch.test_batch_execution_with_failures
simple_workflow = batch.simple_workflow
batch_inputs = batch.batch_inputs


@dataclass
class Blobs:
    """What the tests of references ask of a blob service."""

    put: Callable[[Any], Awaitable[str]]


@pytest_asyncio.fixture
async def mock_blob_store(blobs_url: str) -> AsyncIterator[Blobs]:
    """No mock: isoblob."""
    async with httpx.AsyncClient() as client:
        tokens = blob_store.configure(blob_api_url=blobs_url, http_client=client)
        yield Blobs(blob_store.put_blob)
        blob_store.reset(tokens)


@pytest.fixture
def http_app(core_server: StepflowServer, blobs_url: str, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """A component server where, as those tests have it, blobs are under its own URL: it passes requests on."""
    monkeypatch.setattr(http_server, "_test_blob_storage", Storage(blobs_url))
    app = create_test_app(core_server)

    @app.api_route("/blobs{rest:path}", methods=["GET", "POST"])
    async def pass_on(rest: str, request: Request) -> Response:
        headers = {"content-type": request.headers.get("content-type", "")}
        content = await request.body()
        async with httpx.AsyncClient() as client:
            answer = await client.request(request.method, blobs_url + rest, content=content, headers=headers)
        return Response(answer.content, answer.status_code, media_type=answer.headers["content-type"])

    return app


@pytest_asyncio.fixture(scope="module")
async def stepflow_client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StepflowClient]:
    """Of an orchestrator whose builtin `put_blob` keeps the code that the SDK's worker then gets from isoblob."""
    database = f"sqlite:{tmp_path_factory.mktemp('batch')}/state.db?mode=rwc"
    sections = {
        "plugins": {
            "builtin": {"type": "builtin"},
            "python": {"type": "stepflow", "command": str(Path(sys.executable).with_name("stepflow_worker"))},
        },
        "routes": {
            "/builtin/{*component}": [{"plugin": "builtin"}],
            "/python/{*component}": [{"plugin": "python"}],
        },
        "storageConfig": {"type": "sqlite", "databaseUrl": database},
    }
    with processes.isoblob(f"stepflow+{database}") as blobs:
        async with orchestrator({"enabled": False, "url": blobs.blobs}, **sections) as running:
            async with StepflowClient.connect(running.url) as client:
                yield client


class Storage:
    """What those tests look into, and put things into, by id."""

    def __init__(self, blobs_url: str) -> None:
        self.blobs_url = blobs_url

    def __contains__(self, blob_id: str) -> bool:
        return httpx.head(f"{self.blobs_url}/{blob_id}").status_code == httpx.codes.OK

    def __getitem__(self, blob_id: str) -> dict[str, Any]:
        return httpx.get(f"{self.blobs_url}/{blob_id}").raise_for_status().json()

    def __setitem__(self, blob_id: str, blob: dict[str, Any]) -> None:
        assert httpx.post(self.blobs_url, json=blob).raise_for_status().json() == {"blobId": blob_id}
