"""The ways in which the set-up can fail, each reported in one sentence with advice, and the command that it writes."""

import subprocess
import sys
from pathlib import Path

import pytest

from common.process.version import VERSION
from local import install
from testbed import ROOT

NOT_INSTALLED = "no-such-package-of-gait==1.0 --hash=sha256:" + "0" * 64


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "OLDEST", (99, 0))
    with pytest.raises(SystemExit, match=r"needs Python 3.11 or newer.*PYTHON="):
        install.make_venv()


def test_no_venv_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(SystemExit, match=r"has no venv module\. Install it"):
        install.make_venv()


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    _pip_alone(tmp_path, monkeypatch)
    with pytest.raises(SystemExit, match=r"^The package index cannot be reached\. Connect to the network.*again$"):
        install.install(str(tmp_path / "lock.txt"))


def test_another_failure_of_pip_is_shown_from_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    _pip_alone(tmp_path, monkeypatch)
    with pytest.raises(SystemExit, match=r"(?s)No matching distribution.*The installation failed\. The whole log is"):
        install.install(str(tmp_path / "lock.txt"))


def test_a_venv_that_cannot_be_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "VENV", tmp_path / "log" / "venv")
    monkeypatch.setattr(install, "LOG", tmp_path / "log")
    with pytest.raises(SystemExit, match=r"The installation failed\. The whole log is"):
        install.make_venv()


def test_the_command_runs_in_any_folder(tmp_path: Path) -> None:
    (tmp_path / "gait").write_text(install.COMMAND.format(python=sys.executable, clone=str(ROOT)))
    (tmp_path / "gait").chmod(0o755)
    assert subprocess.check_output([tmp_path / "gait", "--version"], cwd=tmp_path, text=True) == f"gait {VERSION}\n"


def _pip_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use this environment's pip without the machine's settings, and a lock file of one package."""
    for name in ("EXTRA_INDEX_URL", "FIND_LINKS"):
        monkeypatch.setenv(f"PIP_{name}", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr(install, "VENV", Path(sys.prefix))
    monkeypatch.setattr(install, "LOG", folder / "install.log")
    (folder / "lock.txt").write_text(NOT_INSTALLED)
