"""The modelled fleet: what happened on which machine."""

from bench.fleet.nights import CHANGED, DRIVER_AGO, NIGHTS, UPGRADED_AGO, plans
from bench.support.modelled.sessions import Plan


def nightly() -> dict[tuple[str, int], Plan]:
    """Return the nightly session of each machine and number of nights ago."""
    return {(plan.host.name, round(plan.days)): plan for plan in plans() if plan.name == "nightly"}


def rate(plan: Plan, model: str) -> float:
    return plan.host.server.models[model].rate


def test_each_machine_has_its_models_every_night_it_was_on() -> None:
    sessions = nightly()
    assert {name for name, _ in sessions} == {"desk", "server", "laptop"}
    assert len([1 for name, _ in sessions if name == "desk"]) == NIGHTS
    assert len(sessions["desk", 1].models) == 20 > len(sessions["laptop", 1].models)


def test_some_models_changed_with_a_release_of_ollama() -> None:
    before, after = nightly()["desk", UPGRADED_AGO + 1], nightly()["desk", UPGRADED_AGO]
    assert before.host.server.release != after.host.server.release
    others = rate(after, "llama3.1:8b") / rate(before, "llama3.1:8b")
    for model, factor in CHANGED.items():
        assert abs(rate(before, model) / rate(after, model) * others - factor) < 1e-9


def test_a_driver_is_part_of_the_inventory() -> None:
    sessions = nightly()
    drivers = [sessions["server", ago].host.inventory["gpu"][0]["driver"] for ago in (DRIVER_AGO + 1, DRIVER_AGO)]
    assert len(set(drivers)) == 2
