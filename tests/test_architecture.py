"""Who may know whom. The parts of Gait share `common` and nothing else."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.messaging import queue

REPOSITORY = Path(__file__).parent.parent
PARTS = ("api", "worker", "sampler", "common")
LOCAL = "local"
ENVIRONMENT = ("environ", "environb", "getenv", "getenvb", "putenv")
SETTINGS = "common/config.py"

FILES = sorted(path for part in PARTS for path in (REPOSITORY / part).rglob("*.py"))
NAMES = [str(path.relative_to(REPOSITORY)) for path in FILES]


@pytest.fixture(params=FILES, ids=NAMES)
def source(request: pytest.FixtureRequest) -> tuple[str, ast.Module]:
    """Each file of the parts, by its path in the repository."""
    path: Path = request.param
    return str(path.relative_to(REPOSITORY)), ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    """The modules that a file imports, wherever in it, and by whichever spelling."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full here"
            yield node.module or ""
        elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_all_parts_are_looked_at() -> None:
    assert {name.partition("/")[0] for name in NAMES} == set(PARTS)


def test_imports_go_only_towards_common(source: tuple[str, ast.Module]) -> None:
    name, tree = source
    own = name.partition("/")[0]
    foreign = {*PARTS, LOCAL, "tests"} - {own, "common"}
    assert {module.partition(".")[0] for module in imported(tree)} & foreign == set()


def test_the_environment_is_read_in_one_file(source: tuple[str, ast.Module]) -> None:
    name, tree = source
    if name == SETTINGS:
        return
    assert set(taken_from_os(tree)).isdisjoint(ENVIRONMENT)
    assert "environs" not in imported(tree)


def taken_from_os(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (alias.name for alias in node.names)


def test_the_name_of_a_job_is_that_of_a_function_of_the_worker() -> None:
    module, _, function = queue.RUN_SESSION.rpartition(".")
    assert module.partition(".")[0] == "worker"
    assert inspect.signature(getattr(importlib.import_module(module), function)).parameters.keys() == {"session_id"}
