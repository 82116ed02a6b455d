"""The command of `gait` that starts each process. Images, units and manifests are called by it."""

from common.process.programs import PROGRAMS

COMMANDS = {process: "api" if process == "web" else process for process in PROGRAMS}
