"""Pages of documentation that tests read: their sections, and the blocks in them."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"

FENCE = re.compile(r"^```(?P<info>\w.*)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE)


@dataclass
class Block:
    """A fenced block. What follows the language in its first line is not shown: a file's name, a release."""

    language: str
    file: str | None
    text: str


def sections(page: str, release: str) -> dict[str, list[Block]]:
    """The blocks of each section of a page that are for this release or for every release."""
    text = (DOCS / page).read_text()
    titled = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    return {title: list(blocks(body, release)) for title, body in zip(titled[::2], titled[1::2], strict=True)}


def blocks(text: str, release: str) -> list[Block]:
    found = []
    for match in FENCE.finditer(text):
        language, *words = match["info"].split()
        releases = [word for word in words if re.fullmatch(r"\d+\.\d+", word)]
        files = [word for word in words if word not in releases]
        if release in (releases or [release]):
            found.append(Block(language, files[0] if files else None, match["text"]))
    return found


def rows(text: str) -> list[list[str]]:
    """The cells of every table in a text, without the heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = [index for index, row in enumerate(cells) if all(re.fullmatch(r"-+:?", cell) for cell in row)]
    heads = {index - 1 for index in rules} | set(rules)
    return [row for index, row in enumerate(cells) if index not in heads]


def code(cell: str) -> str:
    """What stands in a cell between backticks, or nothing."""
    match = re.search(r"`(.*)`", cell)
    return match[1] if match else ""
