"""`python -m testbed.documentation.site`: build the documentation site into var/site/html, and check it."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from testbed import ROOT
from testbed.documentation.site.built_site import problems
from testbed.documentation.site.pages import OutsideLink, stage

FOLDER = ROOT / "var" / "site"
CONFIGURATION = ROOT / "zensical.toml"
PAGES, HTML = FOLDER / "pages", FOLDER / "html"
Menu = str | list["Menu"] | dict[str, "Menu"]
BUILD = [str(Path(sys.executable).with_name("zensical")), "build", "--clean", "--strict"]


def main() -> int:
    """Return 0 if the site was built and has no fault."""
    try:
        stage(PAGES)
    except OutsideLink as error:
        print(error, file=sys.stderr)
        return 1
    built = subprocess.run(BUILD, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    found = problems(HTML) + not_in_the_menu()
    if built.returncode or found:
        print(built.stdout, *found, sep="\n", file=sys.stderr)
        return 1
    print(f"The documentation is built. Open {(HTML / 'index.html').relative_to(ROOT)}")
    return 0


def not_in_the_menu() -> list[str]:
    """Return a sentence on each page that the menu lacks."""
    named = set(_names(tomllib.loads(CONFIGURATION.read_text())["project"]["nav"]))
    pages = {str(path.relative_to(PAGES)) for path in PAGES.rglob("*.md")}
    return [f"{name} is not in the menu. Add it to `nav` in zensical.toml" for name in sorted(pages - named)]


def _names(menu: Menu) -> Iterator[str]:
    """Yield each page of the menu: a name, a list of entries, or an entry with its title."""
    if isinstance(menu, str):
        yield menu
    else:
        for entry in menu.values() if isinstance(menu, dict) else menu:
            yield from _names(entry)


if __name__ == "__main__":
    sys.exit(main())
