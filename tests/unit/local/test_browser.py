"""A page opens in a browser with a window, and never in the terminal."""

import webbrowser

import pytest

from local.browser import open_page

PAGE = "http://127.0.0.1:8000/sessions/1"


@pytest.mark.parametrize(
    ("platform", "variables", "opens"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"BROWSER": "firefox"}, True),
        ("darwin", {}, True),
    ],
)
def test_there_must_be_a_window(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], *, opens: bool
) -> None:
    opened: list[str] = []

    def take(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(webbrowser, "open", take)
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert open_page(PAGE) is opens
    assert opened == ([PAGE] if opens else [])
