"""Two sessions on one machine, whose RAM, BIOS, microcode and disk changed between them: each shows its own."""

from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from common.store.changes import writes
from testbed.stored.inventory import INVENTORY
from tests.support.stored.measured import begun, decode, end
from tests.support.stored.sessions import claimed

BEFORE = {
    **INVENTORY,
    "cpu": {**INVENTORY["cpu"], "microcode": "0x1111"},
    "bios": {"vendor": "ASUS", "version": "BIOS-1", "date": "2024-01-02"},
}
AFTER: dict[str, Any] = {
    **BEFORE,
    "cpu": {**BEFORE["cpu"], "microcode": "0x2222"},
    "ram": {**INVENTORY["ram"], "frequency": 4800.0},
    "bios": {"vendor": "ASUS", "version": "BIOS-2", "date": "2025-03-04"},
    "storage": {"type": "sata", "size": 250_059_350_016},
}
WORDS = {"before": ("0x1111", "5.60 GHz", "BIOS-1", "nvme"), "after": ("0x2222", "4.80 GHz", "BIOS-2", "sata")}
API = "/api/v1/test-sessions"


@pytest.fixture
def ids(client: FlaskClient) -> dict[str, str]:  # noqa: ARG001 - it binds the database
    """Return the ids of the two sessions, the later of which had other hardware."""
    plan = decode(40.0, 41.0, 42.0)
    found = {}
    for name, inventory in (("before", BEFORE), ("after", AFTER)):
        session = begun({"decode": plan}, name=name)
        claim, [test] = claimed(session, inventory)
        end(claim, test, plan)
        writes.finish_session(claim)
        found[name] = session.id
    return found


def test_the_api_and_exports_give_each_session_its_own(client: FlaskClient, ids: dict[str, str]) -> None:
    for name, inventory in (("before", BEFORE), ("after", AFTER)):
        for path in (f"{API}/{ids[name]}", f"{API}/{ids[name]}/export"):
            hardware = client.get(path).get_json()["hardware"]
            for part in ("cpu", "ram", "storage", "bios"):
                assert hardware[part] == inventory[part]
    results = client.get("/api/v1/test-results").get_json()["results"]
    assert [result["hardware"]["bios"]["version"] for result in results] == ["BIOS-2", "BIOS-1"]
    assert len({result["hardware"]["fingerprint"]["id"] for result in results}) == 1
    assert len({result["hardware"]["digest"] for result in results}) == 2
    [fingerprint] = {result["hardware"]["fingerprint"]["id"] for result in results}
    assert client.get(f"/api/v1/test-results?hardwareConfig={fingerprint}").get_json()["total"] == 2


def test_pages_show_each_session_its_own(client: FlaskClient, ids: dict[str, str]) -> None:
    for name, other in (("before", "after"), ("after", "before")):
        text = unescape(client.get(f"/sessions/{ids[name]}").text)
        assert [word in text for word in WORDS[name]] == [True] * 4
        assert [word in text for word in WORDS[other]] == [False] * 4


def test_a_comparison_and_a_history_say_what_changed(client: FlaskClient, ids: dict[str, str]) -> None:
    compared = unescape(client.get(f"/compare?session={ids['before']}&session={ids['after']}").text)
    for word in (*WORDS["before"], *WORDS["after"]):
        assert f"{word}" in compared
    history = unescape(client.get("/history?model=tiny:latest&testType=decode").text)
    assert "the microcode changed from 0x1111 to 0x2222" in history
    assert "the firmware changed from ASUS, BIOS-1, 2024-01-02 to ASUS, BIOS-2, 2025-03-04" in history
