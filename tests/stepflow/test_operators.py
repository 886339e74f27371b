"""docs/operators.md, done as it says with release 0.11."""

from pathlib import Path

import pytest
from stepflow_orchestrator import OrchestratorConfig, StepflowOrchestrator
from stepflow_py import StepflowClient

import processes
from conftest import Stepflow
from flows import sha256
from page import DOCS, sections
from walk import walk

SECTIONS = sections("operators.md", "0.11")
COMMON = SECTIONS.pop("A worker to try it with")


@pytest.mark.parametrize("title", [title for title, blocks in SECTIONS.items() if blocks])
def test_a_section_works_as_it_stands(title: str, tmp_path: Path) -> None:
    with walk(tmp_path) as here:
        for block in [*COMMON, *SECTIONS[title]]:
            here.do(block)


@pytest.mark.parametrize("title", ["Local development", "The orchestrator serves blobs", "A separate blob service"])
def test_isoblob_reads_the_orchestrator_s_file(title: str, tmp_path: Path) -> None:
    file = tmp_path / "stepflow-config.yml"
    (text,) = [block.text for block in SECTIONS[title] if block.file == file.name]
    file.write_text(text)
    if title == "A separate blob service":
        refused = f"isoblob: {file}: blobApi.enabled is false, so who follows this file serves no blobs, "
        assert processes.refusal("--config", str(file)).startswith(refused)
    else:
        with processes.isoblob("memory:", "--config", str(file)):
            pass


@pytest.mark.anyio
async def test_the_file_for_kubernetes_does_the_same(worker: str, isoblob: str, tmp_path: Path) -> None:
    text = (DOCS.parent / "deploy/kubernetes/stepflow/stepflow-config.yml").read_text()
    file = tmp_path / "stepflow-config.yml"
    file.write_text(text.replace("http://worker:8080", worker).replace("http://isoblob:7837", isoblob))
    async with StepflowOrchestrator.start(OrchestratorConfig(config_path=file, log_level="error")) as running:
        async with StepflowClient.connect(running.url) as client:
            step = {"id": "store", "component": "/python/store", "input": {"data": {"b": 1, "a": 2}}}
            stored = await Stepflow(client).run([step], {"$step": "store"}, {})
    assert stored == {"id": sha256(b'{"a":2,"b":1}')}
