"""An image, made without Docker: its instructions carried out in a folder, and its processes run from there.

What needs root or Docker itself is left out: the user, the read-only root and the base image, whose Python is the
tests' own.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.docker.dockerfile import ROOT, Dockerfile, Instruction

WORKDIR = "app"
HOMELESS = {"HOME": "/dev/null"}
"""The image's user has no home, and nowhere to make one."""

PLACES = re.compile(r"(?<!\w)/(?=(app|data|venv)\b)")
"""Where the image's own folders begin in a path or URL."""


class Image:
    def __init__(self, target: str, root: Path) -> None:
        self.app = root / WORKDIR
        self._root = root
        self._target = target
        self._dockerfile = Dockerfile()
        self._processes: list[subprocess.Popen[bytes]] = []

    def build(self) -> None:
        """The stage that installs the libraries, as it stands; then what the image itself copies."""
        self.app.mkdir(parents=True)
        copies = self._dockerfile.instructions(self._target, "COPY")
        for stage in [copy.flags["from"] for copy in copies if copy.flags]:
            self._carry_out(stage)
        shutil.rmtree(self.app)  # /venv is all that is taken from there
        for volume in self._dockerfile.instructions(self._target, "VOLUME"):
            Path(self._inside(volume.text)).mkdir()
        for copy in copies:
            if not copy.flags:
                self._copy(copy)

    def start(self, log: Path, **environment: str) -> subprocess.Popen[bytes]:
        """CMD; it is killed with all that it started when the image is closed."""
        with log.open("wb") as output:
            process = subprocess.Popen(
                self._dockerfile.last(self._target, "CMD").command,
                cwd=self.app,
                env=HOMELESS | self._environment(self._target) | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def is_healthy(self, **environment: str) -> bool:
        """Whether HEALTHCHECK says so."""
        check = self._dockerfile.last(self._target, "HEALTHCHECK").command
        environment = HOMELESS | self._environment(self._target) | environment
        return subprocess.run(check, cwd=self.app, env=environment, capture_output=True, check=False).returncode == 0

    def close(self) -> None:
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):  # all have ended
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _carry_out(self, stage: str) -> None:
        environment = os.environ | self._environment(stage)  # pip's cache and index are the machine's own
        for instruction in self._dockerfile.instructions(stage, "COPY", "RUN"):
            if instruction.keyword == "COPY":
                self._copy(instruction)
            else:
                command = self._inside(re.sub(r"--mount=\S+ ", "", instruction.text))
                subprocess.run(["/bin/sh", "-c", command], cwd=self.app, env=environment, check=True)

    def _copy(self, instruction: Instruction) -> None:
        source, destination = ROOT / instruction.arguments[0], self.app / instruction.arguments[1]
        if source.is_dir():
            shutil.copytree(source, destination, ignore=shutil.ignore_patterns("__pycache__"))  # as .dockerignore does
        else:
            destination = destination / source.name if instruction.arguments[1].endswith("/") else destination
            destination.parent.mkdir(exist_ok=True)
            shutil.copy(source, destination)

    def _environment(self, stage: str) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        return {name: self._inside(value) for name, value in self._dockerfile.environment(stage, path).items()}

    def _inside(self, text: str) -> str:
        return PLACES.sub(f"{self._root}/", text)
