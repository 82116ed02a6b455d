"""An image, made without Docker: its instructions carried out in a folder, and its processes run from there.

What needs Docker itself is left out: the base image, whose Python is the tests' own. Where this user may make a mount
namespace, a process can be started confined as the compose files have it.
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
"""The image's user has no home, and nowhere to make one."""

PLACES = re.compile(r"(?<!\w)/(?=(app|data|venv)\b)")
"""Where the image's own folders begin in a path or URL."""


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
"""A tmpfs on /tmp and the volume are all that can be written to. The arguments are the image's folder, the working
folder, setpriv's options and the command.
"""

# The tests' own interpreter may lie where only root reads.
TO_READ = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]


def confinement() -> list[str]:
    """The command that makes a namespace of mounts."""
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def can_confine() -> bool:
    """Whether this user may; some systems forbid it, and others do not have it."""
    if not (shutil.which("unshare") and shutil.which("setpriv")):
        return False
    tried = [*confinement(), "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


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

    def start(self, log: Path, *, confined: bool = False, **environment: str) -> subprocess.Popen[bytes]:
        """CMD; it is killed with all that it started when the image is closed."""
        command = self._dockerfile.last(self._target, "CMD").command
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*self._confined(), *command] if confined else command,
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

    def _confined(self) -> list[str]:
        """What goes before a command that is to run as the image's user, without rights, on a read-only root."""
        user, group = self._dockerfile.last(self._target, "USER").text.split(":")
        root = os.geteuid() == 0
        if root:  # as the Dockerfile gives the volume to the user
            for path in (*self._root.glob("data"), *self._root.glob("data/*")):
                os.chown(path, int(user), int(group))
        who = [f"--reuid={user}", f"--regid={group}", "--clear-groups", *TO_READ] if root else ["--bounding-set=-all"]
        return [*confinement(), "sh", "-ec", CONFINE, "sh", str(self._root), str(self.app), *who]

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
