"""What release 0.11 does not do with a blob service beside its orchestrator, as docs/operators.md says it."""

from typing import Any

import httpx
import pytest
from stepflow_py import StepflowClient

from conftest import Stepflow, orchestrator
from flows import flow, step

pytestmark = pytest.mark.anyio


async def failure(worker: str, blob_api: dict[str, Any], *steps: dict[str, Any]) -> str:
    """Why a run of these steps fails."""
    async with orchestrator(blob_api, {"url": worker}) as running, StepflowClient.connect(running.url) as client:
        stepflow = Stepflow(client)
        outcome = await stepflow.outcome(await stepflow.submit(flow([*steps], {"$step": steps[-1]["id"]}), {}))
    assert outcome["outcome"] == "failed", outcome
    error = outcome["error"]
    causes = [cause for level in error["data"].get("stack", []) for cause in level.get("attachments", [])]
    return "; ".join([error["message"], *causes])


async def test_without_a_url_a_worker_says_what_is_missing(worker: str) -> None:
    message = await failure(worker, {"enabled": False}, step("store", data=1))
    assert message == (
        "Component execution failed: Blob API URL not configured. "
        "Ensure the orchestrator is configured with blobApi.url"
    )


async def test_a_blob_that_the_orchestrator_makes_of_an_input_is_not_where_the_worker_looks(
    worker: str, blobs_url: str
) -> None:
    blob_api = {"enabled": False, "url": blobs_url, "blobThreshold": 1000}
    message = await failure(worker, blob_api, step("store", data="x" * 1000))
    assert "Failed to fetch blob " in message
    assert f"404 Not Found' for url '{blobs_url}/" in message


async def test_a_blob_that_a_worker_makes_of_an_output_is_not_where_the_orchestrator_looks(
    worker: str, blobs_url: str, http: httpx.Client
) -> None:
    stored = http.post(blobs_url, json={"data": "x" * 1000}).json()["blobId"]
    blob_api = {"enabled": False, "url": blobs_url, "blobThreshold": 1000}
    message = await failure(worker, blob_api, step("load", id=stored))
    assert "Failed to resolve blob refs in output" in message


async def test_a_flow_that_a_worker_stores_is_not_where_the_orchestrator_looks(worker: str, blobs_url: str) -> None:
    blob_api = {"enabled": False, "url": blobs_url, "blobThreshold": 0}
    message = await failure(worker, blob_api, step("evaluate", data=1))
    assert "Not found: flow with ID '" in message
