import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from testbed import ROOT
from worker.machine import page_cache

SIZE = 400 * page_cache.PAGE
"""A size of which the kernel would read a large part ahead."""
LARGEST_CACHED = 0.1
"""Share that may be in memory at a start from disk."""


@pytest.fixture
def path() -> Iterator[str]:
    """Yield a file on a disk. The system's folder for temporary files may be in memory, where nothing is evicted."""
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    with NamedTemporaryFile(dir=folder) as file:
        file.write(os.urandom(SIZE))
        file.flush()
        yield file.name


def test_the_share_of_a_file_follows_what_is_evicted_and_read(path: str) -> None:
    assert page_cache.share(path) == 1
    page_cache.drop(path)
    assert page_cache.share(path) == pytest.approx(0, abs=LARGEST_CACHED)
    assert len(Path(path).read_bytes()) == SIZE
    assert page_cache.share(path) == 1


def test_a_sample_leaves_most_of_an_evicted_file_on_disk(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = page_cache._counted
    with Path(path).open("rb") as file:
        if counted(file.fileno()) is None:
            pytest.skip("the kernel does not count cached pages, so what a sample leaves is unknown")
        page_cache.drop(path)
        monkeypatch.setattr(page_cache, "_counted", lambda _: None)
        page_cache.share(path)
        assert (counted(file.fileno()) or 0) * page_cache.PAGE <= LARGEST_CACHED * SIZE
    assert len(Path(path).read_bytes()) == SIZE
    assert page_cache.share(path) == 1
