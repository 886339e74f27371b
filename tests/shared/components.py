"""The components that the workers of both releases have: they put blobs and get them, as any worker's would."""

import asyncio
import base64
import hashlib
from pathlib import Path
from typing import Any

import msgspec
from stepflow_py.worker import StepflowContext, StepflowServer, blob_store
from stepflow_py.worker.blob_ref import BLOB_TYPE_BINARY, BlobRef, resolve_blob_refs

server = StepflowServer(include_builtins=False)


class Store(msgspec.Struct):
    data: Any


class Load(msgspec.Struct):
    id: str


class Text(msgspec.Struct):
    count: int


class Wait(msgspec.Struct):
    gate: str
    after: Any


class Join(msgspec.Struct):
    parts: list[str]
    image: str
    large: str
    after: Any


@server.component
async def store(input: Store, context: StepflowContext) -> dict[str, Any]:
    return {"id": await context.put_blob(input.data)}


@server.component
async def load(input: Load, context: StepflowContext) -> dict[str, Any]:
    return {"data": await context.get_blob(input.id)}


@server.component
async def store_binary(input: Store, context: StepflowContext) -> dict[str, Any]:
    content = base64.b64decode(input.data)
    return {"id": await blob_store.put_blob_binary(content, filename="bytes.bin")}


@server.component
async def load_binary(input: Load, context: StepflowContext) -> dict[str, Any]:
    return {"base64": base64.b64encode(await blob_store.get_blob_binary(input.id)).decode()}


@server.component
async def store_large(input: Text, context: StepflowContext) -> dict[str, Any]:
    """Stores more than belongs into a workflow's own data."""
    return {"id": await context.put_blob({"text": "é" * input.count})}


@server.component
async def wait(input: Wait, context: StepflowContext) -> dict[str, Any]:
    """Says that it waits, and returns once the gate is open."""
    gate = Path(input.gate)
    gate.with_name(f"{gate.name}.waiting").touch()
    while not gate.exists():
        await asyncio.sleep(0.01)
    return {}


@server.component
async def join(input: Join, context: StepflowContext) -> dict[str, Any]:
    """Stores references to what other steps stored."""
    image = BlobRef(input.image, BLOB_TYPE_BINARY).to_dict()
    parts = [BlobRef(part).to_dict() for part in input.parts]
    return {"id": await context.put_blob({"parts": parts, "image": image, "large": BlobRef(input.large).to_dict()})}


@server.component
async def follow(input: Load, context: StepflowContext) -> dict[str, Any]:
    """Follows the references of such a blob."""
    joined = await context.get_blob(input.id)
    image = await blob_store.get_blob_binary(joined["image"]["$blob"])
    return {"parts": await resolve_blob_refs(joined["parts"]), "image": hashlib.sha256(image).hexdigest()}
