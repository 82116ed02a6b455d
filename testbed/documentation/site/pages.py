"""The pages of the site: `docs/`, and the pages that stand where GitHub looks for them."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from testbed import ROOT

DOCUMENTS = ROOT / "docs"
ASSETS = Path(__file__).parent / "assets"
ELSEWHERE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "reporting.md",
    "docker/README.md": "containers.md",
}
"""Pages outside `docs/`, and their names in the site."""
LINK = re.compile(r"(?P<before>\]\()(?P<path>[^)#\s:]+)(?P<after>(?:#[^)\s]*)?\))")


class OutsideLink(Exception):
    """A page links to a file that the site does not have."""


def stage(folder: Path) -> None:
    """Copy every page into an empty folder, with links that fit there. Raises OutsideLink."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DOCUMENTS, folder)
    shutil.copytree(ASSETS, folder / "assets")
    for source, name in _sources():
        (folder / name).write_text(_fitted(source, name))


def _sources() -> Iterator[tuple[Path, str]]:
    """Yield each page as (file, name in the site)."""
    for path in sorted(DOCUMENTS.rglob("*.md")):
        yield path, str(path.relative_to(DOCUMENTS))
    for source, name in ELSEWHERE.items():
        yield ROOT / source, name


def _fitted(source: Path, name: str) -> str:
    def link(found: re.Match[str]) -> str:
        target = _name_of(Path(os.path.normpath(source.parent / found["path"])))
        if target is None:
            raise OutsideLink(f"{source.relative_to(ROOT)} links to {found['path']}, which the site does not have.")
        return found["before"] + os.path.relpath(target, Path(name).parent) + found["after"]

    return LINK.sub(link, source.read_text())


def _name_of(path: Path) -> str | None:
    """Return the name of a file in the site, or None if the site does not have it."""
    if path.is_relative_to(DOCUMENTS):
        return str(path.relative_to(DOCUMENTS))
    return ELSEWHERE.get(str(path.relative_to(ROOT)))
