"""What release 0.13 does not do with a blob service beside its orchestrator, as docs/operators.md says it."""

import sys
from typing import Any

import pytest
from stepflow_orchestrator import StepflowOrchestrator

from conftest import WORKER, Stepflow, connect, orchestrator, with_worker
from flows import flow, of, step

pytestmark = pytest.mark.anyio

STARTED = {"command": sys.executable, "args": [str(WORKER)]}
ANOTHER = "http://127.0.0.1:1/api/v1/blobs"


async def told(running: StepflowOrchestrator) -> str:
    async with connect(running) as stepflow:
        return (await stepflow.run([step("told", data=None)], {"$step": "told"}, {}))["url"]


async def failure(stepflow: Stepflow, *steps: dict[str, Any]) -> str:
    """Why a run of these steps fails."""
    outcome = await stepflow.outcome(await stepflow.submit(flow([*steps], {"$step": steps[-1]["id"]}), {}))
    assert outcome["status"] == "EXECUTION_STATUS_FAILED", outcome
    return outcome["error_message"]


@pytest.mark.parametrize("blob_api", [{}, {"url": ANOTHER}, {"enabled": False, "url": ANOTHER, "blobThreshold": 0}])
async def test_the_orchestrator_names_itself_to_the_workers_that_it_starts(blob_api: dict[str, Any]) -> None:
    async with orchestrator(blob_api, STARTED) as running:
        assert await told(running) == f"127.0.0.1:{running.port}"


async def test_the_environment_of_the_plugin_names_another(isoblob: str) -> None:
    async with orchestrator({}, {**STARTED, "env": {"STEPFLOW_BLOB_URL": isoblob}}) as running:
        assert await told(running) == isoblob


async def test_without_a_url_a_worker_says_what_is_missing() -> None:
    async with orchestrator({}) as running:
        async with with_worker(running) as stepflow:
            assert await failure(stepflow, step("store", data=1)) == "No blob_service_url configured"
            message = "Blob service URL not configured. Set the STEPFLOW_BLOB_URL environment variable."
            assert await failure(stepflow, step("store_binary", data="")) == message


async def test_a_component_gets_4_mib_at_most_by_grpc(stepflow: Stepflow) -> None:
    """What is larger it can put, and get by HTTP: the component `measure` does, in test_restart.py."""
    large = step("store_large", count=2_500_000)
    message = await failure(stepflow, large, step("load", id=of(large["id"], "id")))
    assert "Received message larger than max (5000103 vs. 4194304)" in message
