"""docs/operators.md, done as it says with release 0.13."""

from pathlib import Path

import pytest

import processes
from page import sections
from walk import walk

SECTIONS = sections("operators.md", "0.13")
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
