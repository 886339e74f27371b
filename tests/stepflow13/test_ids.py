"""docs/ids.md, computed anew with release 0.13."""

import json
from types import ModuleType

import pytest

import ids
from conftest import orchestrator

pytestmark = pytest.mark.anyio


async def test_ids_by_http_and_by_grpc(isoblob: str, sdk: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = f"http://{isoblob}/api/v1/blobs"
    # Without a plugin whose worker it would wait for.
    builtin = {"plugins": {"builtin": {"type": "builtin"}}, "routes": {"/builtin": [{"plugin": "builtin"}]}}
    async with orchestrator({}, **builtin) as running:
        theirs = f"{running.url}/api/v1/blobs"
        for row in ids.table("By HTTP"):
            assert ids.put(theirs, row.put) == row.stepflow
            assert ids.put(blobs, row.put) == row.isoblob
        for row in ids.table("By gRPC"):
            assert ids.kept(blobs, await sdk.put_blob(json.loads(row.put))) == row.isoblob
        monkeypatch.setattr(sdk, "_BLOB_URL", f"127.0.0.1:{running.port}")
        for row in ids.table("By gRPC"):
            assert ids.kept(theirs, await sdk.put_blob(json.loads(row.put))) == row.stepflow
