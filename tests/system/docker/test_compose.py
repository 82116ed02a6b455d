"""The compose files, checked as text and by Compose itself."""

import os
import re
import subprocess
from importlib.resources import files
from typing import Any

import pytest
import yaml

from common.environment.keys.api_keys import NAMES
from common.environment.settings import SECRET
from testbed import ROOT
from tests.system.docker.dockerfile import PROCESSES, Dockerfile

FOLDER = ROOT / "docker"
COMPOSE = files("compose") / "docker-compose"  # the program itself, because the package's script hides the exit code
STACKS = {
    "whole": ["compose.yml"],
    "whole on NVIDIA": ["compose.yml", "compose.nvidia.yml"],
    "whole with further machines": ["compose.yml", "compose.machines.yml"],
    "sampler": ["compose.sampler.yml"],
    "sampler on NVIDIA": ["compose.sampler.yml", "compose.sampler.nvidia.yml"],
}
PID_OF_OLLAMA = {"whole", "whole with further machines"}
"""The stacks whose sampler sees no other processes than Ollama's."""
BASES = ["compose.yml", "compose.sampler.yml"]
REQUIRED = re.compile(r"\$\{(\w+):\?")
WRITTEN_BY_NVIDIA = {"ollama", "sampler"}
NOT_GAITS = {"OLLAMA_MODELS"}
NEEDS = {
    "api": {"front", "queue", "database", "models"},
    "worker": {"queue", "database", "models"},
    "sampler": {"readings"},
    "scheduler": {"queue", "database", "models"},
    "redis": {"queue", "readings"},
    "postgres": {"database"},
    "ollama": {"models"},
}
"""The networks of each service."""


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return loaded


def required(names: list[str]) -> set[str]:
    """Return the variables that the files require."""
    return {variable for name in names for variable in REQUIRED.findall((FOLDER / name).read_text())}


def compose(names: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    read = [word for name in names for word in ("--file", str(FOLDER / name))]
    command = [str(COMPOSE), "--env-file", os.devnull, *read, "config"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def merged(names: list[str]) -> dict[str, Any]:
    """Return the services as Compose would start them."""
    read = compose(names, dict.fromkeys(required(names), "10.0.0.1"))
    assert read.returncode == 0, read.stderr
    services: dict[str, Any] = yaml.safe_load(read.stdout)["services"]
    return services


def test_every_compose_file_is_part_of_a_stack() -> None:
    assert {name for names in STACKS.values() for name in names} == {path.name for path in FOLDER.glob("compose*.yml")}


@pytest.mark.parametrize("names", STACKS.values(), ids=STACKS)
def test_compose_accepts_the_files_only_with_all_required_variables(names: list[str]) -> None:
    values = dict.fromkeys(required(names), "10.0.0.1")  # an address is valid as a password too
    read = compose(names, values)
    assert (read.returncode, read.stderr) == (0, "")
    for variable in values:
        refused = compose(names, {name: value for name, value in values.items() if name != variable})
        assert refused.returncode != 0
        assert variable in refused.stderr


@pytest.mark.parametrize("name", BASES)
def test_services_are_built_from_stages_that_exist(name: str) -> None:
    dockerfile = Dockerfile()
    services = load(name)["services"]
    built = {service: body["build"] for service, body in services.items() if "build" in body}
    assert set(built) == set(PROCESSES) & set(services)
    for service, build in built.items():
        assert (FOLDER / build["context"]).resolve() == ROOT
        assert (ROOT / build["dockerfile"]).is_file()
        assert build["target"] == service
        assert service in dockerfile.stages
        assert {"command", "entrypoint"} & set(services[service]) == set(), "it starts as its image does"


@pytest.mark.parametrize("name", BASES)
def test_every_service_has_a_health_check(name: str) -> None:
    dockerfile = Dockerfile()
    services = load(name)["services"]
    for service, body in services.items():
        assert "healthcheck" in body or dockerfile.instructions(service, "HEALTHCHECK")
        assert set(body.get("depends_on", {})) <= set(services)


@pytest.mark.parametrize("stack", STACKS)
def test_every_service_is_confined_and_restarts(stack: str) -> None:
    for service, body in merged(STACKS[stack]).items():
        assert body["restart"] == "unless-stopped"
        assert body["cap_drop"] == ["ALL"]
        assert body["security_opt"] == ["no-new-privileges:true"]
        assert body.get("read_only", False) is not (stack.endswith("NVIDIA") and service in WRITTEN_BY_NVIDIA), service
        assert "/tmp" in body["tmpfs"]
        limits = body["deploy"]["resources"]["limits"]
        assert limits.keys() >= ({"pids"} if service == "ollama" else {"pids", "memory"}), service


@pytest.mark.parametrize("stack", STACKS)
def test_each_service_has_a_user_of_its_own(stack: str) -> None:
    dockerfile, services = Dockerfile(), merged(STACKS[stack])
    users = {
        name: (body["user"] if "user" in body else dockerfile.last(name, "USER").text).split(":")[0]
        for name, body in services.items()
    }
    assert len(set(users.values())) == len(users)
    assert not {"", "0", "root"} & set(users.values())


@pytest.mark.parametrize("stack", STACKS)
def test_no_service_has_more_rights_than_it_needs(stack: str) -> None:
    for service, body in merged(STACKS[stack]).items():
        rights = {"privileged", "cap_add", "network_mode", "ipc", "userns_mode", "devices", "pid"} & set(body)
        assert rights == ({"pid"} if service == "sampler" else set()), service
        assert body.get("pid") in (None, "service:ollama" if stack in PID_OF_OLLAMA else "host"), service
        assert not [mount for mount in body.get("volumes", []) if "docker.sock" in mount["source"]]


@pytest.mark.parametrize("name", BASES)
def test_named_volumes_are_declared(name: str) -> None:
    stack = load(name)
    mounts = [mount for body in stack["services"].values() for mount in body.get("volumes", [])]
    sources = {mount["source"] if isinstance(mount, dict) else mount.split(":")[0] for mount in mounts}
    assert {source for source in sources if source[0] not in "/$"} == set(stack.get("volumes", {}))


@pytest.mark.parametrize("name", BASES)
def test_processes_get_only_settings_that_they_read(name: str) -> None:
    source = "".join(path.read_text() for path in (ROOT / "common" / "environment").glob("*.py"))
    known = set(re.findall(r'"([A-Z_]+)"', source))
    known |= {f"{name}_FILE" for name in (*SECRET, *NAMES)}
    services = load(name)["services"]
    for process in set(PROCESSES) & set(services):
        assert set(services[process]["environment"]) <= known | NOT_GAITS


@pytest.mark.parametrize("names", [names for names in STACKS.values() if len(names) > 1])
def test_overlays_name_only_existing_services(names: list[str]) -> None:
    base, over = names
    assert set(load(over)["services"]) <= set(load(base)["services"])


def test_only_the_api_publishes_a_port_and_on_this_machine_alone() -> None:
    services = merged(["compose.yml"])
    assert [service for service, body in services.items() if "ports" in body] == ["api"]
    assert [port["host_ip"] for port in services["api"]["ports"]] == ["127.0.0.1"]


def test_each_service_reaches_only_what_it_needs() -> None:
    stack = load("compose.yml")
    assert {name: set(body["networks"]) for name, body in stack["services"].items()} == NEEDS
    assert {name for name, network in stack["networks"].items() if not network.get("internal")} == {"front", "models"}


@pytest.mark.parametrize("stack", STACKS)
def test_secrets_are_files(stack: str) -> None:
    for service, body in merged(STACKS[stack]).items():
        mounted = {f"/run/secrets/{secret['source']}" for secret in body.get("secrets", [])}
        environment = body.get("environment", {})
        named = {value for value in environment.values() if value.startswith("/run/secrets/")}
        assert named <= mounted, service
        assert not [
            name
            for name in environment.keys() - {"PUBLIC_URL"}
            if re.search("PASSWORD|KEYS|_URL", name) and not name.endswith("_FILE")
        ]


def test_redis_keeps_the_queue() -> None:
    command = " ".join(load("compose.yml")["services"]["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


@pytest.mark.parametrize("names", STACKS.values(), ids=STACKS)
def test_the_readme_names_every_file_and_variable(names: list[str]) -> None:
    readme = (FOLDER / "README.md").read_text()
    assert [word for word in (*names, *required(names)) if word not in readme] == []
