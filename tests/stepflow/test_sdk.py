"""The SDK's own functions, called directly against isoblob: what a worker or any other Python program does."""

import hashlib
import json
from typing import Any

import httpx
import pytest
from stepflow_py.api import ApiClient, Configuration
from stepflow_py.api.api import BlobApi
from stepflow_py.api.models.blob_type import BlobType
from stepflow_py.api.models.store_blob_request import StoreBlobRequest
from stepflow_py.worker import blob_store
from stepflow_py.worker.blob_ref import blobify_inputs, resolve_blob_refs

from doubles import doubles

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("sdk")]

DEEPEST = 127


def nested(depth: int) -> Any:
    data: Any = 0
    for _ in range(depth):
        data = [data]
    return data


VALUES = {
    "null": None,
    "false": False,
    "zero": 0,
    "empty string": "",
    "empty array": [],
    "empty object": {},
    "more than 53 bits": 505874924095815681,
    "more than 64 bits": -(10**60 + 1),
    "largest exponent": 2**1023,
    "smallest double": 5e-324,
    "largest double": 1.7976931348623157e308,
    "an integer as a double": 9007199254740992.0,
    "text": 'a"\\\b\f\n\r\t\x00\x1f\x7f \u00e9 \u2028 \uffff \U0001f600',
    "keys by UTF-16": {"\uffff": 1, "\U0001f600": 2, "\ue000": 3, "\u00e9": 4, "e\u0301": 5},
    "looks like a reference": {"$blob": "not an id", "blobType": "data", "size": 1},
    "looks like an envelope": {"data": {"data": 1}, "blobType": "data", "blobId": "0" * 64},
    "deepest": nested(DEEPEST),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
async def test_put_and_get(value: Any, blobs_url: str, http: httpx.Client) -> None:
    blob_id = await blob_store.put_blob(value)
    loaded = await blob_store.get_blob(blob_id)
    assert loaded == value
    raw = http.get(f"{blobs_url}/{blob_id}", headers={"accept": "application/octet-stream"}).content
    assert hashlib.sha256(raw).hexdigest() == blob_id
    assert json.loads(raw) == value


async def test_integers_stay_integers() -> None:
    integers = [505874924095815681, 2**53 + 1, -(2**63), 2**64 + 1, 10**300 + 7]
    loaded = await blob_store.get_blob(await blob_store.put_blob(integers))
    assert [(type(number), number) for number in loaded] == [(int, number) for number in integers]


async def test_doubles_come_back_as_they_went_in() -> None:
    sent = doubles(seed=754, count=20_000)
    loaded = await blob_store.get_blob(await blob_store.put_blob(sent))
    assert [float(number).hex() for number in loaded] == [number.hex() for number in sent]


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"{}", bytes(range(256)) * 4096], ids=["empty", "nul", "json", "1 MiB"]
)
async def test_bytes(content: bytes) -> None:
    blob_id = await blob_store.put_blob_binary(content)
    assert blob_id == hashlib.sha256(content).hexdigest()
    assert await blob_store.get_blob_binary(blob_id) == content


async def test_the_bytes_of_json_are_its_canonical_form() -> None:
    blob_id = await blob_store.put_blob({"b": 1.0, "a": "\u00e9"})
    assert await blob_store.get_blob_binary(blob_id) == '{"a":"é","b":1}'.encode()


async def test_get_many_at_once() -> None:
    ids = [await blob_store.put_blob({"n": n}) for n in range(100)]
    assert len(set(ids)) == 100
    assert await blob_store.get_blobs(set(ids)) == {blob_id: {"n": n} for n, blob_id in enumerate(ids)}


async def test_references_are_made_and_resolved() -> None:
    large = {"rows": [{"n": n, "x": n / 7} for n in range(500)]}
    data = {"large": large, "same again": dict(reversed(large.items())), "small": 1}
    replaced, created = await blobify_inputs(data, threshold=1000)
    assert set(replaced["large"]) == {"$blob", "size"}
    assert replaced["small"] == 1
    assert len(created) == 2
    assert len(set(created)) == 1
    assert await resolve_blob_refs(replaced) == data

    # References inside a blob are followed too.
    outer = await blob_store.put_blob(replaced)
    assert await resolve_blob_refs({"outer": {"$blob": outer}}) == {"outer": data}


REFUSED = {
    "one container too many": (nested(DEEPEST + 1), "data"),
    "no double is as large": (2**1024, "data"),
    "not a flow": ({"steps": [{"component": "/a/b"}]}, "flow"),
    "no such type": ({}, "workflow"),
}


@pytest.mark.parametrize(("value", "blob_type"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_refused_is_an_error(value: Any, blob_type: str) -> None:
    with pytest.raises(RuntimeError, match="400 Bad Request"):
        await blob_store.put_blob(value, blob_type)


async def test_what_is_not_there_is_an_error() -> None:
    missing = "0" * 64
    with pytest.raises(RuntimeError, match=f"Failed to fetch blob {missing}: Client error '404 Not Found'"):
        await blob_store.get_blob(missing)
    with pytest.raises(RuntimeError, match="404 Not Found"):
        await blob_store.get_blob_binary(missing)


async def test_the_generated_client(isoblob: str) -> None:
    async with ApiClient(Configuration(host=f"{isoblob}/api/v1")) as client:
        api = BlobApi(client)
        data = {"id": 505874924095815681, "name": "Zoë"}
        for blob_type in (None, BlobType.DATA):
            request = StoreBlobRequest(data=data, blobType=blob_type, filename="zoë.json")
            stored = await api.store_blob(request)
            found = await api.get_blob(stored.blob_id)
            assert found.data == data
            assert found.blob_type == BlobType.DATA
            assert found.blob_id == stored.blob_id
            assert found.filename == "zoë.json"
