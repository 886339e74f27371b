"""A Stepflow worker whose components put blobs and get them, as any worker's would."""

import asyncio
import base64
import os
from typing import Any

import msgspec
from stepflow_py.worker import FlowBuilder, StepflowContext, StepflowServer, Value
from stepflow_py.worker.grpc_worker import run_grpc_worker

server = StepflowServer(include_builtins=False)


class Store(msgspec.Struct):
    data: Any


class Load(msgspec.Struct):
    id: str


class Text(msgspec.Struct):
    count: int


@server.component
async def store(input: Store, context: StepflowContext) -> dict[str, Any]:
    return {"id": await context.put_blob(input.data)}


@server.component
async def load(input: Load, context: StepflowContext) -> dict[str, Any]:
    return {"data": await context.get_blob(input.id)}


@server.component
async def store_binary(input: Store, context: StepflowContext) -> dict[str, Any]:
    return {"id": await context.put_blob(base64.b64decode(input.data), "binary")}


@server.component
async def load_binary(input: Load, context: StepflowContext) -> dict[str, Any]:
    return {"base64": base64.b64encode(await context.get_blob(input.id)).decode()}


@server.component
async def store_large(input: Text, context: StepflowContext) -> dict[str, Any]:
    """Stores more than belongs into a workflow's own data."""
    return {"id": await context.put_blob({"text": "é" * input.count})}


@server.component
async def store_flow(input: Store, context: StepflowContext) -> dict[str, Any]:
    """Stores a workflow definition as the SDK writes one."""
    builder = FlowBuilder(name="inner")
    builder.add_step(id="only", component="/worker/store", input_data={"data": Value.input("$.data")})
    builder.set_output(Value.step("only"))
    return {"id": await context.put_blob(msgspec.to_builtins(builder.build()), "flow")}


if __name__ == "__main__":
    asyncio.run(
        run_grpc_worker(
            server, tasks_url=os.environ["STEPFLOW_TASKS_URL"], queue_name=os.environ["STEPFLOW_QUEUE_NAME"]
        )
    )
