"""The package: its contents, its metadata, and its command in an empty environment outside the repository."""

import ast
import os
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from redis import Redis
from rq import Worker

from common.messaging.redis import inventory_of
from common.messaging.schedulers import running as running_schedulers
from common.process.version import VERSION
from gait_lab import PACKAGES
from local.ports import free_port
from local.processes import Process, start, stop, wait_until
from local.readiness import Readiness
from testbed import ROOT
from tests.system.deploy.commands import COMMANDS

UV = Path(sys.executable).with_name("uv")
REQUIREMENTS = ("base", "api", "scheduler", "worker", "sampler", "local")
STUBS = {"_typeshed"}
"""What only type checkers import."""
DECOYS = ("api.py", "common.py", "redis.py", "click.py", "gunicorn.py")
"""Files of a person's own working folder, whose names Gait imports."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the wheel and the source distribution that it is built from."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([UV, "build", "--quiet", "--out-dir", folder], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Metadata:
    """Return the metadata, which PyPI's own rules accept."""
    with zipfile.ZipFile(wheel) as opened:
        return Metadata.from_email(opened.read(f"gait_lab-{VERSION}.dist-info/METADATA"), validate=True)


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment that holds the wheel and what it requires, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    subprocess.run([UV, "pip", "install", "--quiet", "--python", folder / "bin" / "python", wheel], check=True)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a working folder with files that must not be taken for Gait's."""
    for name in DECOYS:
        (tmp_path / name).write_text("raise ImportError('a file of the working folder was imported')\n")
    return tmp_path


def gait(environment: Path, *arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": "/nowhere", "HOME": str(folder), **variables}
    command = [str(environment / "bin" / "gait"), *arguments]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)


def committed(*folders: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607 - git of the developer's PATH
    return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}


def test_the_wheel_holds_the_product_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name and ".data/" not in name}
    assert held == committed(*PACKAGES, "gait_lab.py")


def test_the_source_distribution_holds_what_builds_tests_and_documents_it(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as opened:
        held = {name.partition("/")[2] for name in opened.getnames()}
    needed = {name for name in committed(".") if not name.startswith((".ci/", ".github/"))}
    assert needed - held == set()
    assert [name for name in held if name.startswith(("var/", "node_modules", ".venv"))] == []


def test_the_metadata_is_valid_and_names_this_version(metadata: Metadata) -> None:
    assert (metadata.name, str(metadata.version), metadata.license_expression) == ("gait-lab", VERSION, "MIT")
    assert f"\n## {VERSION} - 2" in (ROOT / "CHANGELOG.md").read_text(), "the notes of a release begin with its version"


def test_the_dependencies_are_those_of_the_requirement_files_around_the_tested_versions(metadata: Metadata) -> None:
    required = needed(metadata)
    pinned = {each.name: each for each in metadata.requires_dist or () if "extra" in str(each.marker)}
    named = {canonicalize_name(name) for file in REQUIREMENTS for name in names(file)}
    assert {canonicalize_name(each.name) for each in required} == named
    for each in required:
        tested = str(pinned[canonicalize_name(each.name)].specifier).removeprefix("==")
        assert each.specifier.contains(tested), each
        assert {bound.operator for bound in each.specifier} == {">=", "<"}, each


def names(file: str) -> Iterator[str]:
    for line in (ROOT / "requirements" / f"{file}.in").read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text and not text.startswith("-r"):
            yield Requirement(text).name


def test_every_imported_library_is_a_dependency_itself(metadata: Metadata) -> None:
    required = {canonicalize_name(each.name) for each in needed(metadata)}
    carried = packages_distributions()
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    libraries = {name for path in files for name in imports(path)} - {*PACKAGES, *sys.stdlib_module_names, *STUBS}
    assert {name for name in libraries if not {*map(canonicalize_name, carried.get(name, ()))} & required} == set()


def needed(metadata: Metadata) -> list[Requirement]:
    """Return what the package requires without extras."""
    return [each for each in metadata.requires_dist or () if "extra" not in str(each.marker)]


def imports(path: Path) -> Iterator[str]:
    """Yield the first parts of the names that a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_the_command_states_its_version_in_any_folder(environment: Path, work: Path) -> None:
    answered = gait(environment, "--version", folder=work)
    assert (answered.stdout, answered.stderr, answered.returncode) == (f"gait {VERSION}\n", "", 0)


def test_the_command_names_packages_that_are_not_its_own(environment: Path, work: Path) -> None:
    (work / "common").mkdir()
    (work / "common" / "__init__.py").write_text("")
    shadowed = gait(environment, "--version", folder=work, PYTHONPATH=str(work))
    assert shadowed.returncode == 1
    assert f"common ({work}/common)" in shadowed.stderr
    record = next(environment.glob("lib/python*/site-packages")) / "other-2.0.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("other/__init__.py,,\napi/views.py,,\n")
    shared = gait(environment, "--version", folder=work)
    record.unlink()
    assert shared.returncode == 1
    assert "not Gait's alone: api (other-2.0)" in shared.stderr
    assert gait(environment, "--version", folder=work).returncode == 0


def test_every_process_starts_from_the_package(environment: Path, work: Path, redis: Redis, redis_url: str) -> None:
    port = free_port()
    variables = {
        "PATH": "/nowhere",
        "HOME": str(work),
        "GAIT_PORT": str(port),
        "REDIS_URL": redis_url,
        "OLLAMA_HOSTS": "local=http://127.0.0.1:1",
        "GAIT_DATA": str(work / "data"),
    }
    ready: dict[str, Callable[[], bool]] = {
        "api": Readiness(f"http://127.0.0.1:{port}").api_is_ready,
        "worker": lambda: bool(Worker.all(connection=redis)),
        "sampler": lambda: bool(redis.exists(inventory_of("local"))),
        "scheduler": lambda: bool(running_schedulers(redis)),
    }
    assert set(ready) == set(COMMANDS.values())
    with ExitStack() as stack:
        started: dict[Path, Process] = {}
        for command in ready:
            log = work / f"{command}.log"
            program = ["env", "-C", str(work), str(environment / "bin" / "gait"), command]
            started[log] = start(program, log, variables | {"PATH": os.defpath}, parent_death_signal=signal.SIGKILL)
            stack.callback(stop, started[log])
        wait_until(lambda: all(is_ready() for is_ready in ready.values()), started)
        assert f"Gait {VERSION}" in (work / "api.log").read_text()
        asked = gait(environment, "hosts", "--json", folder=work, GAIT_URL=f"http://127.0.0.1:{port}")
        assert (asked.returncode, asked.stderr) == (0, ""), asked.stdout
        checked = gait(environment, "admin", "check-config", folder=work, **variables)
        assert "local" in checked.stdout, checked.stderr
    assert (work / "data" / "gait.db").exists()
