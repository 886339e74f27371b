"""The SDK's own tests of blobs, as released, with isoblob where they have a stand-in for a blob service."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sdk_suite import suite

blob_ref = suite("test_blob_ref", Path(__file__).with_name("sdist.txt"))
TestBlobRef = blob_ref.TestBlobRef
TestBlobifyInputs = blob_ref.TestBlobifyInputs
TestResolveBlobRefs = blob_ref.TestResolveBlobRefs


@dataclass
class Blobs:
    """What those tests ask of a blob service."""

    put: Callable[[Any], Awaitable[str]]


@pytest.fixture
def mock_blob_store(sdk: ModuleType) -> Blobs:
    """No mock: isoblob."""
    return Blobs(sdk.put_blob)
