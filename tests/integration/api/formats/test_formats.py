"""Sessions and results in the formats of other tools, read as these read them."""

import csv
import io
import json
import re
import sqlite3
from itertools import product
from typing import Any

import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from pyarrow import parquet as pq

from api.formats.file_formats import OF_RESULTS, OF_SESSIONS
from api.formats.tables.writers import llama_bench, parquet
from tests.support.formats.benchmark_format import samples
from tests.support.stored.measured import decode, measured, prefill

RATES = (40.0, 41.5, 39.0, 42.0, 40.5, 41.0)
NAME = 'a|b\n<img src=x> @all "q" \'s'
RECORD = {"usage": {"ram": 5e9}}


def session(**values: Any) -> str:
    """Store a session of two models, in one of which names have to be escaped."""
    options = {"options": {"promptTokens": 64, "outputTokens": 32}, "record": RECORD}
    plans = {"decode": decode(*RATES, **options), "prefill": prefill({128: [900.0, 910.0], 256: [950.0]})}
    return measured(plans, ("tiny:latest", "hf.co/a b/qwen-7"), name=NAME, **values).id


@pytest.fixture
def stored(client: FlaskClient) -> str:
    assert client
    return session()


def of_session(client: FlaskClient, stored: str, name: str) -> bytes:
    answer = client.get(f"/api/v1/test-sessions/{stored}/export?format={name}")
    assert answer.status_code == 200
    assert answer.mimetype == OF_SESSIONS[name].media_type
    assert f'filename="gait-{stored}.{OF_SESSIONS[name].ending}"' in answer.headers["Content-Disposition"]
    data: bytes = answer.data
    return data


def of_results(client: FlaskClient, name: str, query: str = "") -> bytes:
    answer = client.get(f"/api/v1/test-results?format={name}{query}")
    assert (answer.status_code, answer.mimetype) == (200, OF_RESULTS[name].media_type)
    data: bytes = answer.data
    return data


def test_parquet_has_types_units_and_the_values_of_csv(
    client: FlaskClient, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROWS_IN_GROUP", 5)
    for data, text in (
        (of_session(client, stored, "parquet"), of_session(client, stored, "csv")),
        (of_results(client, "parquet"), of_results(client, "csv")),
    ):
        file = pq.ParquetFile(io.BytesIO(data))
        table, rows = file.read(), list(csv.DictReader(io.StringIO(text.decode(), newline="")))
        assert file.num_row_groups == -(-len(rows) // 5)
        assert table.schema.names == list(rows[0])
        kinds = {name: table.schema.field(name).type for name in table.schema.names}
        assert kinds["date"] == pa.timestamp("ms", tz="UTC")
        assert (kinds["n"], kinds["conditions.promptTokens"]) == (pa.int64(), pa.int64())
        assert (kinds["ci95Low"], kinds["decodeTokensPerSecond"]) == (pa.float64(), pa.float64())
        units = {name: (table.schema.field(name).metadata or {}).get(b"unit") for name in kinds}
        assert (units["decodeTokensPerSecond"], units["conditions.promptTokens"]) == (b"tokens/s", b"tokens")
        for name in ("decodeTokensPerSecond", "sessionName", "grade", "n"):
            known = [None if row[name] == "" else row[name] for row in rows]
            found = table.column(name).to_pylist()
            assert [value if value is None or kinds[name] == pa.string() else float(value) for value in known] == found


def test_json_lines_are_the_rows_of_csv(client: FlaskClient, stored: str) -> None:
    lines = [json.loads(line) for line in of_session(client, stored, "jsonl").splitlines()]
    assert {tuple(line) for line in lines} == {
        tuple(of_session(client, stored, "csv").decode().splitlines()[0].split(","))
    }
    first = lines[0]
    assert (first["decodeTokensPerSecond"], first["median"], first["n"]) == (40.0, 40.75, 6)
    assert (round(first["ci95Low"], 1), round(first["ci95High"], 1), first["grade"]) == (39.4, 41.8, "clean")
    assert lines[-1]["conditions.promptTokens"] == 256
    results = [json.loads(line) for line in of_results(client, "jsonl", "&testType=decode").splitlines()]
    assert {(round(line["ci95Low"], 1), line["n"], line["grade"]) for line in results} == {(39.4, 6, "clean")}


def test_markdown_is_a_table_that_names_cannot_break(client: FlaskClient, stored: str) -> None:
    for text in (of_session(client, stored, "markdown").decode(), of_results(client, "markdown").decode()):
        lines = text.splitlines()
        cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
        assert {len(row) for row in cells} == {10}
        assert len(lines) == 6
        assert "40.8 tok/s | 39.4 to 41.8 tok/s | 6 | clean" in text
        assert "hf.co/a b/qwen-7" in text
    assert "<" not in of_results(client, "markdown").decode().replace("\\<", "")


def test_benchstat_has_every_run_under_comparable_names(client: FlaskClient, stored: str) -> None:
    old = samples(of_session(client, stored, "benchstat").decode())
    assert old["BenchmarkDecode/model=tiny:latest", "decodeTokensPerSecond-tokens/s"] == list(RATES)
    assert old["BenchmarkDecode/model=hf.co%2Fa%20b%2Fqwen-7-1", "decodeTokensPerSecond-tokens/s"] == list(RATES)
    assert old["BenchmarkPrefill/model=tiny:latest/promptTokens=256", "promptTokensPerSecond-tokens/s"] == [950.0]
    other = session(tags=("later",), ollama="9.9.9")
    new = of_session(client, other, "benchstat").decode()
    assert samples(new).keys() == old.keys()
    compared = [line for line in new.splitlines() if not line.startswith(("Benchmark", "Unit", "#"))]
    assert compared == ["pkg: gait"]  # benchstat compares within equal configurations only
    assert "n=6 grade=clean" in new
    assert len(samples(of_results(client, "benchstat", "&testType=decode").decode())) == 2


def test_llama_bench_has_its_columns_in_each_of_its_formats(client: FlaskClient, stored: str) -> None:
    rows = json.loads(of_session(client, stored, "llama-bench-json"))
    assert [tuple(row) for row in rows] == [(*llama_bench.FIELDS, "samples_ns", "samples_ts")] * 6
    generated, prompt = rows[0], rows[1]
    assert (generated["n_prompt"], generated["n_gen"], generated["n_depth"]) == (0, 32, 64)
    assert (prompt["n_prompt"], prompt["n_gen"], prompt["n_depth"]) == (128, 0, 0)
    assert generated["samples_ts"] == list(RATES)
    assert generated["samples_ns"][0] == 800_000_000
    assert (prompt["avg_ts"], round(prompt["stddev_ts"], 2), generated["n_batch"]) == (905.0, 7.07, None)
    lines = of_session(client, stored, "llama-bench-jsonl").splitlines()
    assert [json.loads(line) for line in lines] == rows
    table = list(csv.DictReader(io.StringIO(of_session(client, stored, "llama-bench-csv").decode(), newline="")))
    assert [(float(row["avg_ts"]), row["model_filename"], row["n_batch"]) for row in table] == [
        (round(row["avg_ts"], 6), row["model_filename"], "") for row in rows
    ]
    with sqlite3.connect(":memory:") as opened:
        opened.executescript(of_results(client, "llama-bench-sql").decode())
        found = opened.execute("SELECT model_filename, typeof(n_prompt), typeof(avg_ts), n_batch FROM llama_bench")
        assert sorted(set(found)) == [(name, "integer", "real", None) for name in ("hf.co/a b/qwen-7", "tiny:latest")]


def test_a_session_without_results_has_every_format(client: FlaskClient) -> None:
    nothing = measured({"decode": decode(failure="no memory")}).id
    unusual = measured({"decode": decode(1.0, failure="no memory"), "capacity": decode(2.0)}).id
    for stored, name in product((nothing, unusual), OF_SESSIONS):
        assert of_session(client, stored, name) or name in ("jsonl", "llama-bench-jsonl"), name
    assert pq.read_table(io.BytesIO(of_session(client, nothing, "parquet"))).num_rows == 0
    assert all(of_results(client, name) for name in OF_RESULTS if not name.startswith("llama-bench"))
