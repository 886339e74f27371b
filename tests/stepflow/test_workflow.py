"""Workflows run by the real orchestrator: one step puts a blob into isoblob, the next gets it."""

import base64
import hashlib
from typing import Any

import httpx
import pytest

from conftest import Stepflow
from flows import of, step

pytestmark = pytest.mark.anyio

RAW = {"accept": "application/octet-stream"}


async def store_and_load(stepflow: Stepflow, data: Any) -> dict[str, Any]:
    steps = [step("store", data={"$input": "$.data"}), step("load", id=of("store", "id"))]
    return await stepflow.run(steps, {"id": of("store", "id"), "data": of("load", "data")}, {"data": data})


async def test_one_step_stores_and_the_next_loads(stepflow: Stepflow, blobs_url: str, http: httpx.Client) -> None:
    data = {"user": "Zoë", "id": 505874924095815681, "tags": ["a", None, True], "rate": 0.1, "nested": {"": [{}]}}
    result = await store_and_load(stepflow, data)
    assert result["data"] == data
    assert isinstance(result["data"]["id"], int)

    envelope = http.get(f"{blobs_url}/{result['id']}").json()
    assert envelope == {"data": data, "blobType": "data", "blobId": result["id"]}
    raw = http.get(f"{blobs_url}/{result['id']}", headers=RAW).content
    canonical = '{"id":505874924095815681,"nested":{"":[{}]},"rate":0.1,"tags":["a",null,true],"user":"Zoë"}'.encode()
    assert raw == canonical
    assert hashlib.sha256(raw).hexdigest() == result["id"]


async def test_key_order_does_not_matter(stepflow: Stepflow) -> None:
    steps = [step("store", data={"$input": "$.data"}), step("store_reversed", data={"$input": "$.data"})]
    ids = {"one": of("store", "id"), "other": of("store_reversed", "id")}
    result = await stepflow.run(steps, ids, {"data": {"b": 1, "a": {"d": [{"f": 2, "e": 3}], "c": 4}}})
    assert result["one"] == result["other"]


async def test_doubles_come_back_as_they_went_in(stepflow: Stepflow) -> None:
    numbers = {"seed": 8785, "count": 20_000}
    steps = [step("store_doubles", **numbers), step("changed_doubles", **numbers, id=of("store_doubles", "id"))]
    result = await stepflow.run(steps, {"$step": "changed_doubles"}, {})
    assert result == {"count": 20_000, "changed": []}


async def test_bytes_come_back_as_they_went_in(stepflow: Stepflow, blobs_url: str, http: httpx.Client) -> None:
    content = bytes(range(256)) * 17
    steps = [step("store_binary", data={"$input": "$.data"}), step("load_binary", id=of("store_binary", "id"))]
    output = {"id": of("store_binary", "id"), "base64": of("load_binary", "base64")}
    result = await stepflow.run(steps, output, {"data": base64.b64encode(content).decode()})
    assert base64.b64decode(result["base64"]) == content
    assert result["id"] == hashlib.sha256(content).hexdigest()
    response = http.get(f"{blobs_url}/{result['id']}", headers=RAW)
    assert response.content == content
    assert response.headers["x-blob-type"] == "binary"
    assert "bytes.bin" in response.headers["content-disposition"]


async def test_a_large_blob(stepflow: Stepflow, blobs_url: str, http: httpx.Client) -> None:
    steps = [step("store_large", count=2_000_000), step("measure", id=of("store_large", "id"))]
    output = {"id": of("store_large", "id"), "bytes": of("measure", "bytes")}
    result = await stepflow.run(steps, output, {})
    raw = http.get(f"{blobs_url}/{result['id']}", headers=RAW).content
    assert raw == b'{"text":"' + "é".encode() * 2_000_000 + b'"}'
    assert result["bytes"] == len(raw)
    assert hashlib.sha256(raw).hexdigest() == result["id"]


async def test_flows_as_the_sdk_writes_them(stepflow: Stepflow, blobs_url: str, http: httpx.Client) -> None:
    result = await stepflow.run([step("store_flow", data=None)], {"$step": "store_flow"}, {})
    assert set(result) == {"by_name", "by_alias"}
    for blob_id in result.values():
        envelope = http.get(f"{blobs_url}/{blob_id}").json()
        assert envelope["blobType"] == "flow"
        assert envelope["data"]["steps"][0]["component"] == "/worker/store"
