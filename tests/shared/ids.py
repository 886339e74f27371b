"""The tables of docs/ids.md: what is put, and what two stores keep of it under which ids."""

import hashlib
from dataclasses import dataclass

import httpx

from page import DOCS, code, rows

http = httpx.Client()


@dataclass
class Row:
    put: str
    stepflow: tuple[str, str]
    isoblob: tuple[str, str]


def table(title: str) -> list[Row]:
    """The rows of the table in a section."""
    section = (DOCS / "ids.md").read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    cells = [[code(cell) for cell in row] for row in rows(section)]
    found = [Row(put, (kept, id), (canonical, other)) for put, kept, id, canonical, other in cells]
    assert found
    return found


def put(blobs_url: str, text: str) -> tuple[str, str]:
    """Stores a text by HTTP; what is kept of it and under which id, or why it is refused."""
    answer = http.post(blobs_url, content=f'{{"data":{text}}}', headers={"content-type": "application/json"})
    if answer.is_client_error:
        return answer.json()["reason"], ""
    return kept(blobs_url, answer.raise_for_status().json()["blobId"])


def kept(blobs_url: str, blob_id: str) -> tuple[str, str]:
    """The bytes under an id, with what is not seen as an escape, and the id as the page shortens it."""
    content = http.get(f"{blobs_url}/{blob_id}", headers={"accept": "application/octet-stream"}).content
    assert hashlib.sha256(content).hexdigest() == blob_id
    return content.decode().replace("\ue000", "\\ue000"), f"{blob_id[:8]}…"
