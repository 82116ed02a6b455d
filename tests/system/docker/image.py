"""An image built without Docker: its instructions run in a folder, and its processes start from there.

The base image is left out, because it needs Docker; its Python is the tests' own. If this user may create a mount
namespace, a process can be started as confined as in the compose files.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from testbed import ROOT
from tests.system.docker.dockerfile import Dockerfile, Instruction

WORKDIR = "app"
HOMELESS = {"HOME": "/dev/null"}
"""The image's user has no home and cannot create one."""

PATHS = re.compile(r"(?<!\w)/(?=(app|data|uv|venv)\b)")
"""The start of the image's own folders in a path or URL."""


CONFINE = """
mount --make-rprivate /
mount --bind "$1" /mnt
mount -t tmpfs tmpfs /tmp
mkdir -p "$1"
mount --bind /mnt "$1"
if [ -d "$1/data" ]; then mount --bind "$1/data" "$1/data"; fi
mount -o remount,bind,ro "$1"
mount -o remount,bind,ro /
cd "$2"
shift 2
exec setpriv --no-new-privs "$@"
"""
"""Only a tmpfs on /tmp and the volume are writable. The arguments are the image's folder, the working folder,
setpriv's options and the command.
"""

# The tests' own interpreter may be in a folder that only root can read.
READ_RIGHTS = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]


def confinement() -> list[str]:
    """Return the command that creates a mount namespace."""
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def can_confine() -> bool:
    """Return whether this user may create a mount namespace, which some systems forbid or lack."""
    if not (shutil.which("unshare") and shutil.which("setpriv")):
        return False
    attempt = [*confinement(), "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(attempt, capture_output=True, check=False).returncode == 0


class Image:
    def __init__(self, target: str, root: Path) -> None:
        self.app = root / WORKDIR
        self._root = root
        self.target = target
        self._dockerfile = Dockerfile()
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def user(self) -> str:
        """The id of the user of its process."""
        return self._dockerfile.last(self.target, "USER").text.partition(":")[0]

    def build(self) -> None:
        """Run the stage that installs the libraries, then the image's own copies, and compile them."""
        self.app.mkdir(parents=True)
        copies = self._dockerfile.instructions(self.target, "COPY")
        for stage in [copy.flags["from"] for copy in copies if copy.flags]:
            self._run_stage(stage)
        shutil.rmtree(self.app)  # the image takes only /venv from that stage
        for volume in self._dockerfile.instructions(self.target, "VOLUME"):
            Path(self._inside(volume.text)).mkdir()
        for copy in copies:
            if not copy.flags:
                self._copy(copy)
        self._run(self._dockerfile.last(self.target, "RUN"), HOMELESS | self._environment(self.target))

    def start(self, log: Path, *, confined: bool = False, **environment: str) -> subprocess.Popen[bytes]:
        """Start CMD. Closing the image kills it with all its children."""
        command = self._dockerfile.last(self.target, "CMD").command
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*self._confined(), *command] if confined else command,
                cwd=self.app,
                env=HOMELESS | self._environment(self.target) | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def is_healthy(self, **environment: str) -> bool:
        """Return whether HEALTHCHECK succeeds."""
        check = self._dockerfile.last(self.target, "HEALTHCHECK").command
        environment = HOMELESS | self._environment(self.target) | environment
        return subprocess.run(check, cwd=self.app, env=environment, capture_output=True, check=False).returncode == 0

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run another command in it, as `docker exec` does."""
        environment = HOMELESS | self._environment(self.target)
        return subprocess.run(command, cwd=self.app, env=environment, capture_output=True, text=True, check=False)

    def close(self) -> None:
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):  # all of them have ended
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _confined(self) -> list[str]:
        """Return the prefix of a command that runs as the image's user, without rights, on a read-only root."""
        user, group = self._dockerfile.last(self.target, "USER").text.split(":")
        root = os.geteuid() == 0
        if root:  # in the Dockerfile, the volume belongs to the user
            for path in (*self._root.glob("data"), *self._root.glob("data/*")):
                os.chown(path, int(user), int(group))
        options = [f"--reuid={user}", f"--regid={group}", "--clear-groups", *READ_RIGHTS]
        options = options if root else ["--bounding-set=-all"]
        return [*confinement(), "sh", "-ec", CONFINE, "sh", str(self._root), str(self.app), *options]

    def _run_stage(self, stage: str) -> None:
        environment = os.environ | self._environment(stage)  # pip's cache and index are the machine's own
        for instruction in self._dockerfile.instructions(stage, "COPY", "RUN"):
            if instruction.keyword == "COPY":
                self._copy(instruction)
            else:
                self._run(instruction, environment)

    def _run(self, instruction: Instruction, environment: dict[str, str]) -> None:
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
        return PATHS.sub(f"{self._root}/", text)
