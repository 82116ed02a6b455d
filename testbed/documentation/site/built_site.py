"""What is wrong with the built site: dead links and anchors, orphans, and anything from another site."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}
"""What a browser loads by itself."""
NOT_LOADED = ("canonical", "next", "prev")
FRONT_PAGE = "index.html"
WITHOUT_LINKS = {FRONT_PAGE, "404.html"}


@dataclass
class Page(HTMLParser):
    """What a page links to, what it loads, and the anchors that it has."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if name := found.get("id"):
            self.anchors.add(name)
        if tag == "a" and (target := found.get("href")):
            self.links.append(target)
        if (target := found.get(LOADED.get(tag, ""))) and found.get("rel") not in NOT_LOADED:
            self.loads.append(target)


def problems(folder: Path) -> list[str]:
    """Return a sentence on each fault, sorted. An orphan is a page that no other page's content or menu links to."""
    pages = {path: _read(path) for path in folder.rglob("*.html")}
    found = [problem for path, page in pages.items() for problem in _of_page(folder, pages, path, page)]
    linked = {target for path, page in pages.items() for target in _targets(path, page.links) if target != path}
    orphans = {path for path in pages if path.name not in WITHOUT_LINKS} - linked
    found += [f"{path.relative_to(folder)} is an orphan: no page links to it" for path in orphans]
    return sorted(found)


def _read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text())
    return page


def _of_page(folder: Path, pages: dict[Path, Page], path: Path, page: Page) -> Iterator[str]:
    name = path.relative_to(folder)
    for target in page.loads:
        if urlsplit(target).netloc:
            yield f"{name} loads {target} from another site"
    for target in {*page.links, *page.loads}:
        url = urlsplit(target)
        if url.scheme or url.netloc or path.name == "404.html":
            continue
        file = _file(path, url.path)
        if not file.is_file():
            yield f"{name} links to {target}, which does not exist"
        elif url.fragment and file in pages and unquote(url.fragment) not in pages[file].anchors:
            yield f"{name} links to {target}, an anchor that does not exist"


def _targets(path: Path, links: list[str]) -> Iterator[Path]:
    for link in links:
        url = urlsplit(link)
        if not (url.scheme or url.netloc):
            yield _file(path, url.path)


def _file(path: Path, target: str) -> Path:
    if not target:
        return path
    file = (path.parent / unquote(target)).resolve()
    return file / FRONT_PAGE if file.is_dir() else file
