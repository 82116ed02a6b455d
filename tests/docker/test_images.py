"""Each image's install, start and health commands, in a clean environment that holds what the image would hold."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docker.dockerfile import PROCESSES
from tests.docker.image import Image

LIMIT_S = 60
"""Only how long a test waits before it gives up."""


@pytest.fixture(scope="module", params=PROCESSES)
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    made = Image(request.param, tmp_path_factory.mktemp(request.param) / "image")
    made.build()
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.usefixtures("redis")
def test_an_image_comes_up_is_healthy_and_stops(image: Image, redis_url: str, tmp_path: Path) -> None:
    environment = {"REDIS_URL": redis_url, "PORT": str(free_port()), "OLLAMA_HOSTS": "local=http://127.0.0.1:1"}
    before = files(image.app)
    assert not image.is_healthy(**environment)

    log = tmp_path / "log"
    process = image.start(log, **environment)
    wait_until(lambda: process.poll() is not None or image.is_healthy(**environment), log)
    assert process.poll() is None, log.read_text()

    process.terminate()
    process.wait(LIMIT_S)
    wait_until(lambda: not image.is_healthy(**environment), log)
    assert files(image.app) == before, "it writes beside its code, which an image's read-only root forbids"


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
        time.sleep(0.1)
