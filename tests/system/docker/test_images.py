"""Each image's install, start and health commands, in a clean folder with the image's contents."""

import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.docker.dockerfile import ADMINISTERED, PROCESSES
from tests.system.docker.image import Image, can_confine

LIMIT_S = 60
"""How long a test waits before it gives up."""


@pytest.fixture(scope="module", params=PROCESSES)
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    made = Image(request.param, tmp_path_factory.mktemp(request.param) / "image")
    made.build()
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.usefixtures("redis")
def test_an_image_starts_is_healthy_and_stops(image: Image, redis_url: str, tmp_path: Path) -> None:
    environment: dict[str, Any] = {
        "REDIS_URL": redis_url,
        "PORT": str(free_port()),
        "OLLAMA_HOSTS": "local=http://127.0.0.1:1",
        "API_KEYS": "key",  # which the API of the image needs
    }
    before = files(image.app)
    assert not image.is_healthy(**environment)

    log = tmp_path / "log"
    process = image.start(log, **environment)
    wait_until(lambda: process.poll() is not None or image.is_healthy(**environment), log)
    assert process.poll() is None, log.read_text()

    if image.target in ADMINISTERED:
        answered = image.run("python", "-m", "cli", "admin", "--help")
        assert (answered.returncode, answered.stderr) == (0, "")

    process.terminate()
    process.wait(LIMIT_S)
    wait_until(lambda: not image.is_healthy(**environment), log)
    assert files(image.app) == before, "it wrote next to its code, where an image is read-only"


@pytest.mark.slow
@pytest.mark.skipif(not can_confine(), reason="this user may not create a mount namespace")
@pytest.mark.usefixtures("redis")
def test_a_process_needs_no_rights_and_writes_only_to_its_volume_and_tmp(
    image: Image, redis_url: str, tmp_path: Path
) -> None:
    environment: dict[str, Any] = {
        "REDIS_URL": redis_url,
        "PORT": str(free_port()),
        "OLLAMA_HOSTS": "local=http://127.0.0.1:1",
        "API_KEYS": "key",  # which the API of the image needs
    }
    log = tmp_path / "log"
    process = image.start(log, confined=True, **environment)
    wait_until(lambda: process.poll() is not None or image.is_healthy(**environment), log)
    assert process.poll() is None, log.read_text()
    status = Path(f"/proc/{process.pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    assert not Path(f"/proc/{process.pid}/root{image.app}").stat().st_mode & 0o022
    mounts = Path(f"/proc/{process.pid}/mounts").read_text().splitlines()
    assert [options for _, place, _, options, *_ in map(str.split, mounts) if place == "/"][-1].startswith("ro")
    if os.geteuid() == 0:
        assert re.search(rf"Uid:(\t{image.user}){{4}}\n", status)
    process.terminate()
    process.wait(LIMIT_S)
    assert "Read-only file system" not in log.read_text()


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until(condition: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end, log.read_text()
        time.sleep(1.5)  # each check of health starts a process
