"""The SDK's own tests of blobs, as released, with isoblob where they have a stand-in for a blob service."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import pytest_asyncio
from stepflow_py.client import StepflowClient

import processes
from conftest import orchestrator
from sdk_suite import suite

SOURCES = Path(__file__).with_name("sdist.txt")

blob_ref = suite("test_blob_ref", SOURCES)
TestBlobRef = blob_ref.TestBlobRef
TestBlobifyInputs = blob_ref.TestBlobifyInputs
TestResolveBlobRefs = blob_ref.TestResolveBlobRefs

batch = suite("integration/test_batch_execution", SOURCES)
test_batch_execution_basic = batch.test_batch_execution_basic
test_batch_execution_with_max_concurrent = batch.test_batch_execution_with_max_concurrent
test_batch_execution_results = batch.test_batch_execution_results
test_batch_execution_with_failures = batch.test_batch_execution_with_failures
simple_workflow = batch.simple_workflow
batch_inputs = batch.batch_inputs


@dataclass
class Blobs:
    """What those tests ask of a blob service."""

    put: Callable[[Any], Awaitable[str]]


@pytest.fixture
def mock_blob_store(sdk: ModuleType) -> Blobs:
    """No mock: isoblob."""
    return Blobs(sdk.put_blob)


@pytest_asyncio.fixture(scope="module")
async def stepflow_client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StepflowClient]:
    """Of an orchestrator whose builtin `put_blob` keeps the code that the SDK's worker then gets from isoblob."""
    database = f"sqlite:{tmp_path_factory.mktemp('batch')}/state.db?mode=rwc"
    with processes.isoblob(f"stepflow+{database}") as blobs:
        worker = {
            "type": "grpc",
            "command": str(Path(sys.executable).with_name("stepflow_worker")),
            "queueName": "python",
            "env": {"STEPFLOW_BLOB_URL": blobs.address},
        }
        sections = {
            "plugins": {"builtin": {"type": "builtin"}, "python": worker},
            "routes": {"/builtin": [{"plugin": "builtin"}], "/python": [{"plugin": "python"}]},
            "storageConfig": {"type": "sqlite", "databaseUrl": database},
        }
        async with orchestrator({}, **sections) as running:
            async with StepflowClient.connect(running.url) as client:
                yield client
