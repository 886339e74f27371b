"""The SDK's own functions, called directly against isoblob: what a worker or any other Python program does."""

import hashlib
import json
import math
import random
import struct
from types import ModuleType
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from stepflow_py.proto import GetBlobRequest, PutBlobRequest
from stepflow_py.proto.blobs_pb2_grpc import BlobServiceStub

from conftest import Http

pytestmark = pytest.mark.anyio


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
    "53 bits": 2**53,
    "smallest double": 5e-324,
    "largest double": 1.7976931348623157e308,
    "text": 'a"\\\b\f\n\r\t\x00\x1f\x7f \u00e9 \u2028 \uffff \U0001f600',
    "keys by UTF-16": {"\uffff": 1, "\U0001f600": 2, "\ue000": 3, "\u00e9": 4, "e\u0301": 5},
    "looks like a reference": {"$blob": "not an id", "blobType": "data", "size": 1},
    "deepest that protobuf reads": nested(49),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
async def test_put_and_get(value: Any, sdk: ModuleType, http: Http) -> None:
    blob_id = await sdk.put_blob(value)
    assert await sdk.get_blob(blob_id) == value
    assert http.put(json.dumps(value)) == blob_id, "one id by gRPC and by HTTP"
    raw = http.raw(blob_id).content
    assert hashlib.sha256(raw).hexdigest() == blob_id
    assert json.loads(raw) == value


async def test_doubles_come_back_as_they_went_in(sdk: ModuleType, http: Http) -> None:
    bits = random.Random(754)
    numbers = [struct.unpack("<d", bits.randbytes(8))[0] for _ in range(20_000)]
    # The sign of zero is not kept.
    sent = [number for number in numbers if math.isfinite(number) and number != 0.0]
    blob_id = await sdk.put_blob(sent)
    loaded = await sdk.get_blob(blob_id)
    assert [float(number).hex() for number in loaded] == [number.hex() for number in sent]
    assert http.put(json.dumps(sent)) == blob_id


async def test_an_integer_that_is_no_double_is_an_error_and_http_has_it(sdk: ModuleType, http: Http) -> None:
    blob_id = http.put('{"id": 505874924095815681}')
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await sdk.get_blob(blob_id)
    assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "does not hold 505874924095815681; HTTP tells it, in `/id`" in raised.value.details()
    assert http.raw(blob_id).content == b'{"id":505874924095815681}'


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"{}", bytes(range(256)) * 4096], ids=["empty", "nul", "json", "1 MiB"]
)
async def test_bytes(content: bytes, sdk: ModuleType, http: Http) -> None:
    blob_id = await sdk.put_blob_binary(content)
    assert blob_id == hashlib.sha256(content).hexdigest()
    assert await sdk.get_blob_binary(blob_id) == content
    assert http.raw(blob_id).content == content


async def test_more_than_grpc_takes_by_itself(sdk: ModuleType, http: Http) -> None:
    """A message of more than 4 MiB is taken. What the SDK receives it limits to that by itself."""
    content = bytes(range(256)) * (5 << 12)
    blob_id = await sdk.put_blob_binary(content)
    assert http.raw(blob_id).content == content
    with pytest.raises(grpc.aio.AioRpcError, match="larger than max"):
        await sdk.get_blob_binary(blob_id)


async def test_get_many_at_once(sdk: ModuleType) -> None:
    ids = [await sdk.put_blob({"n": n}) for n in range(100)]
    assert len(set(ids)) == 100
    assert await sdk.get_blobs(set(ids)) == {blob_id: {"n": n} for n, blob_id in enumerate(ids)}


async def test_references_are_made_and_resolved(sdk: ModuleType) -> None:
    from stepflow_py.worker.blob_ref import blobify_inputs, resolve_blob_refs

    large = {"rows": [{"n": n, "x": n / 7} for n in range(500)]}
    data = {"large": large, "same again": dict(reversed(large.items())), "small": 1}
    replaced, created = await blobify_inputs(data, threshold=1000)
    assert set(replaced["large"]) == {"$blob", "size"}
    assert len(created) == 2
    assert len(set(created)) == 1
    assert await resolve_blob_refs(replaced) == data


FLOW_WITHOUT_ID = {"steps": [{"component": "/a/b"}]}
REFUSED = {
    "not finite": (math.nan, "data", "nan is no number of JSON"),
    "not a flow": (FLOW_WITHOUT_ID, "flow", "a step must have the string `id`, in `/steps/0`"),
    "no such type": ({}, "workflow", "a blob type is `data`, `flow` or `binary`"),
}


@pytest.mark.parametrize(("value", "blob_type", "message"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_refused_is_an_error(value: Any, blob_type: str, message: str, sdk: ModuleType) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await sdk.put_blob(value, blob_type)
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert raised.value.details().lower() == message.lower()


async def test_what_is_not_there_is_an_error(sdk: ModuleType) -> None:
    missing = "0" * 64
    for get in (sdk.get_blob, sdk.get_blob_binary):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await get(missing)
        assert raised.value.code() == grpc.StatusCode.NOT_FOUND
        assert raised.value.details() == f"there is no blob {missing}"


async def test_every_field_of_the_protocol(isoblob: str, http: Http) -> None:
    """What the SDK's functions leave out, by its generated code."""
    async with grpc.aio.insecure_channel(isoblob) as channel:
        stub = BlobServiceStub(channel)
        request = PutBlobRequest(raw_data=b"\x89PNG", blob_type="binary", filename="zoë.png", content_type="image/png")
        stored = await stub.PutBlob(request)
        assert (stored.blob_id, stored.filename) == (hashlib.sha256(b"\x89PNG").hexdigest(), "zoë.png")
        found = await stub.GetBlob(GetBlobRequest(blob_id=stored.blob_id))
        assert found.WhichOneof("content") == "raw_data"
        assert (found.raw_data, found.blob_type, found.blob_id) == (b"\x89PNG", "binary", stored.blob_id)
        assert (found.filename, found.content_type) == ("zoë.png", "application/octet-stream")

        # A JSON text as bytes keeps what a Value would round.
        text = b'{ "b": 1.0, "a": 505874924095815681 }'
        stored = await stub.PutBlob(PutBlobRequest(raw_data=text, blob_type="data"))
        assert not stored.HasField("filename")
        assert http.raw(stored.blob_id).content == b'{"a":505874924095815681,"b":1}'

        value = struct_pb2.Value(string_value="a")
        stored = await stub.PutBlob(PutBlobRequest(json_data=value))
        found = await stub.GetBlob(GetBlobRequest(blob_id=stored.blob_id))
        assert (found.WhichOneof("content"), found.json_data, found.blob_type) == ("json_data", value, "data")
        assert not found.HasField("filename")
        assert not found.HasField("content_type")
