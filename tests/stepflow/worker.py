"""A Stepflow component server whose components put blobs and get them, as any worker's would."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import msgspec
from stepflow_py.worker import FlowBuilder, StepflowContext, Value, blob_store

from doubles import doubles

sys.path.append(str(Path(__file__).parents[1] / "shared"))
from components import Load, Store, server


class Doubles(msgspec.Struct):
    seed: int
    count: int
    id: str | None = None


@server.component
async def store_reversed(input: Store, context: StepflowContext) -> dict[str, Any]:
    """Stores the same data with the members of every object in the opposite order."""
    return {"id": await context.put_blob(_reversed(input.data))}


@server.component
async def store_doubles(input: Doubles, context: StepflowContext) -> dict[str, Any]:
    return {"id": await context.put_blob(doubles(input.seed, input.count))}


@server.component
async def changed_doubles(input: Doubles, context: StepflowContext) -> dict[str, Any]:
    """Compares what was stored with what is loaded, here, where no one else has parsed or written it in between."""
    assert input.id is not None
    loaded = await context.get_blob(input.id)
    sent = doubles(input.seed, input.count)
    changed = [[a.hex(), float(b).hex()] for a, b in zip(sent, loaded, strict=True) if a.hex() != float(b).hex()]
    return {"count": len(loaded), "changed": changed}


@server.component
async def measure(input: Load, context: StepflowContext) -> dict[str, Any]:
    """How many bytes of JSON a blob has."""
    return {"bytes": len(await blob_store.get_blob_binary(input.id))}


@server.component
async def store_flow(input: Store, context: StepflowContext) -> dict[str, Any]:
    """Stores a workflow definition, in both forms in which the SDK writes one."""
    builder = FlowBuilder(name="inner")
    builder.add_step(id="only", component="/worker/store", input_data={"data": Value.input.add_path("data")})
    builder.set_output(Value.step("only"))
    flow = builder.build()
    return {
        "by_name": await context.put_blob(flow.model_dump(), "flow"),
        "by_alias": await context.put_blob(flow.model_dump(by_alias=True, exclude_unset=True), "flow"),
    }


@server.component
async def told(input: Store, context: StepflowContext) -> dict[str, Any]:
    """What the runtime said of blobs when it initialized this component server."""
    return {"url": server.blob_api_url}


@server.component
async def evaluate(input: Store, context: StepflowContext) -> Any:
    """Asks the runtime to run a workflow, over the event stream that its answer then becomes."""
    builder = FlowBuilder(name="inner")
    builder.add_step(id="only", component="/worker/store", input_data={"data": 1})
    builder.set_output(Value.step("only"))
    return await context.evaluate_flow(builder.build(), {})


def _reversed(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _reversed(data[key]) for key in reversed(data)}
    if isinstance(data, list):
        return [_reversed(item) for item in data]
    return data


if __name__ == "__main__":
    asyncio.run(server.run())
