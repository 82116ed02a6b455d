"""The page of the machines shows what is known of each at once, even if its Ollama does not answer."""

import json
import re
import socket
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from api.web.pages.machines import one_machine
from api.web.pages.machines.hardware_facts import facts, limits
from api.web.pages.presentation.rendered_parts import KeptParts
from common.messaging.redis import clock_ms, inventory_of
from testbed.stored import readings
from testbed.stored.inventory import INVENTORY
from tests.integration.api.conftest import NewApp
from tests.integration.api.web.kept_pages import every_change_shows_at_once
from tests.support.stored.comparable import STEADY, TINY, session
from tests.support.stored.measured import Plan, measured
from tests.support.stored.sessions import claimed, queued


def words(html: str) -> str:
    """Return the text of a page, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def cards(client: FlaskClient) -> list[str]:
    answer = client.get("/machines")
    assert answer.status_code == 200
    return [words(card) for card in answer.text.split("<article")[1:]]


def test_a_machine_tells_what_it_is_and_what_it_does(client: FlaskClient, redis: Redis) -> None:
    redis.set(inventory_of("local"), json.dumps({**INVENTORY, "missing": {"bios": "the firmware <hides> it"}}))
    readings.append_all(redis, [(clock_ms(redis), readings.with_gpus(readings.GPU))])
    running, _ = queued(name="nightly"), queued()
    claimed(running)
    local, other = cards(client)
    assert "Running nightly" in local
    assert "1 session waiting" in local
    assert "Ryzen 7 · 8 cores, 16 threads · 4.50 GHz" in local
    assert "CPU 12.5 %" in local
    assert "GPU 0 VRAM of 23.4 GB 900 MB" in local
    assert "Unknown values, and why (1) BIOS the firmware &lt;hides&gt; it" in local
    assert "No session is running." in other
    assert "SAMPLER_HOST=other python -m sampler" in other


def test_the_page_waits_for_no_ollama(new_app: NewApp) -> None:
    """A host that accepts the connection and does not answer must not delay the page."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert "No session is running." in cards(new_app(ollama_hosts={"silent": url}).test_client())[0]
        silent.settimeout(0)
        with pytest.raises(BlockingIOError):  # nobody has called
            silent.accept()


@pytest.mark.parametrize(
    ("inventory", "expected"),
    [
        ({}, []),
        ({"cpu": {"model": None, "cores": None}, "os": {"name": "Debian"}}, [("System", "Debian")]),
        (
            {"gpu": [{"model": "RTX 4090", "memory": 25_757_220_864, "driver": "570"}, {"model": None}]},
            [("Graphics", "RTX 4090 · 24 GB · driver 570")],
        ),
        (
            {"gpu": [{"model": "Radeon 780M", "memory": 16_600_000_000, "shared": 16_100_000_000, "driver": None}]},
            [("Graphics", "Radeon 780M · 15.5 GB · including 15 GB of RAM")],
        ),
    ],
)
def test_what_is_not_known_of_the_hardware_is_left_out(inventory: dict[str, Any], expected: list[Any]) -> None:
    assert facts(inventory) == expected


def test_limits_in_words() -> None:
    held = {"cpus": 1.5, "memory": 2_147_483_648, "container": "docker", "hypervisor": "unknown"}
    assert limits({"limits": held}) == [
        ("Usable processors", "1.5"),
        ("Usable memory", "2 GB"),
        ("Container", "docker"),
        ("Hypervisor", "unknown kind"),
    ]
    assert limits({}) == []


def test_the_page_of_a_machine_answers_what_its_owner_asks(client: FlaskClient, redis: Redis) -> None:
    redis.set(inventory_of("local"), json.dumps(INVENTORY))
    readings.append_all(redis, [(clock_ms(redis), readings.with_gpus(readings.GPU))])
    session("one", {TINY: {0: STEADY}})
    shown = words(client.get("/machines/one?host=local&context=many").text)
    for expected in ("What fits?", f"{TINY} writes 100 tok/s.", "4,096", "small:latest", "No session is running."):
        assert expected in shown
    elsewhere = words(client.get("/machines/one?host=gone").text)
    assert "OLLAMA_HOSTS does not name gone" in elsewhere
    assert "Nothing can run there." in elsewhere


def test_the_newest_users_at_once_show_at_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def shown() -> str:
        return client.get("/machines/one?host=local").text.partition("Users at once")[2]

    def measure(wait: float) -> None:
        run = {"timeToFirstToken": wait, "decodeTokensPerSecond": 30.0, "aggregateTokensPerSecond": 60.0}
        points = [({"users": users}, [run] * 6) for users in (1, 2)]
        session = measured({"concurrency": Plan("aggregateTokensPerSecond", points, {"users": [1, 2]})})
        assert f"within {wait:.0f} ms" in words(shown())
        assert f"/sessions/{session.id}" in shown()

    changes = [lambda: measure(200), lambda: measure(900)]
    every_change_shows_at_once(shown, changes, lambda: monkeypatch.setattr(one_machine, "_kept", KeptParts(1)))
