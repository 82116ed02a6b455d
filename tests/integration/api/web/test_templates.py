from pathlib import Path
from unittest.mock import patch

import pytest
from jinja2 import DictLoader, Environment

from api.web import compiled_templates
from api.web.compiled_templates import CompiledTemplates
from api.web.pages import compile_templates
from tests.integration.api.conftest import NewApp


def test_templates_are_compiled_before_anybody_asks(new_app: NewApp) -> None:
    app = new_app()
    compile_templates(app)
    assert app.jinja_env.cache is not None
    compiled = {name for _, name in app.jinja_env.cache.keys()}  # noqa: SIM118 - jinja's cache is not a dict
    assert {
        "layout.html",
        "session/page.html",
        "session/results/section.html",
        "home/page.html",
        "history/page.html",
    } <= compiled


def test_a_template_is_compiled_again_once_it_or_the_code_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {"page": "one"}
    assert [times_compiled(sources, tmp_path / "kept") for _ in range(2)] == [1, 0]
    sources["page"] = "two"
    assert [times_compiled(sources, tmp_path / "kept") for _ in range(2)] == [1, 0]
    monkeypatch.setattr(compiled_templates, "_state_of_the_code", lambda: "changed")
    assert [times_compiled(sources, tmp_path / "kept") for _ in range(2)] == [1, 0]


def test_templates_are_compiled_where_none_can_be_kept(tmp_path: Path) -> None:
    assert [times_compiled({"page": "one"}, tmp_path / "no folder" / "kept") for _ in range(2)] == [1, 1]


def times_compiled(sources: dict[str, str], folder: Path) -> int:
    """Return how often a template is compiled when a new environment renders it."""
    environment = Environment(
        loader=DictLoader(sources), bytecode_cache=CompiledTemplates(str(folder)), autoescape=True
    )
    with patch.object(environment, "compile", wraps=environment.compile) as compiling:
        assert environment.get_template("page").render() == sources["page"]
    return compiling.call_count
