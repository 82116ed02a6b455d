"""The commands that start Gait's processes, from a clone or an installed package, in any working folder."""

import os
import sys
from collections.abc import Mapping

from common import ROOT

PROGRAMS = {
    "web": ("gunicorn", "-c", str(ROOT / "api" / "gunicorn.py"), "api.app:create_app()"),
    "worker": ("worker",),
    "sampler": ("sampler",),
    "scheduler": ("scheduler",),
}
"""By process, as in the Procfile: Python's module and its arguments."""


def command(process: str) -> list[str]:
    """Return the command of a process. Its environment is that of `with_packages`.

    With -P, packages in the working folder do not replace Gait's own.
    """
    return [sys.executable, "-P", "-m", *PROGRAMS[process]]


def with_packages(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process that finds Gait's packages, and takes them before others on PYTHONPATH."""
    found = environment.get("PYTHONPATH")
    return {**environment, "PYTHONPATH": os.pathsep.join([str(ROOT), *([found] if found else [])])}
