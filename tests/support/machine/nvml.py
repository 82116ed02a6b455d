"""NVML without a GPU: nvml.c, compiled and loaded in place of the driver's library."""

import ctypes
import subprocess
from pathlib import Path

import pynvml
import pytest

SOURCE = Path(__file__).with_name("nvml.c")


def compiled(folder: Path, *options: str) -> Path:
    """Compile the library into a folder."""
    library = folder / "libnvidia-ml.so.1"
    command = ["gcc", "-Wall", "-Werror", "-shared", "-fPIC", *options, "-o", str(library), str(SOURCE)]
    subprocess.run(command, check=True)
    return library


def use(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pynvml use this library."""
    monkeypatch.setattr(pynvml, "nvmlLib", ctypes.CDLL(str(library)))
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})


@pytest.fixture(scope="session")
def nvml_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("nvml"))


@pytest.fixture
def nvml(nvml_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(nvml_library, monkeypatch)


@pytest.fixture
def old_nvml(nvml: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - must run after it
    """Use a driver that lacks functions which pynvml knows."""
    use(compiled(tmp_path, "-DOLD"), monkeypatch)
