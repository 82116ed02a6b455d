"""Keys of the API in the settings, as digests."""

import os
from pathlib import Path

import pytest

from common.environment.settings import conceal_keys, renew
from common.errors import ConfigurationError
from tests.unit.common.environment.environment import digests, read

pytestmark = pytest.mark.usefixtures("empty_environment")


def test_keys_come_from_a_file_and_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "two\n\n# since March\n #revoked\nthree,four\r\n"
    (tmp_path / "keys").write_text(text, "utf-8-sig")  # as editors on Windows write it
    found = read(monkeypatch, API_KEYS="one", API_KEYS_FILE=str(tmp_path / "keys"))
    assert found.api_keys == digests("one", "two", "three", "four")


def test_a_file_without_a_key_does_not_open_the_api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(" \n,\n")
    with pytest.raises(ConfigurationError, match="READ_ONLY_KEYS_FILE: the file holds no key"):
        read(monkeypatch, READ_ONLY_KEYS_FILE=str(tmp_path / "keys"))
    assert read(monkeypatch, READ_ONLY_KEYS_FILE=str(tmp_path / "keys"), API_KEYS="k").read_only_keys == ()


def test_the_environment_keeps_only_digests_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    before = read(monkeypatch, API_KEYS=f"one, {digests('two')[0]}", GAIT_READ_ONLY_KEYS="'three'")
    conceal_keys()
    assert (os.environ["API_KEYS"], os.environ["GAIT_READ_ONLY_KEYS"]) == (
        ",".join(digests("one", "two")),
        *digests("three"),
    )
    assert renew() == before


def test_a_key_file_that_is_not_text_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="is not a text file"):
        read(monkeypatch, API_KEYS_FILE=str(tmp_path / "keys"))
