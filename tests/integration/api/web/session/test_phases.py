"""What the machine did in each phase of a test, on the page of its session."""

import re

import pytest
from flask.testing import FlaskClient

from api.web.pages.session import phases
from api.web.pages.session.measured_test import MeasuredTest
from common.catalogue.readings import READINGS
from common.records.test_metrics import TestMetrics
from common.values.free_json import Json
from tests.support.stored.measured import decode, measured

UNKNOWN: Json = dict.fromkeys(READINGS)


def phase(readings: int, energy: Json | None = None, **levels: Json) -> Json:
    return {"readings": readings, "duration": 1200.0, **UNKNOWN, **levels, "energy": energy}


SEEN = {
    "phases": {
        "idle": phase(5, cpu={"mean": 3.0, "peak": 4.0}),
        "load": None,
        "prefill": phase(1),
        "decode": phase(
            12,
            {"value": 34.5, "gpu": None, "cpu": 34.5, "source": "counter", "duration": 1200.0},
            cpu={"mean": 71.5, "peak": 99.0},
            ram={"mean": 2.5e9, "peak": 2.6e9},
        ),
    },
    "peaks": UNKNOWN | {"cpu": 99.5},
}
NOBODY_LOOKED = {"phases": {"idle": None, "load": None, "prefill": phase(0), "decode": phase(0)}, "peaks": UNKNOWN}


def read(html: str) -> list[list[str]]:
    """Return the cells of the table, row by row."""
    table = re.search(r'<table class="phases">.*?</table>', html, re.DOTALL)
    assert table
    rows = re.findall(r"<tr>(.*?)</tr>", table[0], re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def test_each_phase_has_what_is_known_of_it(client: FlaskClient) -> None:
    session = measured({"decode": decode(40.0, 41.0, overall=SEEN)})
    assert read(client.get(f"/sessions/{session.id}").text) == [
        ["Phase", "CPU", "RAM of Ollama", "Energy", "Readings"],
        ["idle before the test", "3.00 % peak 4.00 %", "–", "–", "5"],
        ["prefill", "–", "–", "–", "1"],
        ["decode", "71.5 % peak 99.0 %", "2.33 GB peak 2.42 GB", "34.5 J in 1.20 s", "12"],
        ["all runs", "peak 99.5 %", "–", "–", ""],
    ]


def test_of_several_models_each_row_names_its_own(client: FlaskClient) -> None:
    session = measured({"decode": decode(40.0, 41.0, overall=SEEN)}, ("tiny:latest", "small:latest"))
    rows = read(client.get(f"/sessions/{session.id}").text)
    assert rows[0][:2] == ["Model", "Phase"]
    assert [row[0] for row in rows[1:]] == ["tiny:latest"] * 4 + ["small:latest"] * 4


@pytest.mark.parametrize("metrics", [{}, NOBODY_LOOKED])
def test_where_no_sampler_told_anything_there_is_no_table(metrics: Json) -> None:
    assert phases.table([MeasuredTest("tiny:latest", 0, TestMetrics.parse(metrics), [], [])]) is None
