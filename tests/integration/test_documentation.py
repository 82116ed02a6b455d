"""The documents name every setting, route, test type and make target, and lead to nothing that does not exist."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from redis import Redis

from api.app import create_app
from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES
from common.catalogue.verdicts import VERDICTS
from common.environment.documented_settings import SETTINGS
from common.environment.settings import Settings, _Variables
from common.environment.timeouts import Limit
from testbed import ROOT
from testbed.documentation.reference.__main__ import documents, written
from testbed.documentation.site.built_site import problems
from testbed.screenshots.taking import IMAGES, PICTURES

NOT_SET = ("container", "notes")
"""Fields of Settings that no setting of Gait's gives."""
CHANGELOG = ROOT / "CHANGELOG.md"
FILES = [path for folder in ("docs", "docker", ".github") for path in (ROOT / folder).rglob("*.md")]
FILES += [path for path in ROOT.glob("*.md") if path != CHANGELOG]
DOCUMENTS = re.sub(r"\{\w+\}", "{id}", "\n".join(path.read_text() for path in FILES))
MEASURING = "\n".join(path.read_text() for path in (ROOT / "docs" / "measuring").glob("*.md"))
MADE_BY_THE_READER = {"docker/.env", "docker/pinned.yml", "docker/secrets", "docker/secrets/api_keys"}
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
DRAWN_BY_HAND = {ROOT / "docs" / "architecture.svg"}
"""It shows the plan of Gait and nothing that Gait shows."""
PATH = re.compile(r"`((?:api|bench|common|docker|docs|local|requirements|sampler|testbed|tests|worker)/[\w./-]*)`")


@pytest.mark.parametrize("file", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_repeats_the_code_is_in_step(file: Path) -> None:
    assert file.read_text() == written(file.read_text()), "run `make reference`"


def test_every_setting_is_in_the_catalogue_with_its_default() -> None:
    source = "".join(path.read_text() for path in (ROOT / "common/environment").glob("*.py"))
    names = set(re.findall(r'(?:data_key=|environment\.(?:get|secret)\(|environment, )"([A-Z_]+)"', source)) | {*Limit}
    assert len(names) >= len(fields(Settings)) - len(NOT_SET)
    described = {
        name.removeprefix("GAIT_"): default
        for entry in SETTINGS
        for name, default in zip(entry.names, [*entry.default.split(", "), ""], strict=False)
    }
    assert {name for name in names if name.removeprefix("GAIT_") not in described} == set()
    numbers = {field.data_key: field.load_default for field in _Variables().fields.values()}
    wrong = {
        name: default
        for name, default in numbers.items()
        if type(default) in {int, float} and float(described[str(name)]) != default
    }
    assert wrong == {}


def test_every_route_is_documented(
    redis: Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.ping()
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/gait.db")
    rules = {re.sub(r"<[^>]*>", "{id}", rule.rule) for rule in create_app().url_map.iter_rules()}
    named = {rule.removeprefix("/api/v1") for rule in rules if not rule.startswith(("/docs/", "/assets/"))} - {"/"}
    assert {rule for rule in named if not any(f"{rule}{end}" in DOCUMENTS for end in "` ?")} == set()


def test_every_test_type_option_metric_and_verdict_is_explained() -> None:
    options = {option.name for test_type in TEST_TYPES.values() for option in test_type.options}
    words = {*TEST_TYPES, *options, *METRICS, *VERDICTS}
    assert {word for word in words if f"`{word}`" not in MEASURING} == set()


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", DOCUMENTS, re.MULTILINE))
    assert {a or b for a, b in named} <= targets
    assert {target for target in targets if f"make {target}" not in DOCUMENTS} == set()


def test_every_link_leads_somewhere() -> None:
    links = [(file, link) for file in FILES for link in re.findall(r"\]\(([^)\s]+)\)", file.read_text())]
    assert [each for each in links if "://" not in each[1] and not _leads_somewhere(*each)] == []


def test_every_picture_is_one_that_a_command_makes() -> None:
    shown = {(file.parent / link).resolve() for file in FILES for link in PICTURE.findall(file.read_text())}
    made = {IMAGES / name for name in PICTURES}
    assert shown - DRAWN_BY_HAND == made
    assert {path for path in IMAGES.iterdir() if path not in made} == set()


def _leads_somewhere(file: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = file.parent / path if path else file
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(file: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_path_that_is_named_exists() -> None:
    named = {(file, path) for file in FILES for path in set(PATH.findall(file.read_text())) - MADE_BY_THE_READER}
    assert {(file, path) for file, path in named if not (ROOT / path).exists()} == set()


def test_faults_of_a_site_are_found(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<script src="https://cdn.example/x.js"></script><img src="none.png"><a href="a.html#no"></a><h1 id="b"></h1>'
        '<a href="a.html#here"></a><a href="gone.html"></a><a href="https://elsewhere.example"></a>'
    )
    (tmp_path / "a.html").write_text('<h2 id="here"></h2><a href="index.html#b"></a>')
    (tmp_path / "alone.html").write_text('<a href="alone.html"></a>')
    assert problems(tmp_path) == [
        "alone.html is an orphan: no page links to it",
        "index.html links to a.html#no, an anchor that does not exist",
        "index.html links to gone.html, which does not exist",
        "index.html links to none.png, which does not exist",
        "index.html loads https://cdn.example/x.js from another site",
    ]
