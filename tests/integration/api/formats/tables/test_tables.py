"""Runs and results as CSV, read as an analyst reads them."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask.testing import FlaskClient

from api.formats.tables import columns as table_columns
from api.formats.tables.outlines import ALWAYS
from api.formats.tables.rows import COLUMNS
from api.formats.tables.writers import csv_lines
from common.catalogue.metrics import METRICS
from common.store.reads.lists import pages
from common.store.tables import Test
from testbed import ROOT
from tests.support.stored.measured import decode, measured, prefill
from tests.support.stored.sessions import HARDWARE, model

NAME = 'a "name", with\'s '
USAGES = ("ramUsage", "vramUsage", "cpuUsage", "gpuUsage")
USAGE = {"ram": 5e9, "vram": None, "cpu": 12.5, "gpu": None}
SOFTWARE = {"digest": "ab" * 32, "ollamaVersion": "0.12.0", "settings": None}
RECORD = {"usage": USAGE, "software": SOFTWARE, "rejected": [], "verdicts": [{"name": "throttled"}]}
VERDICT = {"name": "reloaded", "severity": "rejects", "evidence": {}, "advice": "wait", "point": {}}


def read(client: FlaskClient, path: str, folder: Path) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the type of each column and the rows, as DuckDB finds them by itself."""
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/csv; charset=utf-8"
    (folder / "table.csv").write_bytes(answer.data)
    table = duckdb.read_csv(str(folder / "table.csv"))
    types = dict(zip(table.columns, map(str, table.types), strict=True))
    return types, [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]


def names(client: FlaskClient, path: str) -> list[str]:
    return next(csv.reader(io.StringIO(client.get(f"/api/v1/{path}").text)))


def test_runs_and_results_have_the_same_columns_with_their_types(client: FlaskClient, tmp_path: Path) -> None:
    plans = {
        "decode": decode(40.0, 41.5, record=RECORD, verdicts=[VERDICT], overall={"ramUsage": 5e9}),
        "prefill": prefill({128: [900.0]}),
    }
    session = measured(plans, ("café:1b",), name=NAME, tags=("quiet room", "b"))
    origin = {
        "sessionId": session.id,
        "modelName": "café:1b",
        "sessionName": NAME,
        "tags": "quiet room,b",
        "host": "local",
        "fingerprint": f"sha256:{HARDWARE['fingerprint']['id']}",
        "hardwareDigest": f"sha256:{HARDWARE['digest']}",
    }
    texts = dict.fromkeys([*origin, "testType", "ollamaVersion", "modelDigest"], "VARCHAR")
    numbers = {"decodeTokensPerSecond": "DOUBLE", "ramUsage": "DOUBLE", "conditions.promptTokens": "BIGINT"}

    types, runs = read(client, f"test-sessions/{session.id}/export?format=csv", tmp_path)
    counts = {"point": "BIGINT", "repetition": "BIGINT", "cpuUsage": "DOUBLE", "verdicts": "VARCHAR"}
    statistics = {"headline": "VARCHAR", "median": "DOUBLE", "n": "BIGINT", "grade": "VARCHAR"}
    assert types.pop("date").startswith("TIMESTAMP")
    assert types == {**texts, **numbers, **counts, **statistics, "promptTokensPerSecond": "DOUBLE"}
    assert [run["decodeTokensPerSecond"] for run in runs] == [40.0, 41.5, None]
    first, _, last = runs
    assert origin.items() <= first.items()
    assert (first["ramUsage"], first["cpuUsage"], first["verdicts"]) == (5e9, 12.5, "throttled")
    assert (first["ollamaVersion"], first["modelDigest"]) == ("0.12.0", f"sha256:{'ab' * 32}")
    assert (last["conditions.promptTokens"], last["modelDigest"]) == (128, f"sha256:{model('café:1b')['digest']}")

    types, results = read(client, "test-results?format=csv", tmp_path)
    assert types.pop("date").startswith("TIMESTAMP")
    of_results = {"runs": "BIGINT", "promptTokensPerSecond": "DOUBLE", "headline": "VARCHAR", "rejected": "VARCHAR"}
    of_results |= {"grade": "VARCHAR", "median": "DOUBLE", "n": "BIGINT"}
    assert types == {**texts, **numbers, **of_results}
    by_type = {result["testType"]: result for result in results}
    assert origin.items() <= by_type["decode"].items()
    assert (by_type["decode"]["runs"], by_type["decode"]["rejected"]) == (2, "reloaded")
    assert by_type["prefill"]["conditions.promptTokens"] == 128


def test_a_table_has_columns_with_values_in_the_documented_order(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = measured({"prefill": prefill({64: [1.0]}), "decode": decode(2.0)}, name="n", tags=("t",))
    paths = (f"test-sessions/{session.id}/export?format=csv", "test-results?format=csv")
    for path in paths:
        found = names(client, path)
        rows = list(csv.DictReader(io.StringIO(client.get(f"/api/v1/{path}").text)))
        assert all(any(row[name] for row in rows) for name in found)
        assert found == [name for name in COLUMNS if name in found]
    chosen = names(client, "test-results?format=csv&metrics=decodeTokensPerSecond")
    assert "promptTokensPerSecond" not in chosen
    small = [names(client, path) for path in paths]
    monkeypatch.setattr(table_columns, "MAX_EXAMINED", 1)
    for path, columns in zip(paths, small, strict=True):
        large = names(client, path)
        assert large == [name for name in COLUMNS if name in large]
        assert set(columns) <= set(large) <= {*columns, *ALWAYS, *USAGES}
    _, _, listed = (ROOT / "docs/tables.md").read_text().partition("## Columns")
    documented = re.findall(r"^\| `(\w*)` \|", listed, re.MULTILINE)
    documented.remove("METRIC")
    assert documented == [name for name in COLUMNS if name not in METRICS and not name.startswith("conditions.")]


@pytest.mark.parametrize(
    ("query", "models"),
    [
        ("", ["m5:1", "m4:1", "m3:1", "m2:1", "m1:1", "m0:1"]),
        ("&testType=ttft", []),
        ("&modelName=m3:1", ["m3:1"]),
        ("&hardwareConfig=xeon", []),
        ("&dateRange[start]=2026-03-01T00:00:01Z", ["m5:1", "m4:1", "m3:1", "m2:1", "m1:1"]),
        ("&limit=2&page=2", ["m3:1", "m2:1"]),
        ("&limit=2", ["m5:1", "m4:1"]),
    ],
)
def test_results_are_filtered_and_all_of_them_are_sent(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, query: str, models: list[str]
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 2)
    for number, second in enumerate((0, 1, 1, 1, 1, 2)):  # more than two ended at the same time
        session = measured({"decode": decode(1.0)}, (f"m{number}:1",))
        Test.update(finished_at=f"2026-03-01 00:00:0{second}.000000").where(Test.session == session).execute()
    rows = csv.DictReader(io.StringIO(client.get(f"/api/v1/test-results?format=csv{query}").text))
    assert [row["modelName"] for row in rows] == models


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"])
def test_no_text_is_a_formula(text: str) -> None:
    (_, line) = csv_lines.csv_lines(lambda: [{"sessionName": text, "ramUsage": -1.5}], 1, list)
    assert next(csv.reader(io.StringIO(line, newline=""))) == [f"'{text}", "-1.5"]
    assert line.endswith("\r\n")
