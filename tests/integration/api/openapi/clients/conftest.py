"""The API over a database with results of all test types, and code that generators made from its document."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from testbed import ROOT
from testbed.ollama_double import OllamaDouble
from testbed.servers.api_server import ApiServer, api_server
from testbed.servers.stack import settings_of
from tests.support import earlier_release

KEY = "correct horse"
QUIET = '{"post_hooks": []}'
"""Configuration of openapi-python-client: its code need not be formatted."""

SOURCES = Path(__file__).with_name("typescript")
PACKAGES = ROOT / "var" / "typescript-client"
LOCK = "package-lock.json"
OLDEST_NODE = (20, 19)

Import = Callable[[str], Any]
Body = Callable[[str], str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[ApiServer]:
    """Run the API under gunicorn, which needs KEY and has the host `local` with the model `tiny:latest`."""
    folder = tmp_path_factory.mktemp("served")
    earlier_release.write_sqlite(folder / "gait.db")
    with OllamaDouble("tiny:latest") as ollama:
        settings = settings_of(folder, redis_url, {"local": ollama.url}, API_KEYS=KEY)
        with api_server(folder, settings) as running:
            yield running


@pytest.fixture(scope="module")
def body(server: ApiServer) -> Body:
    """Return a function that reads an answer's text by its path below /api/v1."""
    return lambda path: server.get(f"/api/v1/{path}", {"X-API-Key": KEY}).text


@pytest.fixture(scope="module")
def document(server: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of the OpenAPI document."""
    path = tmp_path_factory.mktemp("generated") / "openapi.json"
    path.write_text(server.get("/openapi.json").text)
    return path


@pytest.fixture(scope="module")
def generated(document: Path) -> Iterator[Import]:
    """Return a function that imports modules of `client`, by openapi-python-client, and `models`, for pydantic."""
    folder = document.parent
    (folder / "quiet.json").write_text(QUIET)
    quiet = f"--config={folder}/quiet.json"
    run(
        "openapi_python_client",
        "generate",
        "--fail-on-warning",
        f"--path={document}",
        f"--output-path={folder}/client",
        "--meta=none",
        quiet,
    )
    models = (f"--output={folder}/models.py", "--output-model-type=pydantic_v2.BaseModel", "--formatters=builtin")
    run("datamodel_code_generator", f"--input={document}", "--input-file-type=openapi", *models)
    sys.path.insert(0, str(folder))
    yield importlib.import_module
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] in ("client", "models")]:
        del sys.modules[name]


def run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True, capture_output=True)


def has_npm() -> bool:
    """Return whether npm and a Node.js that the packages support are installed."""
    node = shutil.which("node")
    if not (node and shutil.which("npm")):
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, version.strip().removeprefix("v").split(".")[:2])) >= OLDEST_NODE


@pytest.fixture(scope="module")
def packages() -> Path:
    """Return the folder with the installed packages, which are installed once."""
    if not has_npm():
        pytest.skip("npm with Node.js 20.19 or later was not found, so no TypeScript client was generated")
    stamp = PACKAGES / "installed"
    lock = (SOURCES / LOCK).read_text()
    if not (stamp.exists() and stamp.read_text() == lock):
        PACKAGES.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", LOCK):
            shutil.copy(SOURCES / name, PACKAGES)
        npm("ci", "--no-audit", "--no-fund", cwd=PACKAGES)
        stamp.write_text(lock)
    return PACKAGES / "node_modules"


@pytest.fixture
def typescript_client(packages: Path, document: Path, tmp_path: Path) -> Path:
    """Return the compiled client. Its types fit the document, or else compiling it fails."""
    for source in SOURCES.iterdir():
        if source.is_file():
            shutil.copy(source, tmp_path)
    (tmp_path / "node_modules").symlink_to(packages)
    npm("run", "generate", cwd=tmp_path, OPENAPI=str(document))
    return tmp_path / "client.js"


def npm(*arguments: str, cwd: Path, **environment: str) -> None:
    command = ["npm", *arguments]
    done = subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
