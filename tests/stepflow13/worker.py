"""A Stepflow worker whose components put blobs and get them, as any worker's would."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import httpx
import msgspec
from stepflow_py.worker import FlowBuilder, StepflowContext, Value
from stepflow_py.worker.grpc_worker import run_grpc_worker

sys.path.append(str(Path(__file__).parents[1] / "shared"))
from components import Load, Store, server


@server.component
async def measure(input: Load, context: StepflowContext) -> dict[str, Any]:
    """How many bytes of JSON a blob has, by HTTP: by gRPC, the SDK receives 4 MiB at most."""
    url = f"http://{os.environ['STEPFLOW_BLOB_URL']}/api/v1/blobs/{input.id}"
    async with httpx.AsyncClient() as client:
        response = await client.get(url, headers={"accept": "application/octet-stream"})
    return {"bytes": len(response.raise_for_status().content)}


@server.component
async def store_flow(input: Store, context: StepflowContext) -> dict[str, Any]:
    """Stores a workflow definition as the SDK writes one."""
    builder = FlowBuilder(name="inner")
    builder.add_step(id="only", component="/worker/store", input_data={"data": Value.input("$.data")})
    builder.set_output(Value.step("only"))
    return {"id": await context.put_blob(msgspec.to_builtins(builder.build()), "flow")}


@server.component
async def told(input: Store, context: StepflowContext) -> dict[str, Any]:
    """What the orchestrator, or who else started this worker, said of blobs."""
    return {"url": os.environ.get("STEPFLOW_BLOB_URL")}


if __name__ == "__main__":
    asyncio.run(
        run_grpc_worker(
            server, tasks_url=os.environ["STEPFLOW_TASKS_URL"], queue_name=os.environ["STEPFLOW_QUEUE_NAME"]
        )
    )
