"""`isoblob call` against the SDK's own component server, beside the real orchestrator and with one file for both."""

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from stepflow_orchestrator import OrchestratorConfig, StepflowOrchestrator
from stepflow_py import StepflowClient

from conftest import Stepflow
from flows import step

RAW = {"accept": "application/octet-stream"}

# What `isoblob call` ends with.
FAILED_HERE, NO_PROTOCOL, COMPONENT_FAILED = 1, 3, 4

DATA = {"b": 1.5, "a": 505874924095815681, "text": "Zoë"}
CANONICAL = '{"a":505874924095815681,"b":1.5,"text":"Zoë"}'.encode()


def run(*arguments: str, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [os.environ["ISOBLOB_BIN"], "call", *arguments]
    # The answer of a component takes far less; a call that hangs fails the test.
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=60, env={**os.environ, **variables}
    )


def call(worker: str, component: str, data: Any, *flags: str, **variables: str) -> Any:
    """The output of a call that succeeds."""
    done = run(worker, component, *flags, "--input", json.dumps(data), **variables)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.endswith("\n")
    return json.loads(done.stdout)


def test_puts_and_gets(worker: str, blobs_url: str, http: httpx.Client) -> None:
    url = ("--blob-api-url", blobs_url)
    stored = call(worker, "/store", {"data": DATA}, *url)
    raw = http.get(f"{blobs_url}/{stored['id']}", headers=RAW).content
    assert raw == CANONICAL
    assert hashlib.sha256(raw).hexdigest() == stored["id"]
    # The slash of a component's name may be left out.
    assert call(worker, "load", stored, *url) == {"data": DATA}


def test_brings_its_own_blobs(worker: str, tmp_path: Path) -> None:
    stored = call(worker, "/store", {"data": DATA}, "--serve")
    assert stored == {"id": hashlib.sha256(CANONICAL).hexdigest()}

    store = ("--serve", "--store", str(tmp_path / "store"))
    stored = call(worker, "/store", {"data": DATA}, *store)
    assert call(worker, "/load", stored, *store) == {"data": DATA}


def test_an_input_goes_as_it_stands_from_anywhere(worker: str, blobs_url: str, tmp_path: Path) -> None:
    text = ' {"data": {"b": 1.0, "a": 505874924095815681}} '
    file = tmp_path / "input.json"
    file.write_text(text)
    url = ("--blob-api-url", blobs_url)
    outputs = {
        run(worker, "/store", *url, "--input", text).stdout,
        run(worker, "/store", *url, "--input", f"@{file}").stdout,
        run(worker, "/store", *url, "--input", "-", stdin=text).stdout,
    }
    assert outputs == {'{"id":"%s"}\n' % hashlib.sha256(b'{"a":505874924095815681,"b":1}').hexdigest()}


def test_the_threshold_is_passed_on(worker: str, blobs_url: str, http: httpx.Client) -> None:
    url = ("--blob-api-url", blobs_url)
    stored = call(worker, "/store", {"data": DATA}, *url)
    output = call(worker, "/load", stored, *url, "--blob-threshold", "20")
    assert set(output["data"]) == {"$blob", "size"}
    assert http.get(f"{blobs_url}/{output['data']['$blob']}").json()["data"] == DATA


def test_without_a_url_the_first_blob_call_says_what_is_missing(worker: str) -> None:
    done = run(worker, "/store", "--input", '{"data": 1}')
    assert (done.returncode, done.stdout) == (COMPONENT_FAILED, "")
    assert "Blob API URL not configured" in done.stderr
    assert done.stderr.endswith("\nIt was not told where blobs are: --serve, --blob-api-url or --config says it.\n")


def test_a_component_that_asks_for_an_orchestrator_is_told_that_there_is_none(worker: str) -> None:
    done = run(worker, "/evaluate", "--serve", "--input", '{"data": 1}')
    assert (done.returncode, done.stdout) == (COMPONENT_FAILED, "")
    assert "`runs/submit` needs an orchestrator" in done.stderr


@pytest.mark.parametrize(
    ("component", "data", "status", "message"),
    [
        ("/missing", "{}", COMPONENT_FAILED, "isoblob: the component /missing failed: Component '"),
        ("/load", "{}", COMPONENT_FAILED, "isoblob: the component /load failed: Component execution failed: Object "),
        ("/store", '{"data": 1,}', FAILED_HERE, "isoblob: the input is refused: expected a key in quotes, found `}`"),
    ],
    ids=["no component", "no such input", "not json"],
)
def test_what_fails_is_said(worker: str, component: str, data: str, status: int, message: str) -> None:
    done = run(worker, component, "--input", data)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(message)


def test_what_is_no_component_server_is_said(isoblob: str, worker: str) -> None:
    done = run(isoblob, "/store")
    assert (done.returncode, done.stdout) == (NO_PROTOCOL, "")
    assert done.stderr.startswith("isoblob: the component server answered 405 Method Not Allowed: ")
    done = run(f"{worker}/elsewhere", "/store")
    assert (done.returncode, done.stdout) == (NO_PROTOCOL, "")
    assert done.stderr == 'isoblob: the component server answered 404 Not Found: {"detail":"Not Found"}\n'


def test_an_output_that_cannot_be_printed_is_a_failure(worker: str) -> None:
    command = [os.environ["ISOBLOB_BIN"], "call", worker, "/told", "--input", '{"data": 1}']
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == FAILED_HERE
    assert done.stderr == "isoblob: cannot print the output: No space left on device (os error 28)\n"


def config_file(tmp_path: Path, worker: str, blob_api: str) -> Path:
    """A file for the orchestrator and for isoblob: the sections of the one are left alone by the other."""
    file = tmp_path / "stepflow-config.yml"
    file.write_text(
        f"""\
plugins:
  worker: {{type: stepflow, url: "{worker}"}}
routes:
  "/worker/{{component}}": [{{plugin: worker}}]
storageConfig: {{type: inMemory}}
{blob_api}"""
    )
    return file


def orchestrator(file: Path) -> Any:
    return StepflowOrchestrator.start(OrchestratorConfig(config_path=file, log_level="error"))


@pytest.mark.anyio
async def test_local_development(worker: str, tmp_path: Path) -> None:
    """Without `blobApi`, each serves blobs itself, and says where."""
    file = config_file(tmp_path, worker, "")
    async with orchestrator(file) as running, StepflowClient.connect(running.url) as client:
        flow = Stepflow(client)
        told = await flow.run([step("told", data=None)], {"$step": "told"}, {})
        assert told == {"url": f"{running.url}/api/v1/blobs"}
        told = call(worker, "/told", {"data": None}, "--config", str(file))
        assert httpx.URL(told["url"]).copy_with(port=1) == "http://localhost:1/api/v1/blobs"
        stored = call(worker, "/store", {"data": DATA}, "--config", str(file))
        assert stored["id"] == hashlib.sha256(CANONICAL).hexdigest()


@pytest.mark.anyio
async def test_the_orchestrator_serves_blobs(worker: str, tmp_path: Path, http: httpx.Client) -> None:
    """With `blobApi.url` alone, a call goes to the orchestrator's blobs, and the orchestrator's workflow finds them."""
    async with orchestrator(config_file(tmp_path, worker, "")) as running:
        blob_api = "blobApi:\n  url: http://${ORCHESTRATOR:-127.0.0.1:1}/api/v1/blobs\n"
        file = config_file(tmp_path, worker, blob_api)
        address = running.url.removeprefix("http://")
        url = f"{running.url}/api/v1/blobs"
        assert call(worker, "/told", {"data": None}, "--config", str(file), ORCHESTRATOR=address) == {"url": url}
        stored = call(worker, "/store", {"data": DATA}, "--config", str(file), ORCHESTRATOR=address)
        assert http.get(f"{url}/{stored['id']}").json()["data"] == DATA
        async with StepflowClient.connect(running.url) as client:
            flow = Stepflow(client)
            assert await flow.run([step("load", id=stored["id"])], {"$step": "load"}, {}) == {"data": DATA}


@pytest.mark.anyio
async def test_a_separate_blob_service(worker: str, tmp_path: Path, blobs_url: str) -> None:
    """With `enabled: false`, one file tells the orchestrator and isoblob the same, and they share the blobs."""
    blob_api = f"blobApi:\n  enabled: false\n  url: {blobs_url}\n  blobThreshold: 0\n"
    file = config_file(tmp_path, worker, blob_api)
    async with orchestrator(file) as running, StepflowClient.connect(running.url) as client:
        flow = Stepflow(client)
        told = await flow.run([step("told", data=None)], {"$step": "told"}, {})
        assert told == {"url": blobs_url}
        assert call(worker, "/told", {"data": None}, "--config", str(file)) == told
        stored = call(worker, "/store", {"data": DATA}, "--config", str(file))
        assert await flow.run([step("load", id=stored["id"])], {"$step": "load"}, {}) == {"data": DATA}
        stored = await flow.run([step("store", data=DATA)], {"$step": "store"}, {})
        assert call(worker, "/load", stored, "--config", str(file)) == {"data": DATA}
