"""A parser of docker/Dockerfile: its stages and their instructions."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from testbed import ROOT

DOCKERFILE = ROOT / "docker" / "Dockerfile"
PROCESSES = ("api", "worker", "sampler", "scheduler")
ALSO_HOLDS = {"scheduler": "api"}
"""The process whose code and libraries another process needs too."""
ADMINISTERED = ("api", "scheduler")
"""The processes whose images have `python -m cli admin`."""


@dataclass(frozen=True)
class Instruction:
    """One instruction of the Dockerfile, with its continuation lines joined."""

    keyword: str
    text: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text)

    @property
    def flags(self) -> dict[str, str]:
        """The options before the arguments, such as `--from=api-build`."""
        return dict(word.removeprefix("--").split("=", 1) for word in self.words if word.startswith("--"))

    @property
    def arguments(self) -> list[str]:
        return [word for word in self.words if not word.startswith("--")]

    @property
    def command(self) -> list[str]:
        """The exec form of a CMD or HEALTHCHECK. Any other form raises JSONDecodeError."""
        command: list[str] = json.loads(self.text[self.text.index("[") :])
        return command


class Dockerfile:
    def __init__(self, path: Path = DOCKERFILE) -> None:
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        joined = "\n".join(lines).replace("\\\n", " ")
        self.stages: dict[str, tuple[str, list[Instruction]]] = {}
        for line in filter(str.strip, joined.splitlines()):
            instruction = Instruction(*line.strip().split(maxsplit=1))
            if instruction.keyword == "FROM":
                base, _, name = instruction.words
                self.stages[name] = (base, [])
            else:
                list(self.stages.values())[-1][1].append(instruction)

    def lineage(self, stage: str) -> list[str]:
        """Return the stages that a stage is built on, the oldest first, and itself."""
        base = self.stages[stage][0]
        return [*(self.lineage(base) if base in self.stages else []), stage]

    def instructions(self, stage: str, *keywords: str) -> list[Instruction]:
        """Return the instructions of a stage and of the stages that it is built on, in order."""
        return [each for name in self.lineage(stage) for each in self.stages[name][1] if each.keyword in keywords]

    def last(self, stage: str, keyword: str) -> Instruction:
        """Return the last instruction of a keyword, which replaces earlier ones."""
        return self.instructions(stage, keyword)[-1]

    def environment(self, stage: str, path: str) -> dict[str, str]:
        """Return the variables that ENV sets. `path` is the base image's PATH."""
        values = {"PATH": path}
        for instruction in self.instructions(stage, "ENV"):
            for word in instruction.words:
                name, _, value = word.partition("=")
                values[name] = re.sub(r"\$(\w+)", lambda variable: values[variable[1]], value)
        return values
