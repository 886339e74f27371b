"""The tests that Stepflow's SDK has for itself, which its wheel leaves out and its source distribution carries."""

import importlib.util
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest


def suite(name: str, sources: Path) -> ModuleType:
    """A module of those tests as it was released. `sources` is the requirements file that names the release.

    Whoever imports its tests has them run, with fixtures of the same names in place of those that stand in for a blob
    service.
    """
    kept = Path(sys.prefix, "sdist")
    if not list(kept.glob("*.tar.gz")):
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        options = ["--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--require-hashes"]
        subprocess.run([*pip, "download", *options, "--requirement", sources, "--dest", kept], check=True)
    (archive,) = kept.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        files.extractall(kept, filter="data")
    (path,) = kept.glob(f"*/tests/{name}.py")

    name = f"sdk_{path.stem}"
    pytest.register_assert_rewrite(name)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
