"""The Kubernetes manifests: valid by the published schemas, confined, and in step with the images and the queue."""

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from redis import Redis
from rq import Queue
from rq.registry import StartedJobRegistry

from common.messaging.jobs.queue import sessions
from common.process.version import VERSION
from testbed import ROOT
from tests.system.deploy.commands import COMMANDS
from tests.system.docker.dockerfile import Dockerfile

FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATIONS = ("gait", "samplers", "keda")
KUBERNETES = "1.37"
KUBECTL = shutil.which("kubectl") or ""
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
TRIGGER = {
    "type": "object",
    "properties": {
        "type": {"const": "redis"},
        "name": {"type": "string"},
        "metadata": TEXTS | {"required": ["address", "listName", "listLength"]},
        "authenticationRef": TEXTS | {"required": ["name"]},
    },
    "required": ["type", "name", "metadata"],
    "additionalProperties": False,
}
KEDA = {
    "ScaledObject": {
        "type": "object",
        "properties": {
            "scaleTargetRef": TEXTS | {"required": ["name"]},
            "minReplicaCount": {"type": "integer", "minimum": 1},
            "maxReplicaCount": {"type": "integer"},
            "pollingInterval": {"type": "integer"},
            "advanced": {
                "type": "object",
                "properties": {
                    "scalingModifiers": TEXTS | {"required": ["formula", "target", "metricType"]},
                    "horizontalPodAutoscalerConfig": {"type": "object", "required": ["behavior"]},
                },
                "additionalProperties": False,
            },
            "triggers": {"type": "array", "items": TRIGGER, "minItems": 1},
        },
        "required": ["scaleTargetRef", "triggers"],
        "additionalProperties": False,
    },
    "TriggerAuthentication": {
        "type": "object",
        "properties": {
            "secretTargetRef": {"type": "array", "items": TEXTS | {"required": ["parameter", "name", "key"]}}
        },
        "required": ["secretTargetRef"],
        "additionalProperties": False,
    },
}
"""What of KEDA's resources is used. They were valid by the definitions of KEDA 2.20, which no package carries."""

Manifest = dict[str, Any]


def documents(folder: str) -> list[Manifest]:
    """Return the resources of a kustomization."""
    names = yaml.safe_load((FOLDER / folder / "kustomization.yaml").read_text())["resources"]
    return [each for name in names for each in yaml.safe_load_all((FOLDER / folder / name).read_text())]


ALL = {
    f"{folder}/{each['kind']}/{each['metadata']['name']}": each
    for folder in KUSTOMIZATIONS
    for each in documents(folder)
}
PODS = {name: each["spec"]["template"]["spec"] for name, each in ALL.items() if "template" in each.get("spec", {})}


def containers() -> Iterator[tuple[str, Manifest]]:
    for pod in PODS.values():
        for each in pod["containers"]:
            yield each["image"], each


@pytest.mark.parametrize("name", ALL)
def test_a_manifest_is_valid(name: str) -> None:
    found = ALL[name]
    if found["apiVersion"].startswith("keda.sh/"):
        jsonschema.validate(found["spec"], KEDA[found["kind"]])
    else:
        kubernetes_validate.validate(found, KUBERNETES, strict=True)


@pytest.mark.skipif(not KUBECTL, reason="kubectl is not installed")
@pytest.mark.parametrize("folder", KUSTOMIZATIONS)
def test_kustomize_builds(folder: str) -> None:
    built = subprocess.run([KUBECTL, "kustomize", FOLDER / folder], capture_output=True, text=True, check=False)
    assert (built.returncode, built.stderr) == (0, "")
    assert len(list(yaml.safe_load_all(built.stdout))) >= len(documents(folder))


@pytest.mark.parametrize("name", PODS)
def test_a_pod_has_no_rights_and_bounds(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not pod["automountServiceAccountToken"]
    for each in pod["containers"]:
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }
        assert set(each["resources"]) == {"requests", "limits"}
        assert "livenessProbe" in each


def test_every_process_runs_with_the_command_and_the_user_of_its_image() -> None:
    images = {pod["containers"][0]["image"]: pod for pod in PODS.values()}
    dockerfile = Dockerfile()
    for process in COMMANDS.values():
        pod = images[f"gait-{process}"]
        assert set(pod["containers"][0]) & {"command", "args"} == set()
        assert str(pod["securityContext"]["runAsUser"]) == dockerfile.last(process, "USER").text.partition(":")[0]
        probe = pod["containers"][0]["livenessProbe"]
        assert "httpGet" in probe or probe["exec"]["command"] == dockerfile.last(process, "HEALTHCHECK").command


def test_the_manifests_name_this_version() -> None:
    named = [
        image["newTag"]
        for folder in KUSTOMIZATIONS
        for image in yaml.safe_load((FOLDER / folder / "kustomization.yaml").read_text()).get("images", [])
    ]
    assert named == [VERSION] * len(COMMANDS)


def test_secrets_are_files_and_those_that_make_secrets_makes() -> None:
    made = (ROOT / "docker" / "make-secrets").read_text()
    for name, pod in PODS.items():
        for each in pod["containers"]:
            values = {entry["name"]: entry.get("value", "") for entry in each.get("env", [])}
            assert [key for key in values if key.endswith(("_URL", "KEYS", "PASSWORD"))] == [], name
        items = [item for volume in pod["volumes"] for item in volume.get("secret", {}).get("items", [])]
        assert [item["key"] for item in items if item["key"] not in made] == [], name


def test_keda_counts_what_may_run_by_rqs_own_keys(redis: Redis) -> None:
    triggers = ALL["keda/ScaledObject/gait-worker"]["spec"]["triggers"]
    queue: Queue = sessions(redis)
    counted = {trigger["name"]: trigger["metadata"]["listName"] for trigger in triggers}
    assert counted == {"waiting": queue.key, "running": StartedJobRegistry(queue=queue).key}
