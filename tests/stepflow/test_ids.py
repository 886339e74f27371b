"""docs/ids.md, computed anew with release 0.11."""

import pytest

import ids
from conftest import orchestrator

pytestmark = pytest.mark.anyio


async def test_ids_by_http(blobs_url: str, worker: str) -> None:
    async with orchestrator({}, {"url": worker}) as running:
        for row in ids.table("By HTTP"):
            assert ids.put(f"{running.url}/api/v1/blobs", row.put) == row.stepflow
            assert ids.put(blobs_url, row.put) == row.isoblob
