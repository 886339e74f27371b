"""Workflows run by the real orchestrator: one step puts a blob into isoblob, the next gets it."""

import base64
import hashlib
import json

import pytest

from conftest import Http, Stepflow
from flows import of, step

pytestmark = pytest.mark.anyio


async def test_one_step_stores_and_the_next_loads(stepflow: Stepflow, http: Http) -> None:
    data = {"user": "Zoë", "id": 9007199254740991, "tags": ["a", None, True], "rate": 0.1, "nested": {"": [{}]}}
    steps = [step("store", data={"$input": "$.data"}), step("load", id=of("store", "id"))]
    result = await stepflow.run(steps, {"id": of("store", "id"), "data": of("load", "data")}, {"data": data})
    assert result["data"] == data

    raw = http.raw(result["id"]).content
    canonical = '{"id":9007199254740991,"nested":{"":[{}]},"rate":0.1,"tags":["a",null,true],"user":"Zoë"}'.encode()
    assert raw == canonical
    assert hashlib.sha256(raw).hexdigest() == result["id"] == http.put(json.dumps(data))


async def test_bytes_come_back_as_they_went_in(stepflow: Stepflow, http: Http) -> None:
    content = bytes(range(256)) * 17
    steps = [step("store_binary", data={"$input": "$.data"}), step("load_binary", id=of("store_binary", "id"))]
    output = {"id": of("store_binary", "id"), "base64": of("load_binary", "base64")}
    result = await stepflow.run(steps, output, {"data": base64.b64encode(content).decode()})
    assert base64.b64decode(result["base64"]) == content
    assert result["id"] == hashlib.sha256(content).hexdigest()
    response = http.raw(result["id"])
    assert response.content == content
    assert response.headers["x-blob-type"] == "binary"


async def test_a_large_blob(stepflow: Stepflow, http: Http) -> None:
    """More than the orchestrator's own blob service would take."""
    result = await stepflow.run([step("store_large", count=3_000_000)], {"$step": "store_large"}, {})
    raw = http.raw(result["id"]).content
    assert raw == b'{"text":"' + "é".encode() * 3_000_000 + b'"}'
    assert hashlib.sha256(raw).hexdigest() == result["id"]


async def test_more_than_the_default_threshold_passes_through_the_orchestrator(stepflow: Stepflow) -> None:
    """With `blobThreshold: 0` it makes no blobs of its own, of which the worker would know nothing."""
    data = {"text": "x" * (1536 << 10)}
    steps = [step("store", data={"$input": "$.data"}), step("load", id=of("store", "id"))]
    result = await stepflow.run(steps, {"$step": "load"}, {"data": data})
    assert result == {"data": data}


async def test_a_flow_as_the_sdk_writes_it(stepflow: Stepflow, http: Http) -> None:
    result = await stepflow.run([step("store_flow", data=None)], {"$step": "store_flow"}, {})
    response = http.raw(result["id"])
    assert response.headers["x-blob-type"] == "flow"
    assert response.json()["steps"][0]["component"] == "/worker/store"
