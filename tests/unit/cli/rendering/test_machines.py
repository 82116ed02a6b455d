"""Models and hardware for a terminal."""

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, RenderableType

from api.openapi import examples
from cli.rendering import machines
from cli.rendering.conclusions import overviews
from testbed.stored.inventory import INVENTORY


def printed(parts: Iterable[RenderableType]) -> str:
    console = Console(file=StringIO(), width=120, record=True)
    console.print(*parts, sep="\n")
    return console.export_text()


def test_models_have_the_sizes_that_ollama_list_shows() -> None:
    model = {"name": "llama3.2:3b", "size": 2_019_393_189, "tags": [], "modified": None}
    assert "2.02 GB" in printed(machines.models({"models": [model]}))


def test_a_disk_is_counted_in_powers_of_ten_and_memory_in_powers_of_two() -> None:
    shown = printed(machines.hardware({**INVENTORY, "fingerprint": {"id": "1"}, "limits": {}, "missing": {}}))
    for text in ("nvme, 1.00 TB", "Radeon 780M, 4 GB, driver 6.1", "32 GB, DDR5"):
        assert text in shown


def test_what_a_machine_can_do_is_the_example_of_the_api() -> None:
    document = examples.answer("readOverview", "application/json")
    shown = printed(overviews.overview(document))
    for text in ("What fits?", "3.28 GB", "39.6 GB", "partly CPU", "104", "0.0729"):
        assert text in shown
    assert "unknown" not in shown
