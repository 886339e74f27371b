"""What is in deploy/: that it is valid, that its parts agree with one another, and that the server runs as they say."""

import re
import subprocess
import sys
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from processes import READY, binary

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
DOCKERFILE = DEPLOY / "Dockerfile"
OVERLAYS = ["tokens", "stepflow"]

# The oldest release of Kubernetes that anyone still maintains, and the newest that the schemas know.
RELEASES = ["1.30", "1.37"]

PROBES = ["startupProbe", "livenessProbe", "readinessProbe"]


@cache
def rendered(overlay: str) -> list[dict[str, Any]]:
    """The objects of an overlay."""
    kustomize = ["kubectl", "kustomize", str(DEPLOY / "kubernetes" / overlay)]
    done = subprocess.run(kustomize, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return list(yaml.safe_load_all(done.stdout))


def spec(overlay: str, kind: str) -> dict[str, Any]:
    """What the only object of a kind says."""
    (only,) = [document["spec"] for document in rendered(overlay) if document["kind"] == kind]
    return only


def pod(overlay: str) -> dict[str, Any]:
    return spec(overlay, "StatefulSet")["template"]


def container(overlay: str) -> dict[str, Any]:
    (only,) = pod(overlay)["spec"]["containers"]
    return only


def settings(overlay: str) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in container(overlay)["env"]}


def instructions(name: str) -> list[str]:
    """What the last stage of the image says with an instruction."""
    stage = DOCKERFILE.read_text().split("\nFROM ")[-1]
    return re.findall(rf"^{name} (.+)$", stage, re.MULTILINE)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubernetes_takes_every_object(overlay: str, release: str) -> None:
    for document in rendered(overlay):
        kubernetes_validate.validate(document, release, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_pod_is_restricted(overlay: str) -> None:
    """What Kubernetes's Pod Security Standards ask of the level "restricted", and a root that cannot be written."""
    security = pod(overlay)["spec"]["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(overlay)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    volumes = pod(overlay)["spec"].get("volumes", [])
    assert {kind for volume in volumes for kind in volume if kind != "name"} <= {"secret"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_selects_the_pod(overlay: str) -> None:
    labels = pod(overlay)["metadata"]["labels"]
    assert labels
    assert spec(overlay, "Service")["selector"] == labels
    for kind, selector in [
        ("StatefulSet", "selector"),
        ("PodDisruptionBudget", "selector"),
        ("NetworkPolicy", "podSelector"),
    ]:
        assert spec(overlay, kind)[selector] == {"matchLabels": labels}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_one_label_lets_a_client_in(overlay: str) -> None:
    policy = spec(overlay, "NetworkPolicy")
    (rule,) = policy["ingress"]
    assert rule["from"] == [{"podSelector": {"matchLabels": {"isoblob-client": "true"}}}]
    assert policy["egress"] == []
    assert policy["policyTypes"] == ["Ingress", "Egress"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_port_is_the_one_that_the_server_listens_on(overlay: str) -> None:
    (port,) = container(overlay)["ports"]
    assert settings(overlay)["ISOBLOB_LISTEN"] == f"0.0.0.0:{port['containerPort']}"
    assert instructions("EXPOSE") == [str(port["containerPort"])]
    (service,) = spec(overlay, "Service")["ports"]
    (rule,) = spec(overlay, "NetworkPolicy")["ingress"]
    probed = {container(overlay)[probe]["httpGet"]["port"] for probe in PROBES}
    assert {*probed, service["targetPort"], rule["ports"][0]["port"]} == {port["name"]}
    assert service["port"] == port["containerPort"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_store_is_on_the_volume(overlay: str) -> None:
    stateful_set = spec(overlay, "StatefulSet")
    (claim,) = stateful_set["volumeClaimTemplates"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container(overlay)["volumeMounts"]}
    assert mounts[claim["metadata"]["name"]] == settings(overlay)["ISOBLOB_STORE"]
    assert instructions("VOLUME") == [settings(overlay)["ISOBLOB_STORE"]]
    assert stateful_set["replicas"] == 1


def test_the_image_and_the_pod_have_one_user() -> None:
    security = pod("tokens")["spec"]["securityContext"]
    owner = f"{security['runAsUser']}:{security['runAsGroup']}"
    assert instructions("USER") == [owner]
    assert security["fsGroup"] == security["runAsGroup"]
    assert any(f"--chown={owner} " in copy for copy in instructions("COPY"))


def test_a_linter_finds_nothing_in_the_dockerfile() -> None:
    subprocess.run([Path(sys.executable).with_name("hadolint"), DOCKERFILE], check=True)


def test_the_image_is_built_with_the_oldest_rust_that_is_supported() -> None:
    oldest = re.search(r'^rust-version = "(.+)"$', (DEPLOY.parent / "Cargo.toml").read_text(), re.MULTILINE)
    assert oldest
    assert f"\nFROM rust:{oldest[1]}-" in DOCKERFILE.read_text()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_server_runs_as_the_pod_says(overlay: str, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/tokens").write_text("write:0123456789abcdef\n")
    environment = settings(overlay)
    for there, here in [
        ("0.0.0.0:7837", "127.0.0.1:0"),
        ("/var/lib/isoblob", str(tmp_path / "store")),
        ("/etc/isoblob", str(tmp_path / "etc")),
    ]:
        environment = {name: value.replace(there, here) for name, value in environment.items()}
    command = [binary(), *container(overlay)["args"]]
    log = tmp_path / "log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(READY), line
            root = line.removeprefix(READY).split()[0]
            for probe in PROBES:
                with urllib.request.urlopen(root + container(overlay)[probe]["httpGet"]["path"].lstrip("/")) as answer:
                    assert answer.status == 200
        finally:
            process.terminate()
    assert process.returncode == 0
    assert "WARN" not in log.read_text()
