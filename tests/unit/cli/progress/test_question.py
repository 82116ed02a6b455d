"""A question at the terminal takes yes, no, or nothing, which stands for the safer answer."""

import os

import pytest

from cli.progress.ctrl_c import ctrl_c
from cli.progress.question import confirms


@pytest.mark.parametrize(
    ("typed", "otherwise", "answer"),
    [
        ("\n", False, False),
        ("\n", True, True),
        ("YES\n", False, True),
        ("n\n", True, False),
        ("what?\ny\n", False, True),
    ],
)
def test_an_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, *, otherwise: bool, answer: bool
) -> None:
    read, write = os.pipe()
    os.write(write, typed.encode())
    os.close(write)
    with os.fdopen(read) as stdin, ctrl_c() as presses:
        monkeypatch.setattr("sys.stdin", stdin)
        assert confirms("Fetch it?", presses, otherwise=otherwise) is answer
    assert f"Fetch it? [{'Y/n' if otherwise else 'y/N'}]: " in capsys.readouterr().err
