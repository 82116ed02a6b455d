from pathlib import Path

import pytest

from common.environment import data_folder
from common.errors import ConfigurationError
from tests.unit.common.environment.environment import read

pytestmark = pytest.mark.usefixtures("empty_environment")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Make the packages those of an environment, whose folder has no pyproject.toml."""
    monkeypatch.setattr(data_folder, "ROOT", tmp_path)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HOME": "/home/me"}, "/home/me/.local/share/gait"),
        ({"HOME": "/home/me", "XDG_DATA_HOME": "/shared"}, "/shared/gait"),
        ({"HOME": "/home/me", "XDG_DATA_HOME": "relative"}, "/home/me/.local/share/gait"),
        ({"HOME": "/home/me", "XDG_DATA_HOME": "/shared", "GAIT_DATA": "~/lab"}, "/home/me/lab"),
        ({"GAIT_DATA": "lab"}, f"{Path.cwd()}/lab"),
    ],
)
def test_an_installed_gait_keeps_its_data_with_the_user(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    found = read(monkeypatch, **environment)
    assert (str(found.data), found.database_url) == (expected, f"sqlite:///{expected}/gait.db")


def test_a_database_of_ones_own_does_not_move_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, DATABASE_URL="sqlite:////elsewhere/gait.db")
    assert (str(found.data), found.database_url) == ("var", "sqlite:////elsewhere/gait.db")


@pytest.mark.usefixtures("installed")
def test_a_user_without_a_home_has_the_folder_where_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(path: Path) -> Path:
        raise RuntimeError(path)

    monkeypatch.setattr(Path, "expanduser", unknown)
    assert str(read(monkeypatch).data) == "var"
    with pytest.raises(ConfigurationError, match="GAIT_DATA: the folder that ~ stands for is unknown"):
        read(monkeypatch, GAIT_DATA="~/lab")
