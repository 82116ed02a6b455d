"""The documents name every setting, route, test type and make target, and nothing that is not there."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from redis import Redis

from api.app import create_app
from common.catalogue.metrics import METRICS
from common.config import Settings
from worker import test_types  # noqa: F401 - registers the test types
from worker.workload.test_type import REGISTRY

ROOT = Path(__file__).parent.parent
DOCUMENTS = "\n".join(path.read_text() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
MEASURING = (ROOT / "docs" / "measuring.md").read_text()


def test_every_setting_stands_in_the_readme() -> None:
    source = (ROOT / "common" / "config.py").read_text()
    names = set(re.findall(r'(?:env\.\w+|environ\.get)\(\s*"([A-Z_]+)"', source))
    assert len(names) >= len(fields(Settings))
    readme = (ROOT / "README.md").read_text()
    assert {name for name in names if f"`{name}`" not in readme} == set()


def test_every_route_is_documented(
    redis: Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.ping()
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/gait.db")
    rules = {re.sub(r"<[^>]*>", "{id}", rule.rule) for rule in create_app().url_map.iter_rules()}
    named = {rule.removeprefix("/api/v1") for rule in rules if not rule.startswith(("/docs/", "/assets/"))} - {"/"}
    assert {rule for rule in named if f"{rule}`" not in DOCUMENTS and f"{rule} " not in DOCUMENTS} == set()


def test_every_test_type_option_metric_and_verdict_is_explained() -> None:
    options = {option.name for workload in REGISTRY.values() for option in workload.test_type.options}
    judges = "".join(path.read_text() for path in (ROOT / "worker" / "verdicts").glob("*.py"))
    verdicts = set(re.findall(r'Verdict\(\s*"([a-z-]+)"', judges))
    words = {*REGISTRY, *options, *METRICS, *verdicts}
    assert {word for word in words if f"`{word}`" not in MEASURING} == set()


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", DOCUMENTS, re.MULTILINE))
    assert {a or b for a, b in named} <= targets
    assert {target for target in targets if f"make {target}" not in DOCUMENTS} == set()
