"""The Dockerfile as text: each image's contents, user and command."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from testbed import ROOT
from tests.system.docker.dockerfile import ADMINISTERED, ALSO_HOLDS, DOCKERFILE, PROCESSES, Dockerfile

PROCFILE_NAMES = {"api": "web", "worker": "worker", "sampler": "sampler", "scheduler": "scheduler"}


@pytest.fixture(scope="module")
def dockerfile() -> Dockerfile:
    return Dockerfile()


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    result = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.parametrize("process", PROCESSES)
def test_an_image_holds_its_own_process_and_common(dockerfile: Dockerfile, process: str) -> None:
    copied = [tuple(copy.arguments) for copy in dockerfile.instructions(process, "COPY") if not copy.flags]
    also = [(ALSO_HOLDS[process],) * 2] if process in ALSO_HOLDS else []
    command = [("cli", "cli")] if process in ADMINISTERED else []
    health = (f"docker/health/{process}.py", "health.py")
    assert copied == [("common", "common"), *also, (process, process), *command, health]


@pytest.mark.parametrize("process", PROCESSES)
def test_an_image_holds_the_libraries_of_its_own_process(dockerfile: Dockerfile, process: str) -> None:
    carried = [copy for copy in dockerfile.instructions(process, "COPY") if copy.flags]
    assert [(copy.flags["from"], copy.arguments) for copy in carried] == [(f"{process}-build", ["/venv", "/venv"])]
    locks = [copy.arguments[0] for copy in dockerfile.instructions(f"{process}-build", "COPY")]
    assert locks == ["requirements/uv.txt", f"requirements/{process}.txt"]


@pytest.mark.parametrize("process", PROCESSES)
def test_libraries_are_installed_by_their_hashes(dockerfile: Dockerfile, process: str) -> None:
    environment = dockerfile.environment(f"{process}-build", "/usr/bin")
    assert environment["PIP_REQUIRE_HASHES"] == "1"
    assert environment["PIP_ONLY_BINARY"] == ":all:"
    assert (environment["UV_REQUIRE_HASHES"], environment["UV_NO_BUILD"]) == ("1", "1")


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_has_a_fixed_user_who_is_not_root(dockerfile: Dockerfile, process: str) -> None:
    user, group = dockerfile.last(process, "USER").text.split(":")
    assert int(user) >= 1000
    assert int(group) >= 1000


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_starts_as_in_the_procfile(dockerfile: Dockerfile, process: str) -> None:
    lines = dict(line.split(":", 1) for line in (ROOT / "Procfile").read_text().splitlines() if ":" in line)
    started = lines[PROCFILE_NAMES[process]].split("exec ")[-1]  # the image sets in ENV what the shell does before
    assert dockerfile.last(process, "CMD").command == shlex.split(started)


@pytest.mark.parametrize("process", PROCESSES)
def test_the_dockerignore_admits_every_copied_file(dockerfile: Dockerfile, process: str) -> None:
    admitted = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    stages = (process, f"{process}-build")
    local = [copy for stage in stages for copy in dockerfile.instructions(stage, "COPY") if not copy.flags]
    for copy in local:
        source = Path(copy.arguments[0])
        assert (ROOT / source).exists()
        assert any(each.match(pattern) for pattern in admitted for each in (source, *source.parents))
