"""What a session is called."""

from api.web.pages.presentation.titles import called, machine_in_short
from common.store.tables import Hardware, Session


def session(models: int, types: int, name: str | None = None) -> Session:
    conditions_at = [{"name": f"m{number}:latest"} for number in range(models)]
    return Session(name=name, models=conditions_at, test_types=[f"t{number}" for number in range(types)])


def test_a_name_is_what_a_session_is_called() -> None:
    assert called(session(1, 1, "nightly")) == "nightly"


def test_without_a_name_it_is_called_by_what_it_measures() -> None:
    assert called(session(1, 2)) == "t0, t1: m0"
    assert called(session(10, 15)) == "15 test types: 10 models"


def test_a_machine_is_told_in_a_line_with_its_gpus_first() -> None:
    card = {"model": "NVIDIA H100", "memory": 80 * 2**30, "driver": "550"}
    inventory = {"cpu": {"model": "AMD EPYC", "threads": 64}, "gpu": [card, card], "ram": {"total": 256 * 2**30}}
    shown = machine_in_short(Session(hardware=Hardware(inventory=inventory)))
    assert shown == "2 × NVIDIA H100, 80 GB; AMD EPYC, 64 threads; 256 GB of RAM"


def test_of_a_machine_only_what_is_known_is_told() -> None:
    unknown = {"cpu": {"model": None, "threads": 2}, "gpu": None, "ram": {"total": None}}
    assert machine_in_short(Session(hardware=Hardware(inventory=unknown))) == "2 threads"
    assert machine_in_short(Session(hardware=None)) == ""
