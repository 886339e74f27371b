"""Workflows, as the tests of both releases write them."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import anyio


def step(name: str, /, **data: Any) -> dict[str, Any]:
    """A step that calls the component of its own name."""
    return called(name, name, **data)


def called(name: str, component: str, /, **data: Any) -> dict[str, Any]:
    """A step that calls a component of `worker.py`."""
    return {"id": name, "component": f"/worker/{component}", "input": data}


def of(name: str, path: str) -> dict[str, str]:
    """A part of the output of a step."""
    return {"$step": name, "path": path}


def flow(steps: list[dict[str, Any]], output: Any) -> dict[str, Any]:
    return {"name": "test", "steps": steps, "output": output}


class FanOut:
    """A workflow whose parallel steps put blobs, which later steps join by references, past a gate in between."""

    PARTS = 8
    IMAGE = bytes(range(256)) * 17
    # Two bytes of UTF-8 each: a value of 5 MB.
    CHARACTERS = 2_500_000

    def __init__(self, directory: Path) -> None:
        self.gate = directory / "gate"
        self.waiting = directory / "gate.waiting"
        parts = [
            called(f"part{n}", "store", data={"n": n, "text": {"$input": "$.text"}}) for n in range(self.PARTS)
        ]
        image = step("store_binary", data=base64.b64encode(self.IMAGE).decode())
        large = step("store_large", count=self.CHARACTERS)
        stored = {
            "parts": [of(part["id"], "id") for part in parts],
            "image": of("store_binary", "id"),
            "large": of("store_large", "id"),
        }
        wait = step("wait", gate=str(self.gate), after=stored)
        join = step("join", **stored, after={"$step": "wait"})
        followed = step("follow", id=of("join", "id"))
        measured = step("measure", id=of("store_large", "id"))
        self.flow = flow(
            [*parts, image, large, wait, join, followed, measured],
            {"ids": stored, "joined": of("join", "id"), "found": {"$step": "follow"}, "large": {"$step": "measure"}},
        )
        self.input = {"text": "Zoë"}

    async def until_it_waits(self) -> None:
        """Returns when every parallel step is done and the gate holds the rest up."""
        with anyio.fail_after(60):
            while not self.waiting.exists():
                await anyio.sleep(0.01)

    def open_the_gate(self) -> None:
        self.gate.touch()

    def check(self, output: dict[str, Any]) -> None:
        """Compares the output with what can be said of it without any store."""
        parts = [b'{"n":%d,"text":"Zo\xc3\xab"}' % n for n in range(self.PARTS)]
        large = b'{"text":"' + "é".encode() * self.CHARACTERS + b'"}'
        assert output["ids"]["parts"] == [sha256(part) for part in parts]
        assert output["ids"]["image"] == sha256(self.IMAGE)
        assert output["ids"]["large"] == sha256(large)
        assert output["found"]["parts"] == [{"n": n, "text": "Zoë"} for n in range(self.PARTS)]
        assert output["found"]["image"] == sha256(self.IMAGE)
        assert output["large"] == {"bytes": len(large)}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
