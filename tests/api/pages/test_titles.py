"""What a session is called."""

from api.pages.titles import called
from common.models import Session


def session(models: int, types: int, name: str | None = None) -> Session:
    named = [{"name": f"m{number}:latest"} for number in range(models)]
    return Session(name=name, models=named, test_types=[f"t{number}" for number in range(types)])


def test_a_name_is_what_a_session_is_called() -> None:
    assert called(session(1, 1, "nightly")) == "nightly"


def test_without_a_name_it_is_called_by_what_it_measures() -> None:
    assert called(session(1, 2)) == "t0, t1: m0"
    assert called(session(10, 15)) == "15 test types: 10 models"


def test_without_its_test_types_it_is_called_by_its_models() -> None:
    assert called(Session(name=None, models=[{"name": "m0:latest"}])) == "m0"
