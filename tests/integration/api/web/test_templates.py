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
