"""A workflow of parallel steps that are joined, and the end of every server in the middle of it."""

from pathlib import Path

import pytest

import processes
from conftest import orchestrator, with_worker
from flows import FanOut, step

pytestmark = pytest.mark.anyio


async def test_a_run_goes_on_after_the_orchestrator_and_isoblob_were_killed(tmp_path: Path) -> None:
    fan_out = FanOut(tmp_path)
    blob_api = {"enabled": False, "blobThreshold": 0}
    state = {"storageConfig": {"type": "sqlite", "databaseUrl": f"sqlite:{tmp_path}/state.db?mode=rwc"}}
    with processes.isoblob(tmp_path / "store") as blobs:
        async with orchestrator(blob_api, **state) as first:
            async with with_worker(first, STEPFLOW_BLOB_URL=blobs.address) as stepflow:
                run = await stepflow.submit(fan_out.flow, fan_out.input)
                await fan_out.until_it_waits()
                processes.kill(first)
        blobs.kill()
    fan_out.open_the_gate()

    with processes.isoblob(tmp_path / "store", listen=blobs.address):
        async with orchestrator(blob_api, **state) as second:
            async with with_worker(second, STEPFLOW_BLOB_URL=blobs.address) as stepflow:
                output = await stepflow.result(run)
                fan_out.check(output)
                # Another run finds what that one left.
                loaded = await stepflow.run([step("load", id=output["joined"])], {"$step": "load"}, {})
                assert loaded["data"]["image"] == {"$blob": output["ids"]["image"], "blobType": "binary"}
